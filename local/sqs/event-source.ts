/**
 * An SQS event source of a Lambda function: receives batches, invokes, deletes what was processed. A message that the
 * function reports as failed, or whose whole batch failed, stays in the queue until its visibility timeout has passed
 * ("Using Lambda with Amazon SQS").
 */
import type { Usage } from '../usage.ts';
import type { QueueService } from './queue-service.ts';

export interface EventSourceDefinition {
  queueArn: string;
  functionArn: string;
  batchSize: number;
  /** The function answers `batchItemFailures`; otherwise a batch fails or succeeds as a whole. */
  reportsBatchItemFailures: boolean;
}

export interface EventSourceDependencies {
  queues: QueueService;
  region: string;
  /** Counts the polls that AWS makes and the local cloud doesn't. */
  usage?: Usage;
  invoke(functionArn: string, event: unknown): Promise<{ payload: unknown } | object>;
  log(message: string): void;
}

interface Message {
  MessageId: string;
  ReceiptHandle: string;
  Body: string;
  Attributes?: Record<string, string>;
  MessageAttributes?: Record<string, unknown>;
  MD5OfBody?: string;
}

const LONG_POLL_SECONDS = 20;
/**
 * "Using Lambda with Amazon SQS": Lambda begins with five pollers, and none ever rests. The queue counts the requests of the
 * one that there is here; the others' are counted by time, as if they found nothing.
 */
const OTHER_POLLS_PER_MINUTE = (4 * 60) / LONG_POLL_SECONDS;
const PAUSE_AFTER_ERROR_MS = 1_000;

export class EventSource {
  readonly #definition: EventSourceDefinition;
  readonly #dependencies: EventSourceDependencies;
  #isStopped = false;

  constructor(definition: EventSourceDefinition, dependencies: EventSourceDependencies) {
    this.#definition = definition;
    this.#dependencies = dependencies;
  }

  start(): void {
    this.#dependencies.usage?.addRate('queueRequest', OTHER_POLLS_PER_MINUTE);
    void this.#poll();
  }

  /** Takes up no more batches. A long poll under way ends with the queues; its messages stay where they are. */
  stop(): void {
    this.#isStopped = true;
    this.#dependencies.usage?.addRate('queueRequest', -OTHER_POLLS_PER_MINUTE);
  }

  async #poll(): Promise<void> {
    while (!this.#isStopped) {
      try {
        await this.#processBatch();
      } catch (error) {
        if (this.#isStopped) return;
        this.#dependencies.log(`event source ${this.#definition.queueArn}: ${String(error)}`);
        await new Promise(resolve => setTimeout(resolve, PAUSE_AFTER_ERROR_MS).unref());
      }
    }
  }

  async #processBatch(): Promise<void> {
    const { batchSize, functionArn, queueArn } = this.#definition;
    const { invoke, queues } = this.#dependencies;
    const { Messages = [] } = (await queues.call('ReceiveMessage', queueArn, {
      MaxNumberOfMessages: Math.min(batchSize, 10),
      WaitTimeSeconds: LONG_POLL_SECONDS,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    })) as { Messages?: Message[] };
    if (Messages.length === 0 || this.#isStopped) return;
    const result = await invoke(functionArn, { Records: Messages.map(message => this.#record(message)) });
    const failed = this.#failures(result, Messages);
    const done = Messages.filter(({ MessageId }) => !failed.has(MessageId));
    if (done.length === 0) return;
    await queues.call('DeleteMessageBatch', queueArn, {
      Entries: done.map(({ MessageId, ReceiptHandle }) => ({ Id: MessageId, ReceiptHandle })),
    });
  }

  /** An answer that names a message which isn't in the batch counts as a failure of all, as on AWS. */
  #failures(result: { payload: unknown } | object, messages: readonly Message[]): Set<string> {
    const all = new Set(messages.map(({ MessageId }) => MessageId));
    if (!('payload' in result)) return all;
    if (!this.#definition.reportsBatchItemFailures) return new Set();
    const { batchItemFailures = [] } = (result.payload ?? {}) as {
      batchItemFailures?: { itemIdentifier?: string }[];
    };
    const named = batchItemFailures.map(({ itemIdentifier }) => itemIdentifier ?? '');
    return named.every(id => all.has(id)) ? new Set(named) : all;
  }

  #record({ Attributes = {}, Body, MD5OfBody, MessageAttributes = {}, MessageId, ReceiptHandle }: Message) {
    return {
      messageId: MessageId,
      receiptHandle: ReceiptHandle,
      body: Body,
      attributes: Attributes,
      messageAttributes: MessageAttributes,
      md5OfBody: MD5OfBody,
      eventSource: 'aws:sqs',
      eventSourceARN: this.#definition.queueArn,
      awsRegion: this.#dependencies.region,
    };
  }
}
