/**
 * Sends one published update to every connected store that it concerns.
 *
 * Trigger: the rule on the update bus, asynchronously and at least once. What can't succeed goes to the dead-letter
 * queue with its reason, and the function returns: only passing faults throw, since Lambda's own retries take three
 * minutes. A repeated event posts again; stores tell by the update's id.
 */
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context, EventBridgeEvent } from 'aws-lambda';
import { parseEvent, RefusedEventError } from '../domain/events.ts';
import { Environment } from '../domain/names.ts';
import { isOver } from '../domain/time.ts';
import { encodeUpdate, type Update, UpdateTooLargeError } from '../domain/update.ts';
import { connectionsFromEnvironment, type Member } from './shared/connections.ts';
import { DeadLetters } from './shared/dead-letters.ts';
import { lazily, required, requiredNumber } from './shared/environment.ts';
import { createGatewayClient, POST_WINDOW } from './shared/gateway.ts';
import { log } from './shared/log.ts';
import { Pacer } from './shared/pacer.ts';
import { Poster } from './shared/poster.ts';

/** How many stores were posted to, were no longer there, and could not be reached in spite of the retries. */
export interface BroadcastReport {
  sent: number;
  gone: number;
  failed: number;
}

const runtime = lazily(() => ({
  connections: connectionsFromEnvironment(),
  poster: new Poster({
    client: createGatewayClient(required(Environment.gatewayEndpoint)),
    pacer: new Pacer({
      rate: requiredNumber(Environment.postsPerSecond),
      burst: requiredNumber(Environment.postBurst),
    }),
    window: POST_WINDOW,
  }),
  deadLetters: new DeadLetters({
    client: new SQSClient({}),
    queueUrl: required(Environment.deadLetterQueueUrl),
  }),
}));

/** Left for the deletes and the report when a broadcast runs into the function's timeout. */
const CLOSING_TIME_MS = 5_000;

export const handler = async (
  event: EventBridgeEvent<string, unknown>,
  context: Context,
): Promise<BroadcastReport | undefined> => {
  const startedAt = Date.now();
  try {
    const update = parseEvent(event, startedAt);
    const frame = encodeUpdate(update, {});
    const report = await broadcast(update, frame, startedAt, context);
    log.info('broadcast', {
      updateId: update.id,
      kind: update.kind,
      ...report,
      durationMs: Date.now() - startedAt,
    });
    return report;
  } catch (error) {
    const code = refusalCode(error);
    if (code === undefined || !(error instanceof Error)) throw error;
    await runtime().deadLetters.send(event, code, error.message);
    log.warn('event refused', { eventId: event.id, code });
    return undefined;
  }
};

async function broadcast(
  update: Update,
  frame: string,
  startedAt: number,
  context: Context,
): Promise<BroadcastReport> {
  const { connections, poster } = runtime();
  const mayPost = () => !isOver(update, Date.now()) && context.getRemainingTimeInMillis() > CLOSING_TIME_MS;
  const { sent, gone, failed } = await poster.post(
    frame,
    connections.members(update.audience, startedAt),
    mayPost,
  );
  await forget(gone, startedAt);
  return { sent, gone: gone.length, failed: failed.length };
}

/** A line that connected after the broadcast began was only not open yet: its entry stays. */
async function forget(gone: Member[], startedAt: number): Promise<void> {
  for (const member of gone) await runtime().connections.remove(member, startedAt);
}

function refusalCode(error: unknown): string | undefined {
  if (error instanceof RefusedEventError) return error.code;
  return error instanceof UpdateTooLargeError ? 'TooLarge' : undefined;
}
