/**
 * The device's time, as the client asks it. The default runs on `performance`, which goes on evenly when somebody
 * sets the device's clock; what the chain's time is, server-clock.ts measures against it.
 */
export interface Clock {
  /** Milliseconds; about the epoch's, and never set back. */
  now(): number;
  /** Runs `task` once `delayMs` have passed; the answer cancels it. */
  after(delayMs: number, task: () => void): () => void;
}

/** setTimeout fires at once for a longer delay, so long waits are taken in legs. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  after(delayMs, task) {
    const dueAt = systemClock.now() + delayMs;
    let timer: ReturnType<typeof setTimeout>;
    const arm = (): void => {
      const wait = Math.max(dueAt - systemClock.now(), 0);
      timer =
        wait > LONGEST_TIMEOUT_MS ? setTimeout(arm, LONGEST_TIMEOUT_MS) : setTimeout(task, Math.ceil(wait));
    };
    arm();
    return () => clearTimeout(timer);
  },
};
