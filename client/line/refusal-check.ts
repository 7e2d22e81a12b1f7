/**
 * Finds out that a handshake failed for the token's sake. `ws` tells the status of a refused handshake; browsers and
 * Node's own WebSocket don't, so the chain is asked over HTTP what it thinks of the token.
 */
import type { Clock } from '../time/clock.ts';
import { HandshakeError } from './line.ts';
import { requestToken, TokenRefusedError } from './token-request.ts';

export interface RefusalCheckOptions {
  clock: Clock;
  managementUrl: string | undefined;
  /** The chain takes the token no more. */
  unauthorized: () => void;
}

/** A chain that is away answers no handshake either: a fleet must not add a question to each attempt. */
const LEAST_INTERVAL_MS = 60_000;
const UNAUTHORIZED = 401;

export class RefusalCheck {
  readonly #options: RefusalCheckOptions;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(options: RefusalCheckOptions) {
    this.#options = options;
  }

  /** @param error why an attempt failed that used this token */
  handshakeFailed(error: unknown, token: string): void {
    if (!(error instanceof HandshakeError)) return;
    if (error.status === UNAUTHORIZED) this.#options.unauthorized();
    else if (error.status === undefined) void this.#ask(token);
  }

  async #ask(token: string): Promise<void> {
    const { clock, managementUrl, unauthorized } = this.#options;
    if (managementUrl === undefined || clock.now() - this.#askedAt < LEAST_INTERVAL_MS) return;
    this.#askedAt = clock.now();
    try {
      await requestToken(managementUrl, token);
    } catch (error) {
      // Anything else says nothing of the token.
      if (error instanceof TokenRefusedError && error.status === UNAUTHORIZED) unauthorized();
    }
  }
}
