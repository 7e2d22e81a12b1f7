/** A command that brings something up and runs until it is asked to stop. */
import { untilAskedToStop } from './signals.ts';

/** Notes how to take down what has just come up. */
export type OnStop = (close: () => Promise<void>) => void;

/**
 * Returns once it was asked to stop and what had come up is down again, in the reverse order; also where it is asked in
 * the middle.
 *
 * @throws what `bringUp` throws, after what had come up before is down: a port or a lock must not outlive the failure
 */
export async function keepUp(bringUp: (onStop: OnStop) => Promise<void>): Promise<void> {
  const asked = untilAskedToStop();
  const closers: (() => Promise<void>)[] = [];
  let isUp = false;
  const up = bringUp(close => closers.push(close)).then(() => {
    isUp = true;
  });
  try {
    await Promise.race([up, asked]);
    await asked;
  } finally {
    for (const close of closers.reverse()) await close();
  }
  // What is only half up can't be closed, and ends with the process.
  if (!isUp) process.exit();
}
