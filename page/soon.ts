/** A task that many things ask for and that is done once for all of them: soon, one at a time, and again if asked meanwhile. */
import type { Clock } from '../client/time/clock.ts';

export class Soon {
  readonly #clock: Clock;
  readonly #delayMs: number;
  readonly #task: () => Promise<void>;
  #nextMs: number;
  #asked = false;
  #busy = false;
  #stopped = false;

  /** @param task handles its own failures; @param firstMs before it is done for the first time */
  constructor(clock: Clock, delayMs: number, task: () => Promise<void>, firstMs = delayMs) {
    this.#clock = clock;
    this.#delayMs = delayMs;
    this.#task = task;
    this.#nextMs = firstMs;
  }

  ask(): void {
    this.#asked = true;
    if (!this.#busy) this.#begin();
  }

  stop(): void {
    this.#stopped = true;
  }

  #begin(): void {
    this.#busy = true;
    this.#clock.after(this.#nextMs, () => void this.#run());
    this.#nextMs = this.#delayMs;
  }

  async #run(): Promise<void> {
    if (this.#stopped) return;
    this.#asked = false;
    await this.#task();
    this.#busy = false;
    if (this.#asked) this.#begin();
  }
}
