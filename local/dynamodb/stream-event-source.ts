/**
 * A DynamoDB stream as an event source of a Lambda function: gathers records into batches and hands one after the other
 * to the function. A batch that fails is handed over again, and holds up those behind it, until its attempts or its
 * records' age are used up ("Using AWS Lambda with Amazon DynamoDB").
 */
import type { Clock } from '../cloud-clock.ts';
import { storageError } from '../storage-error.ts';
import { givenUpBatch } from './given-up-batch.ts';
import type { StreamBacklog } from './stream-backlog.ts';
import { recordText, type StreamRecord, type TableStream } from './table-stream.ts';

export interface StreamEventSourceDefinition {
  name: string;
  streamArn: string;
  functionArn: string;
  batchSize: number;
  /** The function hears of a record that matches one of them. @default of every record */
  filters?: readonly { matches(record: unknown): boolean }[] | undefined;
  /** How long a batch that is not full waits for more. */
  windowSeconds: number;
  /** -1 without an end. */
  maximumRetryAttempts: number;
  /** -1 for as long as a stream keeps its records. */
  maximumRecordAgeSeconds: number;
  /** Whether it keeps records that it has not handed over for the next process. */
  isLasting: boolean;
  /** Whether a batch that fails is handed over again in halves. */
  bisects: boolean;
  /** A queue that is told of what is given up. */
  onFailure?: string | undefined;
}

export interface StreamEventSourceDependencies {
  stream: TableStream;
  clock: Clock;
  /** @param event JSON */
  invoke(functionArn: string, event: string): Promise<object>;
  /** Where it keeps records. @default in memory */
  backlog?: StreamBacklog | undefined;
  /** Whether an earlier process has made the write of a record that it left unmarked. */
  isWritten?(record: StreamRecord): Promise<boolean>;
  /** Tells a queue what is given up. */
  tell?(queueArn: string, body: string): Promise<void>;
  log(message: string): void;
}

/** DynamoDB keeps records of a stream for a day. */
const RETENTION_SECONDS = 86_400;
/** What an invocation may carry. */
const BATCH_BYTES = 6 * 1024 * 1024;
const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 60_000;

export class StreamEventSource {
  readonly #definition: StreamEventSourceDefinition;
  readonly #dependencies: StreamEventSourceDependencies;
  readonly #waiting: StreamRecord[] = [];
  #wake: () => void = () => {};
  #unsubscribe: () => void = () => {};
  #isStopped = false;

  constructor(definition: StreamEventSourceDefinition, dependencies: StreamEventSourceDependencies) {
    this.#definition = definition;
    this.#dependencies = dependencies;
  }

