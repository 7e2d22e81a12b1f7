/**
 * The time of the local cloud. Everything in `local/` that waits or compares times asks this clock,
 * so a test can jump over a two-hour connection lifetime without waiting for it.
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `task` once `delayMs` of this clock's time have passed; the answer cancels it. */
  after(delayMs: number, task: () => void): () => void;
  /** Shared with Lambda's worker threads: milliseconds that this clock is ahead of the machine's. */
  readonly offset: Float64Array;
}

export interface AdjustableClock extends Clock {
  /** Moves the clock forward by `ms` and runs what falls due meanwhile, in its order. */
  advance(ms: number): void;
}

interface Timer {
  dueAt: number;
  task: () => void;
  handle: NodeJS.Timeout;
}

/** The machine's clock, plus whatever `advance` has added to it. */
export function createClock(): AdjustableClock {
  const offset = new Float64Array(new SharedArrayBuffer(8));
  const timers = new Set<Timer>();
  const ahead = (): number => offset[0] ?? 0;
  const now = (): number => Date.now() + ahead();

  const arm = (timer: Timer): void => {
    // setTimeout fires at once for delays past 2^31 - 1 ms, so long waits are taken in legs.
    const wait = Math.min(Math.max(timer.dueAt - now(), 0), 2 ** 31 - 1);
    timer.handle = setTimeout(() => (timer.dueAt > now() ? arm(timer) : fire(timer)), wait);
    timer.handle.unref();
  };
  const fire = (timer: Timer): void => {
    timers.delete(timer);
    clearTimeout(timer.handle);
    timer.task();
  };

  return {
    offset,
    now,
    after(delayMs, task) {
      const timer = { dueAt: now() + delayMs, task } as Timer;
      timers.add(timer);
      arm(timer);
      return () => {
        timers.delete(timer);
        clearTimeout(timer.handle);
      };
    },
    advance(ms) {
      offset[0] = ahead() + ms;
      const due = [...timers].filter(timer => timer.dueAt <= now()).sort((a, b) => a.dueAt - b.dueAt);
      for (const timer of due) if (timers.has(timer)) fire(timer);
      for (const timer of timers) {
        clearTimeout(timer.handle);
        arm(timer);
      }
    },
  };
}
