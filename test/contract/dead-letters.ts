/** What of the dead-letter queue concerns a test: read by long polling, taken off once it is ours. */
import { DeleteMessageCommand, type Message, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { System } from './system.ts';

export interface DeadLetter {
  reason: string;
  event: { id: string; 'detail-type': string; detail: unknown };
}

/** Long polls of two seconds, so about a quarter of a minute. */
const POLLS = 8;

/** The dead letter of an event. @throws Error that tells which others came instead */
export async function deadLetterOf(system: System, eventId: string): Promise<DeadLetter> {
  const others: string[] = [];
  for (let poll = 0; poll < POLLS; poll += 1) {
    for (const message of await receive(system)) {
      const letter = JSON.parse(message.Body ?? '{}') as DeadLetter;
      if (letter.event?.id === eventId) {
        await remove(system, message);
        return letter;
      }
      others.push(letter.event?.id ?? String(message.MessageId));
    }
  }
  throw new Error(`no dead letter of ${eventId}; others: ${others.join(', ') || 'none'}`);
}

async function receive({ clients, outputs }: System): Promise<Message[]> {
  const { Messages = [] } = await clients.queues.send(
    new ReceiveMessageCommand({
      QueueUrl: outputs.DeadLetterQueueUrl,
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: 2,
      // Others' letters, on a deployed stack, are soon there again.
      VisibilityTimeout: 1,
    }),
  );
  return Messages;
}

async function remove({ clients, outputs }: System, { ReceiptHandle }: Message): Promise<void> {
  await clients.queues.send(
    new DeleteMessageCommand({ QueueUrl: outputs.DeadLetterQueueUrl, ReceiptHandle }),
  );
}
