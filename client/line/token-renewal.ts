/**
 * Keeps a store's token fresh: when the chain said so, or at half of its life, the chain is asked for a new one. That
 * may fail for long: the line goes on with the token it has, and renewal tries again.
 */
import * as v from 'valibot';
import type { Clock } from '../time/clock.ts';
import type { ServerClock } from '../time/server-clock.ts';
import type { Backoff, BackoffLimits } from './backoff.ts';
import { claimsOf } from './token-claims.ts';
import { requestToken } from './token-request.ts';

export interface TokenRenewalOptions {
  clock: Clock;
  serverClock: ServerClock;
  backoff: Backoff;
  managementUrl: string;
  renewed: (token: string) => void;
  failed: (error: Error) => void;
}

/** Renewal has half of a token's life to succeed in. */
export const RENEWAL_LIMITS: BackoffLimits = { baseMs: 30_000, capMs: 3_600_000 };

const Lifetime = v.object({ iat: v.number(), exp: v.number() });

export class TokenRenewal {
  readonly #options: TokenRenewalOptions;
  #token: string;
  /** When the chain said to renew it; undefined for the first token, which nobody said that of. */
  #renewAt: number | undefined;
  #cancel: () => void = () => {};
  /** An attempt is under way, or has failed and waits for its repeat. */
  #renewing = false;
  #stopped = false;

  constructor(token: string, options: TokenRenewalOptions) {
    this.#token = token;
    this.#options = options;
  }

  /** Waits until the token is to be renewed; also right after the chain's time became known. */
  schedule(): void {
    if (this.#stopped || this.#renewing) return;
    this.#cancel();
    try {
      this.#renewAfter((this.#renewAt ?? halfLife(this.#token)) - this.#options.serverClock.now());
    } catch (error) {
      this.#options.failed(
        new Error('the token will not be renewed: it is no JWT with iat and exp', { cause: error }),
      );
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  #renewAfter(delayMs: number): void {
    this.#cancel = this.#options.clock.after(Math.max(delayMs, 0), () => void this.#renew());
  }

  async #renew(): Promise<void> {
    const { managementUrl, backoff } = this.#options;
    this.#renewing = true;
    try {
      const { token, renewAt } = await requestToken(managementUrl, this.#token);
      if (this.#stopped) return;
      if (token === this.#token) throw new Error('the answer is the same token');
      this.#token = token;
      this.#renewAt = renewAt;
      this.#renewing = false;
      backoff.reset();
      this.#options.renewed(token);
      this.schedule();
    } catch (error) {
      if (this.#stopped) return;
      this.#renewAfter(backoff.next());
      this.#options.failed(new Error('the token could not be renewed', { cause: error }));
    }
  }
}

/** Milliseconds since the epoch; the claims count seconds (RFC 7519). */
function halfLife(token: string): number {
  const { iat, exp } = v.parse(Lifetime, claimsOf(token));
  return ((iat + exp) / 2) * 1000;
}
