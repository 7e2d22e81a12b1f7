/** The redelivery queue: posts that failed in spite of the broadcast's retries. */
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { chunks } from '../../domain/chunks.ts';
import { Environment } from '../../domain/names.ts';
import { clientOf } from '../aws/client-of.ts';
import { required } from '../aws/environment.ts';
import type { Member } from '../registry/connection-items.ts';

/** A message of the queue: an update, and the lines that have yet to receive it. */
export interface Redelivery {
  updateId: string;
  members: Member[];
}

const MEMBERS_PER_MESSAGE = 100;
const MESSAGES_PER_BATCH = 10;

export function redeliveryFromEnvironment(): RedeliveryQueue {
  return new RedeliveryQueue({
    client: clientOf(SQSClient),
    queueUrl: required(Environment.redeliveryQueueUrl),
  });
}

export class RedeliveryQueue {
  readonly #client: SQSClient;
  readonly #queueUrl: string;

  constructor(options: { client: SQSClient; queueUrl: string }) {
    this.#client = options.client;
    this.#queueUrl = options.queueUrl;
  }

  /** @throws Error if the queue refused any of them: the broadcast then fails, and is retried */
  async send(updateId: string, members: readonly Member[]): Promise<void> {
    const bodies = chunks(members, MEMBERS_PER_MESSAGE).map(part =>
      JSON.stringify({ updateId, members: part } satisfies Redelivery),
    );
    for (const batch of chunks(bodies, MESSAGES_PER_BATCH)) {
      const { Failed = [] } = await this.#client.send(
        new SendMessageBatchCommand({
          QueueUrl: this.#queueUrl,
          Entries: batch.map((MessageBody, index) => ({ Id: String(index), MessageBody })),
        }),
      );
      if (Failed.length > 0) throw new Error(`the redelivery queue refused ${Failed.length} messages`);
    }
  }
}
