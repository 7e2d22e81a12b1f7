/**
 * Asynchronous invocations of one function: stored before they are accepted, retried as Lambda retries, and in the
 * end handed to the failure destination. Each function has a queue of its own, so a slow one holds up no other.
 */
import { randomUUID } from 'node:crypto';
import { DurableQueue, type JobAnswer } from '../durable-queue.ts';
import { type Delivery, failureDeliveries } from './failure-records.ts';
import type { FunctionDefinition, FunctionError, LambdaDependencies } from './function-definition.ts';
import type { Outcome } from './function-pool.ts';

interface AsyncJob {
  requestId: string;
  /** JSON text. */
  payload: string;
  runs: number;
  throttles: number;
  error?: FunctionError;
  /** Set once the invocation is given up; stored, so that a crash can't lose the record. */
  undelivered?: Delivery[];
}

// "How Lambda handles errors and retries with asynchronous invocation": one minute before the first retry, two
// before the second; throttles from 1 second, doubling, to 5 minutes.
const RETRY_DELAYS_MS = [60_000, 120_000];
const LONGEST_THROTTLE_BACKOFF_MS = 300_000;

export class AsyncInvocations {
  readonly #definition: FunctionDefinition;
  readonly #dependencies: LambdaDependencies;
  readonly #invoke: (requestId: string, payload: string) => Promise<Outcome>;
  readonly #queue: DurableQueue<AsyncJob>;

  constructor(
    definition: FunctionDefinition,
    dependencies: LambdaDependencies,
    invoke: (requestId: string, payload: string) => Promise<Outcome>,
  ) {
    this.#definition = definition;
    this.#dependencies = dependencies;
    this.#invoke = invoke;
    this.#queue = new DurableQueue({
      database: dependencies.database,
      table: `lambda_${definition.name}`,
      clock: dependencies.clock,
      concurrency: concurrencyOf(definition, dependencies.limits.environmentsPerFunction),
      log: line => dependencies.log(definition.name, `asynchronous invocation: ${line}`),
    });
  }

  /** Stores the invocation before it returns its request id. */
  accept(payload: string): string {
    const requestId = randomUUID();
    this.#queue.add({ requestId, payload, runs: 0, throttles: 0 });
    return requestId;
  }

  start(): void {
    this.#queue.start(({ job, addedAt }) => this.#work(job, addedAt));
  }

  stop(): Promise<void> {
    return this.#queue.stop();
  }

  async #work(job: AsyncJob, addedAt: number): Promise<JobAnswer<AsyncJob>> {
    if (job.undelivered) return this.#deliver(job, job.undelivered);
    const ageMs = this.#dependencies.clock.now() - addedAt;
    if (ageMs > this.#definition.async.maximumEventAgeSeconds * 1000)
      return this.#giveUp(job, 'EventAgeExceeded');
    // "Capturing records of Lambda asynchronous invocations": with a reserved concurrency of zero, without retries.
    if (this.#definition.reservedConcurrency === 0) return this.#giveUp(job, 'RetriesExhausted');
    return this.#afterRun(job, await this.#invoke(job.requestId, job.payload));
  }

  #afterRun(job: AsyncJob, outcome: Outcome): JobAnswer<AsyncJob> {
    if ('payload' in outcome) return 'done';
    const now = this.#dependencies.clock.now();
    // The service stopped under it: not the function's failure, so it doesn't count.
    if ('stopped' in outcome) return { retryAt: now };
    if ('throttled' in outcome) {
      const backoffMs = Math.min(1000 * 2 ** job.throttles, LONGEST_THROTTLE_BACKOFF_MS);
      return { retryAt: now + backoffMs, job: { ...job, throttles: job.throttles + 1 } };
    }
    const failed = { ...job, runs: job.runs + 1, throttles: 0, error: outcome.functionError };
    const { maximumRetryAttempts } = this.#definition.async;
    if (failed.runs > maximumRetryAttempts) return this.#giveUp(failed, 'RetriesExhausted');
    return { retryAt: now + (RETRY_DELAYS_MS[failed.runs - 1] ?? 120_000), job: failed };
  }

  #giveUp(job: AsyncJob, condition: 'RetriesExhausted' | 'EventAgeExceeded'): JobAnswer<AsyncJob> {
    const now = this.#dependencies.clock.now();
    const undelivered = failureDeliveries(this.#definition, { ...job, condition, now });
    if (undelivered.length > 0) return { retryAt: now, job: { ...job, undelivered } };
    const { name } = this.#definition;
    this.#dependencies.log(name, `${job.requestId} discarded (${condition}): no failure destination`);
    return 'done';
  }

  // One a time, and the rest stored again: a destination that fails doesn't get the others their record twice.
  // Where AWS drops a record that it can't send, this one is kept and sent again.
  async #deliver(job: AsyncJob, [first, ...rest]: Delivery[]): Promise<JobAnswer<AsyncJob>> {
    if (!first) return 'done';
    const { arn } = this.#definition;
    await this.#dependencies.sendToDestination(arn, first.targetArn, first.body, first.attributes);
    if (rest.length === 0) return 'done';
    return { retryAt: this.#dependencies.clock.now(), job: { ...job, undelivered: rest } };
  }
}

// More than the function can run would only wait in its pool, or be throttled there.
function concurrencyOf({ reservedConcurrency }: FunctionDefinition, environments: number): number {
  return Math.max(1, Math.min(environments, reservedConcurrency ?? environments));
}
