/** A task that many things ask for and that is done once for all of them: soon, one at a time, and again if asked meanwhile. */
import type { Clock } from '../client/time/clock.ts';

export class Soon {
  readonly #clock: Clock;
  readonly #delayMs: number;
  readonly #task: () => Promise<void>;
  #asked = false;
  #busy = false;
  #stopped = false;

  /** @param task handles its own failures */
  constructor(clock: Clock, delayMs: number, task: () => Promise<void>) {
    this.#clock = clock;
    this.#delayMs = delayMs;
    this.#task = task;
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
    this.#clock.after(this.#delayMs, () => void this.#run());
  }

  async #run(): Promise<void> {
    if (this.#stopped) return;
    this.#asked = false;
    await this.#task();
    this.#busy = false;
    if (this.#asked) this.#begin();
  }
}
