/** A clock that stands still until a test moves it, so that two hours of a line take no time. */
import type { Clock } from '../../client/time/clock.ts';

interface Timer {
  dueAt: number;
  task: () => void;
}

export class ManualClock implements Clock {
  #now = Date.parse('2026-12-01T08:00:00.000Z');
  readonly #timers = new Set<Timer>();
  #changed: () => void = () => {};

  now(): number {
    return this.#now;
  }

  after(delayMs: number, task: () => void): () => void {
    const timer = { dueAt: this.#now + delayMs, task };
    this.#timers.add(timer);
    this.#changed();
    return () => this.#timers.delete(timer);
  }

  /** Timers that wait. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** Lets time pass at once, and runs what falls due in its order. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (let next = this.#earliest(); next !== undefined && next.dueAt <= end; next = this.#earliest()) {
      this.#now = Math.max(this.#now, next.dueAt);
      this.#timers.delete(next);
      next.task();
    }
    this.#now = end;
  }

  /** Lets time pass once something waits for it: a timer that falls due exactly then. */
  async elapse(ms: number): Promise<void> {
    while (![...this.#timers].some(({ dueAt }) => Math.abs(dueAt - this.#now - ms) < 1)) {
      await new Promise<void>(resolve => {
        this.#changed = resolve;
      });
    }
    this.advance(ms);
  }

  /** An ISO time so many milliseconds from now. */
  at(ms: number): string {
    return new Date(this.#now + ms).toISOString();
  }

  #earliest(): Timer | undefined {
    return [...this.#timers].sort((a, b) => a.dueAt - b.dueAt)[0];
  }
}