  /** Takes what an earlier process left, and every record from now on. */
  start(): void {
    const { filters } = this.#definition;
    const { backlog, stream } = this.#dependencies;
    const isWanted = (record: StreamRecord) =>
      filters === undefined || filters.some(filter => filter.matches(record));
    this.#unsubscribe = stream.read({
      announced(record) {
        if (isWanted(record)) backlog?.note(record);
      },
      written: record => {
        if (!isWanted(record)) return;
        this.#note(kept => kept.mark(record));
        this.#waiting.push(record);
        this.#wake();
      },
    });
    void this.#run();
  }

  /** Takes up no more records; those that wait are dropped, unless they are kept for the next process. */
  stop(): void {
    this.#isStopped = true;
    this.#unsubscribe();
    this.#wake();
  }

  async #run(): Promise<void> {
    await this.#takeLeft();
    while (!this.#isStopped) {
      await this.#gather();
      if (!this.#isStopped) await this.#process(this.#takeBatch());
    }
  }

  async #takeLeft(): Promise<void> {
    const { backlog, isWritten = async () => true } = this.#dependencies;
    const left: StreamRecord[] = [];
    for (const { record, isMarked } of backlog?.read() ?? []) {
      if (isMarked || (await isWritten(record))) left.push(record);
      else backlog?.remove([record]);
    }
    this.#waiting.unshift(...left);
  }

  /** Until a batch is full, or its first record has waited for the window. */
  async #gather(): Promise<void> {
    const { batchSize, windowSeconds } = this.#definition;
    while (this.#waiting.length === 0 && !this.#isStopped) await this.#change();
    let isOver = false;
    const cancel = this.#dependencies.clock.after(windowSeconds * 1000, () => {
      isOver = true;
      this.#wake();
    });
    while (!isOver && this.#waiting.length < batchSize && !this.#isStopped) await this.#change();
    cancel();
  }

  #takeBatch(): StreamRecord[] {
    let bytes = 0;
    const tooMuch = this.#waiting.findIndex((record, index) => {
      bytes += record.dynamodb.SizeBytes;
      return index > 0 && bytes > BATCH_BYTES;
    });
    return this.#waiting.splice(
      0,
      Math.min(this.#definition.batchSize, tooMuch < 0 ? Number.POSITIVE_INFINITY : tooMuch),
    );
  }

  async #process(batch: StreamRecord[]): Promise<void> {
    const { bisects, functionArn, maximumRetryAttempts } = this.#definition;
    let failures = 0;
    for (let attempt = 0; !this.#isStopped; attempt += 1) {
      const records = batch.filter(record => this.#isYoungEnough(record));
      if (records.length === 0) return this.#giveUp(batch, 'EventAgeExceeded', attempt);
      const outcome = await this.#invoke(functionArn, records);
      if (this.#isStopped) return;
      if (outcome === 'done') return this.#note(kept => kept.remove(batch));
      // A function that could not be invoked has used up no attempt.
      if (outcome === 'failed') failures += 1;
      if (outcome === 'failed' && bisects && batch.length > 1) return this.#processHalves(batch);
      if (maximumRetryAttempts >= 0 && failures > maximumRetryAttempts)
        return this.#giveUp(batch, 'RetryAttemptsExhausted', attempt + 1);
      await this.#pause(Math.min(FIRST_BACKOFF_MS * 2 ** attempt, LONGEST_BACKOFF_MS));
    }
  }

  async #processHalves(batch: readonly StreamRecord[]): Promise<void> {
    const middle = Math.ceil(batch.length / 2);
    await this.#process(batch.slice(0, middle));
    await this.#process(batch.slice(middle));
  }

  async #giveUp(
    batch: readonly StreamRecord[],
    condition: 'RetryAttemptsExhausted' | 'EventAgeExceeded',
    invocations: number,
  ): Promise<void> {
    const { functionArn, onFailure, streamArn } = this.#definition;
    const { clock, log } = this.#dependencies;
    log(`event source ${streamArn}: ${batch.length} records were given up`);
    if (onFailure !== undefined) {
      const lost = givenUpBatch(batch, { functionArn, streamArn, condition, invocations, now: clock.now() });
      while (!(await this.#isTold(onFailure, JSON.stringify(lost)))) await this.#pause(FIRST_BACKOFF_MS);
      if (this.#isStopped) return;
    }
    this.#note(kept => kept.remove(batch));
  }

  /** True as well once it is stopped: a lasting source has its records in the next process again. */
  async #isTold(queueArn: string, body: string): Promise<boolean> {
    if (this.#isStopped) return true;
    try {
      await this.#dependencies.tell?.(queueArn, body);
      return true;
    } catch (error) {
      this.#dependencies.log(`event source ${this.#definition.streamArn}: ${String(error)}`);
      return false;
    }
  }

  /**
   * What can't be noted once a write is made or a batch is handed over, as on a full disk, costs no more than a question or
   * a repeat: the next process asks the table for a record that is not marked, and hands over again what is not removed.
   */
  #note(step: (backlog: StreamBacklog) => void): void {
    const { backlog, log } = this.#dependencies;
    try {
      if (backlog) step(backlog);
    } catch (error) {
      log(`event source ${this.#definition.streamArn}: ${storageError('queues.db', error).message}`);
    }
  }

  async #invoke(functionArn: string, records: StreamRecord[]): Promise<'done' | 'failed' | 'throttled'> {
    const event = `{"Records":[${records.map(recordText).join(',')}]}`;
    try {
      const result = await this.#dependencies.invoke(functionArn, event);
      if ('payload' in result) return 'done';
      return 'throttled' in result ? 'throttled' : 'failed';
    } catch (error) {
      this.#dependencies.log(`event source ${this.#definition.streamArn}: ${String(error)}`);
      return 'failed';
    }
  }

  #isYoungEnough({ dynamodb: { ApproximateCreationDateTime } }: StreamRecord): boolean {
    const { maximumRecordAgeSeconds } = this.#definition;
    const ageSeconds = this.#dependencies.clock.now() / 1000 - ApproximateCreationDateTime;
    return ageSeconds < (maximumRecordAgeSeconds < 0 ? RETENTION_SECONDS : maximumRecordAgeSeconds);
  }

  /** Ends early when it is stopped; records that arrive meanwhile don't end it. */
  async #pause(ms: number): Promise<void> {
    let isOver = false;
    const cancel = this.#dependencies.clock.after(ms, () => {
      isOver = true;
      this.#wake();
    });
    while (!isOver && !this.#isStopped) await this.#change();
    cancel();
  }

  #change(): Promise<void> {
    return new Promise(resolve => {
      this.#wake = resolve;
    });
  }
}
