/**
 * EventBridge: PutEvents, rules with the whole pattern language or on a schedule, deliveries to Lambda with retries and a dead-letter
 * queue. An event lies in the data directory before PutEvents answers, once for each target it matched.
 */
import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../cloud-clock.ts';
import { DurableQueue, type JobAnswer, type QueuedJob } from '../durable-queue.ts';
import { blocks, type Usage } from '../usage.ts';
import { entryBytes, type PutEventsEntry, parseEntry, RefusedEntryError } from './event-entry.ts';
import { EventRecord } from './event-record.ts';
import { type EventPattern, parseEventPattern } from './pattern.ts';
import { parseSchedule, scheduledEvent } from './schedule.ts';

export interface RuleDefinition {
  arn: string;
  busName: string;
  enabled: boolean;
  /** Undefined for a rule that has a schedule only. */
  pattern?: unknown;
  /** `rate(5 minutes)` */
  schedule?: string;
  targets: TargetDefinition[];
}

export interface TargetDefinition {
  /** A Lambda function or a queue. */
  arn: string;
  deadLetterArn?: string;
  /** @default 185 */
  maximumRetryAttempts?: number;
  /** @default 86,400 */
  maximumEventAgeSeconds?: number;
}

export interface EventBusDependencies {
  database: DatabaseSync;
  clock: Clock;
  account: string;
  region: string;
  /** Counts the events that publishers put; those of schedules are free. */
  usage?: Usage;
  /** Hands an event to a target; throws DeliveryError where the target may not or can't take it. */
  deliver(ruleArn: string, targetArn: string, event: unknown): Promise<void>;
  /** Sends an event that no target took to a queue, if its policy lets EventBridge. */
  sendToDeadLetterQueue(
    ruleArn: string,
    queueArn: string,
    body: string,
    attributes: Record<string, string>,
  ): Promise<void>;
}

/** A target that didn't take an event. `retryable` faults are tried again. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';
  readonly code: string;
  readonly retryable: boolean;
  constructor(code: string, message: string, retryable: boolean) {
    super(message);
    this.code = code;
    this.retryable = retryable;
  }
}

interface Delivery {
  ruleArn: string;
  target: TargetDefinition;
  event: unknown;
}
type CompiledRule = RuleDefinition & { compiled: EventPattern | undefined; periodMs: number | undefined };
type EntryResult = { EventId: string } | { ErrorCode: string; ErrorMessage: string };

const LONGEST_BACKOFF_MS = 60_000;
/** "Amazon EventBridge pricing": each 64 KB of a payload is an event. */
const BLOCK_BYTES = 64 * 1024;

export class EventBuses {
  /** What publishers have put. */
  readonly record: EventRecord;
  readonly #rules: readonly CompiledRule[];
  /** Cancels the next time of each schedule. */
  readonly #schedules = new Map<CompiledRule, () => void>();
  readonly #busNames: ReadonlySet<string>;
  readonly #dependencies: EventBusDependencies;
  readonly #deliveries: DurableQueue<Delivery>;

