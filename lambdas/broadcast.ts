/**
 * Appends one published update to the logs of its channels, and posts it to every connected store that it concerns.
 *
 * Trigger: the rule on the update bus, asynchronously and at least once. An event that can't succeed goes to the
 * dead-letter queue with its reason, and the function returns: only passing faults throw, since Lambda's own retries
 * take three minutes. Persist, then fan out: an update is in the log before its first post. A repeated event finds its
 * update id done, and changes nothing; a retry after a crash goes on with the claimed positions, from the checkpoint.
 * An archive's replay only finishes updates that were begun before. An update that is to go out in waves is entered as a
 * rollout, whose waves come as events of their own.
 *
 * It also tells the stores a new pace, as the stream of the `stores` table reports it: this function alone may post at the
 * account's full rate.
 *
 * Posts beyond one worker's part go to further invocations of this function: their event is a share. So does what takes
 * too long of the current state, which follows the posts, and what a withdrawal's frames have not said yet.
 */
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context, DynamoDBStreamEvent, EventBridgeEvent } from 'aws-lambda';
import { Environment } from '../domain/names.ts';
import {
  checkTopic,
  ExpiredEventError,
  type PublishedEvent,
  parseEvent,
  publishingTime,
  RefusedEventError,
  ReplayedEventError,
} from '../domain/updates/published-events.ts';
import { readTopics } from '../domain/updates/topics.ts';
import { checkSize, type Update, UpdateTooLargeError } from '../domain/updates/update.ts';
import { toChange } from './aws/change.ts';
import { clientOf } from './aws/client-of.ts';
import { lazily, required, requiredNumber } from './aws/environment.ts';
import { invokeItself } from './aws/invoke-itself.ts';
import { log } from './aws/log.ts';
import { accountBucketFromEnvironment } from './fan-out/account-bucket.ts';
import { type FanOutReport, fanOutFromEnvironment, metricsOf } from './fan-out/fan-out.ts';
import { posterFromEnvironment } from './fan-out/poster.ts';
import { type Share, sharesFromEnvironment } from './fan-out/shares.ts';
import { takeShare } from './fan-out/take-share.ts';
import { tellPace } from './live/tell-pace.ts';
import { endsToRepeat } from './publishing/ended-offers.ts';
import { guardFromEnvironment } from './publishing/update-guard.ts';
import { connectionsFromEnvironment } from './registry/connections.ts';
import { enterRollout, isStaged, type StagedUpdate } from './rollouts/enter-rollout.ts';
import { rolloutTableFromEnvironment } from './rollouts/rollout-table.ts';
import { currentStateFromEnvironment } from './updates/current-state.ts';
import { DeadLetters } from './updates/dead-letter-queue.ts';
import { type Completed, logWriterFromEnvironment } from './updates/log-writer.ts';
import { publishedListFromEnvironment } from './updates/published-list.ts';
import { type Attempt, type StateRest, stateWorkFromEnvironment } from './updates/state-work.ts';
import { stateWriterFromEnvironment } from './updates/state-writer.ts';
import { updateIdsFromEnvironment } from './updates/update-ids.ts';
import type { WithdrawalRest } from './updates/update-items.ts';
import { updateLogFromEnvironment } from './updates/update-log.ts';
import { pricesOf } from './updates/withdrawal/price-places.ts';
import { addressed, completed, partAfter, postponed } from './updates/withdrawal/price-withdrawal.ts';

/** Shorter than the update's own lease, which was renewed a second ago at most. */
const FIRST_STATE_MS = 15_000;
/** Reserved for what follows a batch of the state, before the function's timeout. */
const CLOSING_TIME_MS = 10_000;
/** What one more part of a withdrawal takes, with its posts and its state. */
const PART_MS = 40_000;
/** Lambda stops a function that has invoked itself some sixteen times in a row. */
const MOST_DEPTH = 10;

type UpdateEvent = EventBridgeEvent<string, unknown> & PublishedEvent;

/** Where an update comes from. */
interface Source {
  eventId: string;
  /** Milliseconds since the epoch. */
  cameAt: number;
}

/** Leaves the parts of a withdrawal behind one that is published to a further invocation, as its payload. */
interface PartsBehind extends Source {
  updateId: string;
  /** The number of invocations before this one, each invoked by the one before. */
  depth: number;
}

