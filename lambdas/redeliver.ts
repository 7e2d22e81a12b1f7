/**
 * Repeats the posts of a broadcast that failed.
 *
 * Trigger: the redelivery queue, in batches with partial failures: a message whose posts fail again stays in the queue,
 * and goes to the dead-letter queue after its last attempt. A repeated message posts again; stores recognize the update
 * by its id. A late one finds the offer over, or a newer line, whose sync has brought the update, and posts nothing
 * there.
 */
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { isOver } from '../domain/retail/validity.ts';
import { encodeUpdate } from '../domain/updates/update.ts';
import { lazily } from './aws/environment.ts';
import { log } from './aws/log.ts';
import { accountBucketFromEnvironment } from './fan-out/account-bucket.ts';
import { posterFromEnvironment } from './fan-out/poster.ts';
import type { Redelivery } from './fan-out/redelivery.ts';
import { connectionsFromEnvironment } from './registry/connections.ts';
import { updateLogFromEnvironment } from './updates/update-log.ts';

const runtime = lazily(() => ({
  connections: connectionsFromEnvironment(),
  updates: updateLogFromEnvironment(),
  poster: posterFromEnvironment(accountBucketFromEnvironment()),
}));

/** Reserved for the deletes, before the function's timeout. */
const CLOSING_TIME_MS = 5_000;

export const handler = async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
  const batchItemFailures: SQSBatchResponse['batchItemFailures'] = [];
  for (const record of event.Records) {
    if (!(await isRedelivered(record, context))) batchItemFailures.push({ itemIdentifier: record.messageId });
  }
  return { batchItemFailures };
};

/** A bad message does not hold up the others of its batch: it returns to the queue, and at last to the dead letters. */
async function isRedelivered(record: SQSRecord, context: Context): Promise<boolean> {
  let updateId: string | undefined;
  try {
    const message = JSON.parse(record.body) as Redelivery;
    updateId = message.updateId;
    return await redeliver(message, context);
  } catch (error) {
    log.error('a message could not be redelivered', error, { messageId: record.messageId, updateId });
    return false;
  }
}

/** @returns false if a post failed again */
async function redeliver({ members, updateId }: Redelivery, context: Context): Promise<boolean> {
  const { connections, poster, updates } = runtime();
  const startedAt = Date.now();
  const { positions, update } = await updates.findAppended(updateId);
  if (isOver(update, startedAt)) return true;

  const mayPost = () => !isOver(update, Date.now()) && context.getRemainingTimeInMillis() > CLOSING_TIME_MS;
  const report = await poster.post(encodeUpdate(update, positions), [members], mayPost);
  await connections.removeAll(report.gone, startedAt);
  const { sent, throttled } = report;
  const [gone, failed] = [report.gone.length, report.failed.length];
  // Without a lag: the age of the queue's messages measures it.
  log.info(
    'redelivered',
    { updateId, sent, gone, failed, throttled },
    { Posts: sent, Gone: gone, Failed: failed, Throttled: throttled },
  );
  return failed === 0 || isOver(update, Date.now());
}
