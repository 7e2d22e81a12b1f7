/**
 * Lines whose redelivery failed: they come back later, without the others of their message, and after a few attempts
 * they lie in the dead-letter queue. So a till that hangs for minutes is not posted to for ever, and no other store is
 * posted to again because of it.
 */
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Environment } from '../../domain/names.ts';
import { clientOf } from '../aws/client-of.ts';
import { required } from '../aws/environment.ts';
import type { GivenUp, Redelivery } from './redelivery.ts';

/** How long they rest before the next attempt, in seconds; none is made after the last. */
const RESTS = [30, 120, 300];

export interface FailedAgainOptions {
  client: SQSClient;
  queueUrl: string;
  deadLetterQueueUrl: string;
}

export function failedAgainFromEnvironment(): FailedAgain {
  return new FailedAgain({
    client: clientOf(SQSClient),
    queueUrl: required(Environment.redeliveryQueueUrl),
    deadLetterQueueUrl: required(Environment.redeliveryDeadLetterQueueUrl),
  });
}

export class FailedAgain {
  readonly #options: FailedAgainOptions;

  constructor(options: FailedAgainOptions) {
    this.#options = options;
  }

  /**
   * @param redelivery the lines that failed, and how often they had failed before
   * @returns whether they are given up
   */
  async take({ attempts = 0, members, updateId }: Redelivery): Promise<boolean> {
    const { client, deadLetterQueueUrl, queueUrl } = this.#options;
    const DelaySeconds = RESTS[attempts];
    const isGivenUp = DelaySeconds === undefined;
    const body: Redelivery | GivenUp = isGivenUp
      ? { updateId, members, reason: reasonOf(members.length, attempts + 1) }
      : { updateId, members, attempts: attempts + 1 };
    await client.send(
      new SendMessageCommand({
        QueueUrl: isGivenUp ? deadLetterQueueUrl : queueUrl,
        MessageBody: JSON.stringify(body),
        ...(DelaySeconds === undefined ? {} : { DelaySeconds }),
      }),
    );
    return isGivenUp;
  }
}

function reasonOf(lines: number, attempts: number): string {
  const stores = lines === 1 ? '1 store' : `${lines} stores`;
  return `${stores} could not be posted to in ${attempts} redeliveries`;
}
