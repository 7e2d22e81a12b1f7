/**
 * Keeps a store's token fresh: at half of its life the chain is asked for a new one. That fails as long as it likes;
 * the line goes on with the token it has, and renewal tries again.
 */
import * as v from 'valibot';
import type { Clock } from '../time/clock.ts';
import type { ServerClock } from '../time/server-clock.ts';
import type { Backoff, BackoffLimits } from './backoff.ts';

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
const ANSWER_TIMEOUT_MS = 30_000;

const Lifetime = v.object({ iat: v.number(), exp: v.number() });
const Answer = v.object({ token: v.string() });

export class TokenRenewal {
  readonly #options: TokenRenewalOptions;
  #token: string;
  #cancel: () => void = () => {};
  /** An attempt is under way, or has failed and waits for its repeat. */
  #renewing = false;
  #stopped = false;

  constructor(token: string, options: TokenRenewalOptions) {
    this.#token = token;
    this.#options = options;
  }

  /** Waits for half of the token's life; also right after the chain's time became known. */
  schedule(): void {
    if (this.#stopped || this.#renewing) return;
    this.#cancel();
    try {
      this.#renewAfter(halfLife(this.#token) - this.#options.serverClock.now());
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
      const token = await requestToken(managementUrl, this.#token);
      if (this.#stopped) return;
      if (token === this.#token) throw new Error('the answer is the same token');
      this.#token = token;
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
  const payload = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
  const { iat, exp } = v.parse(Lifetime, JSON.parse(atob(payload)));
  return ((iat + exp) / 2) * 1000;
}

async function requestToken(managementUrl: string, token: string): Promise<string> {
  const url = new URL('token', managementUrl.endsWith('/') ? managementUrl : `${managementUrl}/`);
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`POST ${url.pathname} answered ${response.status}`);
  return v.parse(Answer, await response.json()).token;
}