  /** @throws InvalidEventPatternError, InvalidScheduleError if a rule's pattern or schedule is not one */
  constructor(
    busNames: readonly string[],
    rules: readonly RuleDefinition[],
    dependencies: EventBusDependencies,
  ) {
    this.#busNames = new Set(['default', ...busNames]);
    this.#rules = rules.map(rule => ({
      ...rule,
      compiled: rule.pattern === undefined ? undefined : parseEventPattern(rule.pattern),
      periodMs: rule.schedule === undefined ? undefined : parseSchedule(rule.schedule),
    }));
    this.#dependencies = dependencies;
    this.record = new EventRecord(dependencies.database);
    this.#deliveries = new DurableQueue({
      database: dependencies.database,
      table: 'event_deliveries',
      clock: dependencies.clock,
    });
  }

  start(): void {
    this.#deliveries.start(delivery => this.#work(delivery));
    for (const rule of this.#rules) if (rule.enabled) this.#schedule(rule);
  }

  stop(): Promise<void> {
    for (const cancel of this.#schedules.values()) cancel();
    return this.#deliveries.stop();
  }

  /** PutEvents: each entry is answered by itself, so one bad entry doesn't stop the others. */
  putEvents(entries: readonly PutEventsEntry[]): { FailedEntryCount: number; Entries: EntryResult[] } {
    const Entries = entries.map(entry => this.#put(entry));
    return { FailedEntryCount: Entries.filter(result => 'ErrorCode' in result).length, Entries };
  }

  #put(entry: PutEventsEntry): EntryResult {
    try {
      const { busName, ...content } = parseEntry(entry, this.#dependencies.clock.now());
      if (!this.#busNames.has(busName)) {
        throw new RefusedEntryError('ResourceNotFoundException', `Event bus ${busName} does not exist.`);
      }
      const { account, region, usage } = this.#dependencies;
      const id = randomUUID();
      const event = { version: '0', id, account, region, ...content };
      this.#accept(busName, event);
      this.record.add(busName, event);
      usage?.add('event', blocks(entryBytes(entry), BLOCK_BYTES));
      return { EventId: id };
    } catch (error) {
      if (!(error instanceof RefusedEntryError)) throw error;
      return { ErrorCode: error.code, ErrorMessage: error.message };
    }
  }

  #accept(busName: string, event: object): void {
    for (const rule of this.#rules) {
      if (rule.enabled && rule.busName === busName && rule.compiled?.matches(event)) this.#send(rule, event);
    }
  }

  #send(rule: RuleDefinition, event: object): void {
    for (const target of rule.targets) this.#deliveries.add({ ruleArn: rule.arn, target, event });
  }

  /** The first time is a period after the start. */
  #schedule(rule: CompiledRule): void {
    const { periodMs } = rule;
    if (periodMs === undefined) return;
    const { clock, account, region } = this.#dependencies;
    const fire = () => {
      this.#schedule(rule);
      this.#send(rule, scheduledEvent(rule.arn, clock.now(), { account, region }));
    };
    this.#schedules.set(rule, clock.after(periodMs, fire));
  }

  async #work({ job, attempts, addedAt }: QueuedJob<Delivery>): Promise<JobAnswer<Delivery>> {
    try {
      await this.#dependencies.deliver(job.ruleArn, job.target.arn, job.event);
      return 'done';
    } catch (error) {
      if (!(error instanceof DeliveryError)) throw error;
      return this.#afterFailure(job, error, attempts, addedAt);
    }
  }

  async #afterFailure(
    { ruleArn, target, event }: Delivery,
    error: DeliveryError,
    attempts: number,
    addedAt: number,
  ): Promise<JobAnswer<Delivery>> {
    const { maximumRetryAttempts = 185, maximumEventAgeSeconds = 86_400, deadLetterArn } = target;
    const now = this.#dependencies.clock.now();
    const exhausted = attempts >= maximumRetryAttempts;
    const tooOld = now - addedAt >= maximumEventAgeSeconds * 1000;
    if (error.retryable && !exhausted && !tooOld) {
      return { retryAt: now + Math.min(1_000 * 2 ** attempts, LONGEST_BACKOFF_MS) };
    }
    if (deadLetterArn !== undefined) {
      await this.#dependencies.sendToDeadLetterQueue(ruleArn, deadLetterArn, JSON.stringify(event), {
        RULE_ARN: ruleArn,
        TARGET_ARN: target.arn,
        ERROR_CODE: error.code,
        ERROR_MESSAGE: error.message,
        ...(error.retryable
          ? { EXHAUSTED_RETRY_CONDITION: exhausted ? 'MaximumRetryAttempts' : 'MaximumEventAgeInSeconds' }
          : {}),
        RETRY_ATTEMPTS: String(attempts),
      });
    }
    return 'done';
  }
}
