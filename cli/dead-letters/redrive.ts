/**
 * Sends what a dead letter holds again, under the original update id, and then deletes the letter: the dead-letter queues of
 * Lambda and EventBridge know no other way back.
 */
import { type Message, SendMessageCommand } from '@aws-sdk/client-sqs';
import { CommandError } from '../errors.ts';
import type { Target } from '../target.ts';
import { contentOf, type DeadLetter } from './dead-letter.ts';
import type { LetterQueue } from './letter-queue.ts';

/** `stays`: it is not meant to be sent again. */
export type Redriven = { outcome: 'sent' | 'stays' } | { outcome: 'failed'; why: string };

/** Never throws for one letter: the others must not wait for it. */
export async function redrive(
  target: Target,
  queue: LetterQueue,
  message: Message,
  letter: DeadLetter,
): Promise<Redriven> {
  try {
    if (!(await sendAgain(target, letter))) return { outcome: 'stays' };
    await queue.delete(message);
    return { outcome: 'sent' };
  } catch (error) {
    return { outcome: 'failed', why: error instanceof Error ? error.message : String(error) };
  }
}

/** @returns false for what is not meant to be sent again */
async function sendAgain(target: Target, letter: DeadLetter): Promise<boolean> {
  const content = contentOf(letter);
  switch (content.kind) {
    case 'replayed':
      return false;
    case 'nothing':
      throw new CommandError(content.why);
    case 'posts': {
      const { RedeliveryQueueUrl: QueueUrl } = target.outputs;
      await target.queues.send(new SendMessageCommand({ QueueUrl, MessageBody: letter.body }));
      return true;
    }
    case 'work':
      await target.invoke(content.functionArn, content.payload);
      return true;
    case 'outbound':
      await target.putEvent(content.source, content.type, content.detail, target.outputs.OutboundBusName);
      return true;
    case 'event':
      await target.putEvent(content.source, content.type, content.detail);
      return true;
  }
}
