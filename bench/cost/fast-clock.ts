/**
 * A clock that goes faster than the machine's, alike in every process that is given its beginning: for the local cloud and
 * for the client library, whose Lambdas, stores and schedules then live a minute in some seconds.
 */
import type { Clock } from '../../local/cloud-clock.ts';

export interface ClockStart {
  /** Milliseconds since the epoch at which it began to run ahead of the machine's clock. */
  startedAt: number;
  /** Its milliseconds in one of the machine's. */
  speed: number;
}

/** How far the `Date` of a Lambda lags behind at most, in the machine's milliseconds. */
const TELL_WORKERS_EVERY_MS = 5;

/** The longest delay that setTimeout takes, in its own milliseconds. */
const LONGEST_MS = 2 ** 31 - 1;

export class FastClock implements Clock {
  readonly offset = new Float64Array(new SharedArrayBuffer(8));
  readonly #start: ClockStart;

  constructor(start: ClockStart) {
    this.#start = start;
    const tellWorkers = () => {
      this.offset[0] = this.now() - Date.now();
    };
    tellWorkers();
    setInterval(tellWorkers, TELL_WORKERS_EVERY_MS).unref();
  }

  now(): number {
    return this.#at(realNow());
  }

  after(delayMs: number, task: () => void): () => void {
    const wait = Math.min(Math.max(0, delayMs) / this.#start.speed, LONGEST_MS);
    const timer = setTimeout(task, Math.ceil(wait));
    return () => clearTimeout(timer);
  }

  /** Resolves at a time of this clock, at once if it is over. */
  until(time: number): Promise<void> {
    return new Promise(resolve => this.after(time - this.now(), resolve));
  }

  #at(real: number): number {
    const { speed, startedAt } = this.#start;
    return Math.floor(startedAt + (real - startedAt) * speed);
  }
}

/** Milliseconds since the epoch with their fraction, which a fast clock makes whole ones of. */
function realNow(): number {
  return performance.timeOrigin + performance.now();
}
