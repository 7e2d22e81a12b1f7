/** Notes the progress of a fan-out each second, as long as its worker holds the lease. */
import { LeaseLostError } from '../aws/lease.ts';
import { log } from '../aws/log.ts';

export interface EverySecond {
  /** Whether another worker has taken over: then this one must neither post nor hand over anything more. */
  readonly isLost: boolean;
  /** Ends it, after the task that is under way. @throws LeaseLostError if another worker has taken over */
  stop(): Promise<void>;
}

/** Runs a task each second, never twice at once; a failure is logged, and the task runs again in the next second. */
export function everySecond(updateId: string, task: () => Promise<void>): EverySecond {
  let running = Promise.resolve();
  let lost: LeaseLostError | undefined;
  const run = async () => {
    try {
      if (lost === undefined) await task();
    } catch (error) {
      if (error instanceof LeaseLostError) lost = error;
      else log.error('the progress could not be saved', error, { updateId });
    }
  };
  const timer = setInterval(() => {
    running = running.then(run);
  }, 1_000);
  return {
    get isLost() {
      return lost !== undefined;
    },
    async stop() {
      clearInterval(timer);
      await running;
      if (lost !== undefined) throw lost;
    },
  };
}
