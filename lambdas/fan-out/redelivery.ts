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
  /** Redeliveries that have failed for these lines. @default 0 */
  attempts?: number;
}

/** A message of its dead-letter queue. Sent to the redelivery queue again, it begins anew. */
export interface GivenUp extends Pick<Redelivery, 'updateId' | 'members'> {
  reason: string;
}

const MEMBERS_PER_MESSAGE = 100;
const MESSAGES_PER_BATCH = 10;

export function redeliveryFromEnvironment(): RedeliveryQueue {
  return new RedeliveryQueue({
    client: clientOf(SQSClient),
    queueUrl: required(Environment.redeliveryQueueUrl),
  });
}

export interface RedeliveryQueueOptions {
  client: SQSClient;
  queueUrl: string;
}

export class RedeliveryQueue {
  readonly #options: RedeliveryQueueOptions;

  constructor(options: RedeliveryQueueOptions) {
    this.#options = options;
  }

  /** @throws Error if the queue refused any of them: the broadcast then fails, and is retried */
  async send(updateId: string, members: readonly Member[]): Promise<void> {
    const bodies = chunks(members, MEMBERS_PER_MESSAGE).map(part =>
      JSON.stringify({ updateId, members: part } satisfies Redelivery),
    );
    const { client, queueUrl: QueueUrl } = this.#options;
    for (const batch of chunks(bodies, MESSAGES_PER_BATCH)) {
      const Entries = batch.map((MessageBody, index) => ({ Id: String(index), MessageBody }));
      const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      if (Failed.length > 0) throw new Error(`the redelivery queue refused ${Failed.length} messages`);
    }
  }
}
