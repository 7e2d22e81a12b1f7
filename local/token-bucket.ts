import type { Clock } from './cloud-clock.ts';

/** API Gateway's throttle: `rate` tokens a second, at most `burst` saved up. */
export class TokenBucket {
  readonly #clock: Clock;
  readonly #rate: number;
  readonly #burst: number;
  #tokens: number;
  #filledAt: number;

  constructor(clock: Clock, limit: { rate: number; burst: number }) {
    this.#clock = clock;
    this.#rate = limit.rate;
    this.#burst = limit.burst;
    this.#tokens = limit.burst;
    this.#filledAt = clock.now();
  }

  /** Takes one token; false when there is none left. */
  take(): boolean {
    const now = this.#clock.now();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#filledAt) / 1000) * this.#rate);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
