/** Notices that the device has slept: timers stand still in sleep, so nothing else would fall due on waking. */
import type { Clock } from './clock.ts';
import type { ServerClock } from './server-clock.ts';

/** No round number: it coincides with no other timer of the client. */
const LOOK_EVERY_MS = 4_999;
/** The two clocks never differ by quite the same. */
const TELL_AGAIN_MS = 1_000;

export class SleepWatch {
  readonly #clock: Clock;
  readonly #serverClock: ServerClock;
  readonly #woke: () => void;
  #cancel: () => void = () => {};
  #toldMs = 0;

  /** @param woke the chain's time is later than the timers have it, and a guess until the chain is asked */
  constructor(clock: Clock, serverClock: ServerClock, woke: () => void) {
    this.#clock = clock;
    this.#serverClock = serverClock;
    this.#woke = woke;
  }

  start(): void {
    if (this.#clock.wall === undefined) return;
    this.#cancel = this.#clock.after(LOOK_EVERY_MS, () => {
      this.look();
      this.start();
    });
  }

  stop(): void {
    this.#cancel();
  }

  /** Tells of each sleep once. */
  look(): void {
    const { sleptMs } = this.#serverClock;
    const isNews = sleptMs > this.#toldMs + TELL_AGAIN_MS;
    this.#toldMs = sleptMs;
    if (!isNews) return;
    this.#serverClock.noteWaking();
    this.#woke();
  }
}
