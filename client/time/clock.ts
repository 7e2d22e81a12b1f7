/**
 * The device's time, as the client asks it. The default runs on `performance`, which goes on evenly when somebody
 * sets the device's clock; what the chain's time is, server-clock.ts measures against it.
 */
export interface Clock {
  /** Milliseconds; about the epoch's, and never set back. It may stand still while the device sleeps. */
  now(): number;
  /**
   * Milliseconds since the epoch by the device's calendar, which goes on in sleep and which anybody may set.
   *
   * @default none: sleep is not noticed
   */
  wall?(): number;
  /** Runs `task` once `delayMs` have passed; the answer cancels it. */
  after(delayMs: number, task: () => void): () => void;
}

/** setTimeout fires at once for a longer delay, so long waits are taken in legs. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: createMonotonic(),
  wall: () => Date.now(),
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

/** Asks the runtime for its clock at each call: React Native and old WebViews lack `timeOrigin`, or all of it. */
export function createMonotonic(): () => number {
  let origin: number | undefined;
  let latest = 0;
  return () => {
    const { performance } = globalThis as { performance?: { timeOrigin?: number; now(): number } };
    if (performance === undefined) {
      latest = Math.max(latest, Date.now());
      return latest;
    }
    origin ??= performance.timeOrigin ?? Date.now() - performance.now();
    return origin + performance.now();
  };
}
