/** What a dead letter says: its reason, and what of it can be sent again. */
import type { Message } from '@aws-sdk/client-sqs';
import { outboundDetails } from '../../domain/outbound/outbound-events.ts';

/** A dead letter as it is printed. */
export interface DeadLetter {
  id: string;
  /** Name of the queue. */
  queue: string;
  reason: string;
  body: string;
  at: string | null;
}

/** What would bring a letter's content to the stores after all. */
export type Content =
  /** Posts that were given up: the body goes to the redelivery queue again. */
  | { kind: 'posts' }
  | { kind: 'event'; source: string; type: string; detail: object }
  /** What a function had left to a further invocation of itself, such as the rest of a broadcast. */
  | { kind: 'work'; functionArn: string; payload: object }
  /** What the outbound bus did not take. */
  | { kind: 'outbound'; source: string; type: string; detail: object }
  /** An archive brought it back: its prices are old, so it stays. */
  | { kind: 'replayed' }
  | { kind: 'nothing'; why: string };

type Json = Record<string, unknown>;

export function describeLetter(message: Message, queueUrl: string): DeadLetter {
  const { Body = '', MessageAttributes = {}, MessageId = '', Attributes = {} } = message;
  const sentAt = Number(Attributes.SentTimestamp);
  return {
    id: MessageId,
    queue: queueUrl.slice(queueUrl.lastIndexOf('/') + 1),
    // ErrorMessage is what Lambda's own queues say, ERROR_MESSAGE what EventBridge and the broadcast do.
    reason:
      MessageAttributes.ERROR_MESSAGE?.StringValue ??
      MessageAttributes.ErrorMessage?.StringValue ??
      reasonIn(parse(Body)),
    body: Body,
    at: Number.isFinite(sentAt) ? new Date(sentAt).toISOString() : null,
  };
}

/** The broadcast says it itself; Lambda's failure records say how the last attempt ended. */
function reasonIn({ members, reason, requestContext, responsePayload }: Json): string {
  if (typeof reason === 'string') return reason;
  if (isObject(requestContext)) {
    const message = isObject(responsePayload) ? responsePayload.errorMessage : undefined;
    return [requestContext.condition, message].filter(part => typeof part === 'string').join(': ');
  }
  return Array.isArray(members) ? `${members.length} stores could not be posted to` : 'no reason given';
}

export function contentOf({ body }: DeadLetter): Content {
  const letter = parse(body);
  if (isObject(letter.DDBStreamBatchInfo))
    return { kind: 'nothing', why: 'it holds the place of changes in a stream, and none of what they say' };
  if (Array.isArray(letter.members)) return { kind: 'posts' };
  // As the broadcast wraps it, as Lambda does, or as EventBridge leaves it.
  const event = letter.event ?? letter.requestPayload ?? letter;
  if (!isObject(event)) return { kind: 'nothing', why: 'it holds no event' };
  if (event['replay-name'] !== undefined) return { kind: 'replayed' };
  const { id, source, time, 'detail-type': type, detail } = event;
  if (typeof source !== 'string' || typeof type !== 'string')
    return workIn(letter) ?? { kind: 'nothing', why: 'it holds no event' };
  if (!isObject(detail)) return { kind: 'nothing', why: 'it holds no more than a part of the event' };
  if (isOutbound(type)) return { kind: 'outbound', source, type, detail };
  // It was published when it was first put: what came later still wins over it.
  return { kind: 'event', source, type, detail: { updateId: id, publishedAt: time, ...detail } };
}

function workIn({ requestContext, requestPayload }: Json): Content | undefined {
  if (!isObject(requestContext) || !isObject(requestPayload)) return undefined;
  const { functionArn } = requestContext;
  return typeof functionArn === 'string' ? { kind: 'work', functionArn, payload: requestPayload } : undefined;
}

function isOutbound(type: string): boolean {
  return Object.hasOwn(outboundDetails, type);
}

function parse(body: string): Json {
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) ? value : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
