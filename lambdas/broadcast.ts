/**
 * Appends one published update to the log of its channels, and posts it to every connected store that it concerns.
 *
 * Trigger: the rule on the update bus, asynchronously and at least once. What can't succeed goes to the dead-letter
 * queue with its reason, and the function returns: only passing faults throw, since Lambda's own retries take three
 * minutes. Persist, then fan out: an update is in the log before its first post. A repeated event finds its update id
 * done, and changes nothing; a retry after a crash goes on with the positions that were claimed, from its checkpoint.
 * One that an archive's replay brings publishes nothing that is not in work already.
 *
 * What is more than one worker should post it hands to further invocations of itself: their event is a share.
 */
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context, EventBridgeEvent } from 'aws-lambda';
import { Environment } from '../domain/names.ts';
import { isOver } from '../domain/time.ts';
import {
  ExpiredEventError,
  type PublishedEvent,
  parseEvent,
  RefusedEventError,
  ReplayedEventError,
} from '../domain/updates/published-events.ts';
import { checkSize, encodeUpdate, type Update, UpdateTooLargeError } from '../domain/updates/update.ts';
import { lazily, required } from './aws/environment.ts';
import { log } from './aws/log.ts';
import type { Metrics } from './aws/metric-lines.ts';
import { type FanOutReport, fanOutFromEnvironment } from './fan-out/fan-out.ts';
import { type Share, sharesFromEnvironment } from './fan-out/shares.ts';
import { currentStateFromEnvironment } from './updates/current-state.ts';
import { DeadLetters } from './updates/dead-letter-queue.ts';
import { updateLogFromEnvironment } from './updates/update-log.ts';

type UpdateEvent = EventBridgeEvent<string, unknown> & PublishedEvent;

const runtime = lazily(() => ({
  updates: updateLogFromEnvironment(),
  current: currentStateFromEnvironment(),
  fanOut: fanOutFromEnvironment(),
  shares: sharesFromEnvironment(),
  deadLetters: new DeadLetters({
    client: new SQSClient({}),
    queueUrl: required(Environment.deadLetterQueueUrl),
  }),
}));

/** A passing fault: the update id is in work elsewhere. */
class UpdateHeldError extends Error {
  override readonly name = 'UpdateHeldError';
  constructor(updateId: string) {
    super(`update ${updateId} is in work elsewhere`);
  }
}

export const handler = async (
  event: UpdateEvent | { share: Share },
  context: Context,
): Promise<FanOutReport | undefined> => {
  if ('share' in event) return takeShare(event.share, context);
  try {
    const update = await acceptedUpdate(event);
    checkSize(update);
    return await publish(update, event.id, context);
  } catch (error) {
    const code = refusalCode(error);
    if (code === undefined || !(error instanceof Error)) throw error;
    await runtime().deadLetters.send(event, code, error.message);
    log.warn('event refused', { eventId: event.id, code });
    return undefined;
  }
};

/**
 * An update that is over, or that a replay brings, is taken only to finish what an earlier attempt began, as it was first
 * published: nothing that is over is posted any more, and an old price keeps the time at which it was published.
 */
async function acceptedUpdate(event: UpdateEvent): Promise<Update> {
  const { update, refusal } = judge(event);
  if (refusal !== undefined && (await runtime().updates.find(update.id)) === undefined) throw refusal;
  return update;
}

function judge(event: UpdateEvent): { update: Update; refusal?: RefusedEventError } {
  try {
    const update = parseEvent(event, Date.now());
    const { 'replay-name': replay } = event;
    return replay === undefined ? { update } : { update, refusal: new ReplayedEventError(replay) };
  } catch (error) {
    if (!(error instanceof ExpiredEventError)) throw error;
    return { update: error.update, refusal: error };
  }
}

async function publish(given: Update, eventId: string, context: Context): Promise<FanOutReport | undefined> {
  const { current, fanOut, updates } = runtime();
  const startedAt = Date.now();
  const beginning = await updates.begin(given, context.awsRequestId, startedAt);
  // Another invocation works on it, or died doing so: Lambda's retry, a minute later, finds it done or takes over.
  if (beginning.status === 'held') throw new UpdateHeldError(given.id);
  if (beginning.status === 'done') {
    log.info('update repeated', { updateId: given.id, eventId });
    return undefined;
  }
  // A retry goes on with the update as it was first published, whatever this copy says.
  const { extent, update } = beginning.work;
  const positions = await updates.append(beginning.work, startedAt);
  const report = await fanOut.run(
    {
      update,
      frame: encodeUpdate(update, positions),
      start: fanOut.start,
      extent,
      depth: 0,
      renew: checkpoint => updates.renew(update.id, checkpoint, Date.now()),
      cut: end => updates.cut(update.id, end),
    },
    context,
  );
  await updates.list(update, startedAt);
  await current.record(update, positions, startedAt);
  await updates.finish(update.id);
  const durationMs = Date.now() - startedAt;
  log.info(
    'broadcast',
    { updateId: update.id, eventId, kind: update.kind, ...report, durationMs },
    metricsOf(report),
  );
  return report;
}

/** Of a fleet that is split, each worker measures its share. */
function metricsOf({ failed, gone, lagMs, sent, throttled }: FanOutReport): Metrics {
  return { FanOutLag: lagMs, Posts: sent, Gone: gone, Failed: failed, Throttled: throttled };
}

/** Posts to what is beyond the share of an earlier worker, which has the update in the log already. */
async function takeShare(share: Share, context: Context): Promise<FanOutReport | undefined> {
  const { fanOut, shares, updates } = runtime();
  const startedAt = Date.now();
  const { depth, updateId } = share;
  const published = await updates.find(updateId);
  if (published?.positions === undefined) throw new Error(`update ${updateId} is not in the log`);
  const { update, positions } = published;
  if (isOver(update, startedAt)) return undefined;
  const beginning = await shares.begin(share, context.awsRequestId, startedAt);
  // The retry of the one that holds it goes on with it; this is a copy.
  if (beginning.status !== 'begun') return undefined;
  const report = await fanOut.run(
    {
      update,
      frame: encodeUpdate(update, positions),
      start: { [share.shard]: share.behind },
      extent: beginning.extent,
      depth,
      renew: checkpoint => shares.renew(share, checkpoint, Date.now()),
      cut: end => shares.cut(share, end),
    },
    context,
  );
  await shares.finish(share);
  const durationMs = Date.now() - startedAt;
  log.info('share of a broadcast', { ...share, ...report, durationMs }, metricsOf(report));
  return report;
}

function refusalCode(error: unknown): string | undefined {
  if (error instanceof RefusedEventError) return error.code;
  return error instanceof UpdateTooLargeError ? 'TooLarge' : undefined;
}
