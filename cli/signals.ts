/** Tells a command that runs on when it has to stop. */

/** Resolves at SIGINT or SIGTERM, and when npm, which passes no signal on through its shell, is gone. */
export function untilAskedToStop(): Promise<void> {
  return new Promise(done => {
    process.once('SIGINT', () => done());
    process.once('SIGTERM', () => done());
    if (process.env.npm_lifecycle_event === undefined) return;
    const parent = process.ppid;
    setInterval(() => process.ppid !== parent && done(), 250).unref();
  });
}

const WATCH_INTERVAL_MS = 2_000;

/** Looks every two seconds until the user has seen enough; the process ends with it. */
export async function watch(look: () => Promise<void>): Promise<never> {
  const stopped = untilAskedToStop().then(() => true);
  for (let isStopped = false; !isStopped; ) {
    await look();
    const pause = new Promise<boolean>(resolve => setTimeout(resolve, WATCH_INTERVAL_MS, false));
    isStopped = await Promise.race([stopped, pause]);
  }
  // What is left of the pause is waited for by nobody.
  process.exit();
}