const posting = lazily(() => ({
  connections: connectionsFromEnvironment(),
  poster: posterFromEnvironment(accountBucketFromEnvironment()),
}));

const paces = lazily(() => ({
  watchedMs: requiredNumber(Environment.watchedReportMs),
  restingMs: 1_000 * requiredNumber(Environment.restingReportSeconds),
}));

const runtime = lazily(() => ({
  updates: updateLogFromEnvironment(),
  writer: logWriterFromEnvironment(),
  published: publishedListFromEnvironment(),
  current: currentStateFromEnvironment(),
  state: stateWorkFromEnvironment(stateWriter()),
  fanOut: fanOutFromEnvironment(posting()),
  topics: readTopics(required(Environment.messageTopics)),
  shares: sharesFromEnvironment(),
  lambda: clientOf(LambdaClient),
  deadLetters: new DeadLetters({
    client: clientOf(SQSClient),
    queueUrl: required(Environment.deadLetterQueueUrl),
  }),
}));

const guarding = lazily(guardFromEnvironment);

/** By itself: few updates go out in waves. */
const staging = lazily(() => ({ ids: updateIdsFromEnvironment(), rollouts: rolloutTableFromEnvironment() }));

const stateWriter = lazily(stateWriterFromEnvironment);

/** A passing fault: another invocation is publishing this update. */
class UpdateHeldError extends Error {
  override readonly name = 'UpdateHeldError';
  constructor(updateId: string) {
    super(`another invocation is publishing the update ${updateId}`);
  }
}

export const handler = async (
  event:
    | UpdateEvent
    | { share: Share }
    | { state: StateRest }
    | { partsBehind: PartsBehind }
    | DynamoDBStreamEvent,
  context: Context,
): Promise<FanOutReport | undefined> => {
  if ('Records' in event) return tellPace(event.Records.map(toChange), { ...posting(), ...paces() });
  if ('share' in event) return takeShare(event.share, runtime(), context);
  if ('state' in event) return goOnWithState(event.state, context);
  if ('partsBehind' in event) return publishParts(event.partsBehind, context);
  try {
    const update = await addressee(await acceptedUpdate(event));
    checkSize(update);
    await guarding().admitEvent(update, Date.now());
    if (isStaged(update)) return await stage(update, event);
    return await publishWhole(update, event, context);
  } catch (error) {
    const code = refusalCode(error);
    if (code === undefined || !(error instanceof Error)) throw error;
    await runtime().deadLetters.send(event, code, error.message);
    log.warn('event refused', { eventId: event.id, code });
    return undefined;
  }
};

/**
 * Accepts an update that is over, or that comes from a replay, only to finish what an earlier attempt began, as it was
 * first published: nothing that is over is posted, and an old price keeps its time of publication.
 */
async function acceptedUpdate(event: UpdateEvent): Promise<Update> {
  const { update, refusal } = judge(event);
  if (refusal !== undefined && (await runtime().updates.find(update.id)) === undefined) throw refusal;
  return update;
}

/** A withdrawal with all whom it reaches. What it withdraws is in the log by then: it waits for nothing in its own place there. */
async function addressee(update: Update): Promise<Update> {
  if (update.kind !== 'price.withdrawn') return update;
  const { updates } = runtime();
  const whole = await addressed(update, updates, Date.now());
  await pricesOf(whole.data.updates, updates);
  return whole;
}

/** What a withdrawal brings back: updates came into its channels up to its own place there. */
async function completeInPlace(
  update: Update,
  begunAt: number,
  after: WithdrawalRest | undefined,
): Promise<Completed> {
  if (update.kind !== 'price.withdrawn') return { update };
  const { current, updates: log } = runtime();
  const whole = await completed(update, { current, log }, Date.now(), after);
  return postponed(update, begunAt, Date.now(), after) ?? whole;
}

function judge(event: UpdateEvent): { update: Update; refusal?: RefusedEventError } {
  try {
    const update = parseEvent(event, Date.now());
    checkTopic(update, runtime().topics);
    const { 'replay-name': replay } = event;
    return replay === undefined ? { update } : { update, refusal: new ReplayedEventError(replay) };
  } catch (error) {
    if (!(error instanceof ExpiredEventError)) throw error;
    return { update: error.update, refusal: error };
  }
}

