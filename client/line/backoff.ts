/**
 * How long to wait before trying again: full jitter (a random share of a bound that doubles), so that a chain's
 * thousand stores, cut off in the same second, don't come back in the same second.
 */
export interface BackoffLimits {
  baseMs: number;
  capMs: number;
}

/** For lines: API Gateway takes 500 new connections a second by default. */
export const RECONNECT_LIMITS: BackoffLimits = { baseMs: 1_000, capMs: 60_000 };

export class Backoff {
  readonly #limits: BackoffLimits;
  readonly #random: () => number;
  #attempts = 0;

  /** @param random from 0 up to, but not including, 1 */
  constructor(limits: BackoffLimits, random: () => number) {
    this.#limits = limits;
    this.#random = random;
  }

  /** Milliseconds to wait before the next attempt; each call counts as a failure. */
  next(): number {
    const bound = Math.min(this.#limits.baseMs * 2 ** this.#attempts, this.#limits.capMs);
    this.#attempts += 1;
    return this.#random() * bound;
  }

  /** It worked: the next failure starts small again. */
  reset(): void {
    this.#attempts = 0;
  }

  /** A line that opened and broke at once is a failure still: only one that outlived the cap counts. */
  lived(durationMs: number): void {
    if (durationMs >= this.#limits.capMs) this.reset();
  }
}
