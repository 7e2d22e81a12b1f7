/**
 * Saves the state: a second's worth of changes in one write, one write at a time, and the latest state wins. What
 * hangs on a save (a receipt) learns of it only when it is through.
 */
import type { Backoff } from '../line/backoff.ts';
import type { Clock } from '../time/clock.ts';

export interface SaverOptions {
  clock: Clock;
  backoff: Backoff;
  /** Changes are gathered for so long. */
  gatherMs: number;
  /** Writes the present state, and tells those who wait for it. */
  write: () => Promise<void>;
  /** Every write's end that succeeded. */
  saved: () => void;
  failed: (error: unknown) => void;
}

export class Saver {
  readonly #options: SaverOptions;
  #cancelTimer: (() => void) | undefined;
  #writing: Promise<void> | undefined;
  #stopped = false;

  constructor(options: SaverOptions) {
    this.#options = options;
  }

  /** Something changed: it will be saved within the gathering time. */
  touch(): void {
    this.#schedule(this.#options.gatherMs);
  }

  /** Saves for the last time, also what a write under way has missed. */
  async close(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer?.();
    await this.#writing;
    await this.#write();
  }

  #schedule(delayMs: number): void {
    if (this.#stopped || this.#cancelTimer !== undefined) return;
    this.#cancelTimer = this.#options.clock.after(delayMs, () => {
      this.#cancelTimer = undefined;
      // A slow disk: the write under way would miss the change, so the next one waits for its turn.
      if (this.#writing === undefined) this.#writing = this.#write();
      else this.touch();
    });
  }

  async #write(): Promise<void> {
    const { backoff, gatherMs, write, saved, failed } = this.#options;
    try {
      await write();
      backoff.reset();
      saved();
    } catch (error) {
      failed(error);
      this.#schedule(gatherMs + backoff.next());
    }
    this.#writing = undefined;
  }
}
