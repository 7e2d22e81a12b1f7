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