async function stage(update: StagedUpdate, { id: eventId }: UpdateEvent): Promise<undefined> {
  await stateWriter().foresee(update);
  await enterRollout(update, staging(), Date.now());
  log.info('rollout entered', { rolloutId: update.id, eventId });
}

/** What a frame can't say of a withdrawal further ones do; a repetition goes on with what an earlier attempt has left. */
async function publishWhole(
  update: Update,
  event: UpdateEvent,
  context: Context,
): Promise<FanOutReport | undefined> {
  const source = { eventId: event.id, cameAt: publishingTime(event, Date.now()) };
  for (const end of await endsToRepeat(update, stateWriter(), Date.now()))
    await publish(end, source, context);
  const report = await publish(update, source, context);
  if (update.kind === 'price.withdrawn')
    await publishParts({ ...source, updateId: update.id, depth: 0 }, context);
  return report;
}

async function publishParts(
  { updateId, depth, ...source }: PartsBehind,
  context: Context,
): Promise<undefined> {
  const { lambda, updates } = runtime();
  for (let id = updateId; ; ) {
    const known = await updates.find(id);
    if (known?.rest === undefined || known.update.kind !== 'price.withdrawn') return undefined;
    if (context.getRemainingTimeInMillis() < PART_MS) {
      if (depth >= MOST_DEPTH) throw new Error(`no time is left for the parts of ${updateId} behind ${id}`);
      await invokeItself(lambda, { partsBehind: { ...source, updateId: id, depth: depth + 1 } });
      return undefined;
    }
    const part = partAfter(known.update, known.rest);
    await publish(part, source, context, known.rest);
    id = part.id;
  }
}

/**
 * Appends, fans out, records, finishes: in this order, so that a crash at any point leaves the rest to a retry.
 *
 * @param after where the part before it ends, if it is a further part of a withdrawal
 */
async function publish(
  given: Update,
  { cameAt, eventId }: Source,
  context: Context,
  after?: WithdrawalRest,
): Promise<FanOutReport | undefined> {
  const { fanOut, published, state, writer } = runtime();
  const startedAt = Date.now();
  const beginning = await writer.begin(given, context.awsRequestId, startedAt);
  // Another invocation is publishing it, or died on it: Lambda's retry, a minute later, finds it done or takes over.
  if (beginning.status === 'held') throw new UpdateHeldError(given.id);
  if (beginning.status === 'done') {
    log.info('update repeated', { updateId: given.id, eventId });
    return undefined;
  }
  // A retry goes on with the update as it was first published, whatever this copy says.
  const { lease } = beginning.work;
  const { positions, update } = await writer.append(beginning.work, startedAt, (whole, begunAt) =>
    completeInPlace(whole, begunAt, after),
  );
  const posted = await fanOut.run({ update, positions, lease }, context);
  const report = { ...posted, lagMs: lagOf(posted, update, cameAt) };
  // Its parts are told by it.
  if (update.partOf === undefined) await published.enter(update, startedAt);
  await state.run({ update, positions }, attemptOf(context, FIRST_STATE_MS));
  await lease.finish();
  const fields = { updateId: update.id, eventId, kind: update.kind, ...report };
  log.info('broadcast', { ...fields, durationMs: Date.now() - startedAt }, metricsOf(report));
  return report;
}

/** From when the event came: its publisher may have stamped it long before, or ahead of time. */
function lagOf({ lagMs }: FanOutReport, { publishedAt }: Update, cameAt: number): number | undefined {
  return lagMs === undefined ? undefined : lagMs + Date.parse(publishedAt) - cameAt;
}

async function goOnWithState(rest: StateRest, context: Context): Promise<undefined> {
  const { state, updates } = runtime();
  await state.run(await updates.findAppended(rest.updateId), attemptOf(context), rest);
}

function attemptOf(context: Context, mostMs = Number.POSITIVE_INFINITY): Attempt {
  const left = Math.min(context.getRemainingTimeInMillis() - CLOSING_TIME_MS, mostMs);
  return { holder: context.awsRequestId, deadline: Date.now() + left };
}

function refusalCode(error: unknown): string | undefined {
  if (error instanceof RefusedEventError) return error.code;
  return error instanceof UpdateTooLargeError ? 'TooLarge' : undefined;
}
