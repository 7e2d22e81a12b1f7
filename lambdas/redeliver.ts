/**
 * Repeats the posts of a broadcast that failed.
 *
 * Trigger: the redelivery queue, in batches with partial failures: a message that can't be handled stays in the queue,
 * and goes to the dead-letter queue after its last attempt. Lines whose posts fail again go back to the queue in a message
 * of their own, a few times, and then to the dead-letter queue. A repeated message posts again; stores recognize the
 * update by its id. A late one finds the offer over, or a newer line, whose sync has brought the update, and posts nothing
 * there.
 */
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { isOver } from '../domain/retail/validity.ts';
import { encodeUpdate } from '../domain/updates/update.ts';
import { lazily } from './aws/environment.ts';
import { log } from './aws/log.ts';
import { accountBucketFromEnvironment } from './fan-out/account-bucket.ts';
import { failedAgainFromEnvironment } from './fan-out/failed-again.ts';
import { posterFromEnvironment } from './fan-out/poster.ts';
import type { Redelivery } from './fan-out/redelivery.ts';
import { connectionsFromEnvironment } from './registry/connections.ts';
import { updateLogFromEnvironment } from './updates/update-log.ts';

const runtime = lazily(() => ({
  connections: connectionsFromEnvironment(),
  updates: updateLogFromEnvironment(),
  poster: posterFromEnvironment(accountBucketFromEnvironment()),
  failedAgain: failedAgainFromEnvironment(),
}));

/** Reserved for the deletes and for what failed again, before the function's timeout. */
const CLOSING_TIME_MS = 5_000;

/** All messages side by side: one whose lines hang does not hold up the others. */
export const handler = async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
  const handled = await Promise.all(event.Records.map(record => isHandled(record, context)));
  return {
    batchItemFailures: event.Records.filter((_, index) => !handled[index]).map(({ messageId }) => ({
      itemIdentifier: messageId,
    })),
  };
};

/** A bad message does not hold up the others of its batch: it returns to the queue, and at last to the dead letters. */
async function isHandled(record: SQSRecord, context: Context): Promise<boolean> {
  let updateId: string | undefined;
  try {
    const message = JSON.parse(record.body) as Redelivery;
    updateId = message.updateId;
    await redeliver(message, context);
    return true;
  } catch (error) {
    log.error('a message could not be redelivered', error, { messageId: record.messageId, updateId });
    return false;
  }
}

async function redeliver({ attempts, members, updateId }: Redelivery, context: Context): Promise<void> {
  const { connections, failedAgain, poster, updates } = runtime();
  const startedAt = Date.now();
  const { positions, update } = await updates.findAppended(updateId);
  if (isOver(update, startedAt)) return;

  const turnsUntil = startedAt + context.getRemainingTimeInMillis() - CLOSING_TIME_MS;
  const mayPost = () => !isOver(update, Date.now()) && context.getRemainingTimeInMillis() > CLOSING_TIME_MS;
  const report = await poster.post(encodeUpdate(update, positions), [members], mayPost, { turnsUntil });
  await connections.removeAll(report.gone, startedAt);
  const { failed, gone, sent, throttled } = report;
  const mayTryAgain = failed.length > 0 && !isOver(update, Date.now());
  const isGivenUp =
    mayTryAgain &&
    (await failedAgain.take({ updateId, members: failed, ...(attempts !== undefined && { attempts }) }));
  // Without a lag: the age of the queue's messages measures it.
  log.info(
    'redelivered',
    { updateId, sent, gone: gone.length, failed: failed.length, throttled, isGivenUp },
    { Posts: sent, Gone: gone.length, Failed: failed.length, Throttled: throttled },
  );
}
