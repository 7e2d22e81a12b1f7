/**
 * Tells the chain's other systems what happens, on the outbound bus: sales, deliveries, rollouts, stores that come and
 * go.
 *
 * Trigger: the streams of the tables, gathered so that a list fills what EventBridge bills as one event. A batch that
 * fails is handed over again until the stream forgets it, so an event comes at least once, and its ids tell repetitions.
 * What the stream gives up, and what the bus will never take, is in the dead-letter queue.
 */
import { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import { Environment } from '../domain/names.ts';
import { type Change, tableOf, toChange } from './aws/change.ts';
import { clientOf } from './aws/client-of.ts';
import { given, lazily, required } from './aws/environment.ts';
import { log } from './aws/log.ts';
import { OutboundFeed } from './outbound/event-feed.ts';
import type { PutEvent } from './outbound/event-parts.ts';
import { outboundBusFromEnvironment } from './outbound/put-events.ts';
import { rolloutEvents } from './outbound/rollout-ended.ts';
import { salesRecorded } from './outbound/sales-recorded.ts';
import { presenceEvents, presencesOf } from './outbound/store-presence.ts';
import { UpdateDeliveries } from './outbound/update-delivered.ts';
import { updatesInInbox } from './receipts/receipt-inbox.ts';
import { receiptsFromEnvironment } from './receipts/receipts.ts';
import { connectionsFromEnvironment } from './registry/connections.ts';
import { rosterFromEnvironment } from './registry/roster.ts';
import { DeadLetters } from './updates/dead-letter-queue.ts';
import { publishedListFromEnvironment } from './updates/published-list.ts';
import { updateOfKey } from './updates/update-items.ts';
import { updateLogFromEnvironment } from './updates/update-log.ts';

const runtime = lazily(() => ({
  wanted: new Set(required(Environment.outboundEvents).split(' ')),
  feed: new OutboundFeed({
    bus: outboundBusFromEnvironment(),
    deadLetters: new DeadLetters({
      client: clientOf(SQSClient),
      queueUrl: required(Environment.outboundDeadLetterQueueUrl),
    }),
  }),
}));

const deliveries = lazily(
  () =>
    new UpdateDeliveries({
      connections: connectionsFromEnvironment(),
      roster: rosterFromEnvironment(),
      receipts: receiptsFromEnvironment(),
      updates: updateLogFromEnvironment(),
      published: publishedListFromEnvironment(),
    }),
);

export const handler = async ({ Records }: DynamoDBStreamEvent): Promise<void> => {
  const [first] = Records;
  if (first === undefined) return;
  const { feed, wanted } = runtime();
  // A batch is of one stream.
  const told = await eventsOf(tableOf(first), Records.map(toChange), Date.now());
  const events = told.filter(({ type }) => wanted.has(type));
  const fed = await feed.put(events);
  if (wanted.has('UpdateDelivered')) deliveries().remember(events);
  if (fed.put + fed.dead > 0) log.info('outbound', { ...fed, changes: Records.length });
};

async function eventsOf(table: string, changes: readonly Change[], now: number): Promise<PutEvent[]> {
  const { feed, wanted } = runtime();
  switch (table) {
    case given(Environment.salesTable):
      return salesRecorded(changes, feed);
    case given(Environment.connectionsTable): {
      const presences = presencesOf(changes);
      const gone = presences.filter(({ isConnected }) => !isConnected).map(({ storeId }) => storeId);
      const delivered = wanted.has('UpdateDelivered') ? await deliveries().without(gone, now) : [];
      return [...presenceEvents(presences), ...delivered];
    }
    case given(Environment.inboxTable):
      return deliveries().of(
        changes.flatMap(({ after }) => (after === undefined ? [] : updatesInInbox(after))),
        now,
      );
    case given(Environment.updatesTable):
      return deliveries().ofPublished(
        changes.flatMap(({ isRemoval, keys }) => (isRemoval ? [] : (updateOfKey(keys) ?? []))),
        now,
      );
    case given(Environment.stagedTable):
      return rolloutEvents(changes);
    default:
      throw new Error(`the stream of ${table} tells nothing on the outbound bus`);
  }
}
