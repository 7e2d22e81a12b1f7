/**
 * `dead-letters [--redrive]`: what reached nobody, and why. Listing hides nothing from anyone: messages are received
 * with a visibility timeout of zero. Redrive publishes again under the original update id, and then deletes; queues of
 * Lambda and EventBridge know no other way back. What a replay brought out of an archive stays: its prices are old ones.
 */
import {
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import type { Command } from 'commander';
import { CommandError } from '../errors.ts';
import { loadTarget, type Target } from '../target.ts';
import { printList } from '../text-table.ts';

interface DeadLetter extends Record<string, unknown> {
  id: string;
  queue: string;
  reason: string;
  body: string;
  at: string | null;
}

interface Found {
  letter: DeadLetter;
  queueUrl: string;
  receiptHandle: string;
}

/** A queue answers some of its messages at random: so many answers without a new one, and all were seen. */
const ROUNDS_WITHOUT_NEWS = 5;

export function addDeadLettersCommand(program: Command): void {
  program
    .command('dead-letters')
    .description('events and posts that were given up, with the reason')
    .option('--redrive', 'publish them again, then delete them')
    .option('--json', 'print JSON')
    .action(async (_options, command: Command) => {
      const { outputs, redrive, json } = command.optsWithGlobals<{
        outputs?: string;
        redrive?: boolean;
        json?: boolean;
      }>();
      const target = loadTarget(outputs);
      const { DeadLetterQueueUrl, RedeliveryDeadLetterQueueUrl } = target.outputs;
      const found = [
        ...(await findAll(target, DeadLetterQueueUrl)),
        ...(await findAll(target, RedeliveryDeadLetterQueueUrl)),
      ];
      const published = redrive ? found.filter(({ letter }) => !isReplayed(letter)) : [];
      for (const letter of published) await redriveOne(target, letter);
      printList(
        found.map(({ letter }) => letter),
        {
          id: letter => letter.id,
          queue: letter => letter.queue,
          reason: letter => letter.reason,
          at: letter => letter.at,
        },
        json,
      );
      if (redrive && !json) console.log(`${published.length} published again`);
    });
}

async function findAll({ queues }: Target, queueUrl: string): Promise<Found[]> {
  const found = new Map<string, Found>();
  for (let quiet = 0; quiet < ROUNDS_WITHOUT_NEWS; quiet += 1) {
    const { Messages = [] } = await queues.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: 10,
        VisibilityTimeout: 0,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
      }),
    );
    for (const message of Messages) {
      if (!found.has(message.MessageId ?? '')) quiet = -1;
      found.set(message.MessageId ?? '', describe(message, queueUrl));
    }
    if (Messages.length === 0 && found.size === 0) break;
  }
  return [...found.values()];
}

function describe(message: Message, queueUrl: string): Found {
  const { Body = '', MessageAttributes = {}, MessageId = '', ReceiptHandle = '', Attributes = {} } = message;
  const sentAt = Number(Attributes.SentTimestamp);
  const reason =
    MessageAttributes.ERROR_MESSAGE?.StringValue ??
    MessageAttributes.ErrorMessage?.StringValue ??
    reasonIn(parse(Body));
  const letter = {
    id: MessageId,
    queue: queueUrl.slice(queueUrl.lastIndexOf('/') + 1),
    reason,
    body: Body,
    at: Number.isFinite(sentAt) ? new Date(sentAt).toISOString() : null,
  };
  return { letter, queueUrl, receiptHandle: ReceiptHandle };
}

/** Ours says it itself; Lambda's failure records say how the last attempt ended. */
function reasonIn(body: Record<string, unknown>): string {
  if (typeof body.reason === 'string') return body.reason;
  const { requestContext, responsePayload } = body as {
    requestContext?: { condition?: string };
    responsePayload?: { errorMessage?: string };
  };
  if (requestContext !== undefined)
    return [requestContext.condition, responsePayload?.errorMessage].filter(Boolean).join(': ');
  return Array.isArray(body.members)
    ? `${body.members.length} stores could not be posted to`
    : 'no reason given';
}

function isReplayed({ body }: DeadLetter): boolean {
  return eventIn(parse(body))['replay-name'] !== undefined;
}

/** As the broadcast wraps it, as Lambda does, or as EventBridge leaves it. */
function eventIn(body: Record<string, unknown>): Record<string, unknown> {
  return (body.event ?? body.requestPayload ?? body) as Record<string, unknown>;
}

async function redriveOne(target: Target, { letter, queueUrl, receiptHandle }: Found): Promise<void> {
  const body = parse(letter.body);
  if (Array.isArray(body.members)) {
    await target.queues.send(
      new SendMessageCommand({ QueueUrl: target.outputs.RedeliveryQueueUrl, MessageBody: letter.body }),
    );
  } else {
    await publishAgain(target, letter, eventIn(body));
  }
  await target.queues.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: receiptHandle }));
}

async function publishAgain(
  target: Target,
  { id }: DeadLetter,
  event: Record<string, unknown>,
): Promise<void> {
  const detail = { updateId: event.id, ...((event.detail ?? {}) as object) };
  try {
    await target.putEvent(String(event.source), String(event['detail-type']), detail);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new CommandError(`dead letter ${id} could not be published again: ${error.message}`);
  }
}

function parse(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
