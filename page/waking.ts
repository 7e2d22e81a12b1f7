/**
 * Notices what an open socket doesn't: that this device lost its network or has it again, that it slept, and that somebody
 * looks at the page again.
 */
import type { Clock } from '../client/time/clock.ts';

export interface WakingOptions {
  clock: Clock;
  /** The network is gone, as the browser says. */
  lost: () => void;
  /** The network is back, the device woke, or the page is seen again: what is known may be old. */
  back: () => void;
}

const LOOK_MS = 1_000;
/** A page that nobody sees has its timers held back by up to a minute, which is no sleep. */
const SLEEP_MS = 5_000;

export class Waking {
  readonly #options: WakingOptions;
  readonly #lost = () => this.#options.lost();
  readonly #back = () => this.#options.back();
  readonly #seen = () => {
    if (document.visibilityState === 'visible') this.#options.back();
  };
  #cancel: () => void = () => {};
  #lookedAt = 0;

  constructor(options: WakingOptions) {
    this.#options = options;
  }

  start(): void {
    addEventListener('offline', this.#lost);
    addEventListener('online', this.#back);
    document.addEventListener('visibilitychange', this.#seen);
    this.#look();
  }

  stop(): void {
    removeEventListener('offline', this.#lost);
    removeEventListener('online', this.#back);
    document.removeEventListener('visibilitychange', this.#seen);
    this.#cancel();
  }

  #look(): void {
    const now = this.#options.clock.wall?.() ?? this.#options.clock.now();
    const hasSlept = this.#lookedAt > 0 && now - this.#lookedAt > SLEEP_MS;
    this.#lookedAt = now;
    if (hasSlept) this.#seen();
    this.#cancel = this.#options.clock.after(LOOK_MS, () => this.#look());
  }
}
