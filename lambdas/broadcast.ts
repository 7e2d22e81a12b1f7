/**
 * Appends one published update to the log of its channels, and posts it to every connected store that it concerns.
 *
 * Trigger: the rule on the update bus, asynchronously and at least once. What can't succeed goes to the dead-letter
 * queue with its reason, and the function returns: only passing faults throw, since Lambda's own retries take three
 * minutes. Persist, then fan out: an update is in the log before its first post. A repeated event finds its update id
 * done, and changes nothing; a retry after a crash goes on with the positions that were claimed, from its checkpoint.
 */
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context, EventBridgeEvent } from 'aws-lambda';
import { ExpiredEventError, parseEvent, RefusedEventError } from '../domain/events.ts';
import { Environment } from '../domain/names.ts';
import { dollarsFor, invocationOf } from '../domain/prices.ts';
import { isOver } from '../domain/time.ts';
import { checkSize, encodeUpdate, type Update, UpdateTooLargeError } from '../domain/update.ts';
import { connectionsFromEnvironment, type Member } from './shared/connections.ts';
import { currentStateFromEnvironment } from './shared/current-state.ts';
import { DeadLetters } from './shared/dead-letters.ts';
import { lazily, required } from './shared/environment.ts';
import { log } from './shared/log.ts';
import { posterFromEnvironment } from './shared/poster.ts';
import { Progress } from './shared/progress.ts';
import { RedeliveryQueue } from './shared/redelivery.ts';
import { type UpdateWork, updateLogFromEnvironment } from './shared/update-log.ts';

/** How many stores were posted to, were no longer there, and could not be reached in spite of the retries. */
export interface BroadcastReport {
  sent: number;
  gone: number;
  failed: number;
}

const runtime = lazily(() => {
  const sqs = new SQSClient({});
  return {
    connections: connectionsFromEnvironment(),
    updates: updateLogFromEnvironment(),
    current: currentStateFromEnvironment(),
    poster: posterFromEnvironment(),
    deadLetters: new DeadLetters({ client: sqs, queueUrl: required(Environment.deadLetterQueueUrl) }),
    redelivery: new RedeliveryQueue({ client: sqs, queueUrl: required(Environment.redeliveryQueueUrl) }),
  };
});

/** A passing fault: the update id is in work elsewhere. */
class UpdateHeldError extends Error {
  override readonly name = 'UpdateHeldError';
  constructor(updateId: string) {
    super(`update ${updateId} is in work elsewhere`);
  }
}

/** Left for the deletes and the report when a broadcast runs into the function's timeout. */
const CLOSING_TIME_MS = 10_000;

export const handler = async (
  event: EventBridgeEvent<string, unknown>,
  context: Context,
): Promise<BroadcastReport | undefined> => {
  try {
    const update = await acceptedUpdate(event);
    checkSize(update);
    return await publish(update, context);
  } catch (error) {
    const code = refusalCode(error);
    if (code === undefined || !(error instanceof Error)) throw error;
    await runtime().deadLetters.send(event, code, error.message);
    log.warn('event refused', { eventId: event.id, code });
    return undefined;
  }
};

/** An update that is over is taken only to finish what an earlier attempt began: nothing is posted any more. */
async function acceptedUpdate(event: EventBridgeEvent<string, unknown>): Promise<Update> {
  try {
    return parseEvent(event, Date.now());
  } catch (error) {
    if (!(error instanceof ExpiredEventError)) throw error;
    if ((await runtime().updates.find(error.update.id)) === undefined) throw error;
    return error.update;
  }
}

async function publish(given: Update, context: Context): Promise<BroadcastReport | undefined> {
  const { current, updates } = runtime();
  const startedAt = Date.now();
  const startedCpu = process.cpuUsage();
  const beginning = await updates.begin(given, context.awsRequestId, startedAt);
  // Another invocation works on it, or died doing so: Lambda's retry, a minute later, finds it done or takes over.
  if (beginning.status === 'held') throw new UpdateHeldError(given.id);
  if (beginning.status === 'done') {
    log.info('update repeated', { updateId: given.id });
    return undefined;
  }
  // A retry goes on with the update as it was first published, whatever this copy says.
  const { update } = beginning.work;
  const positions = await updates.append(beginning.work, startedAt);
  const report = await fanOut(beginning.work, encodeUpdate(update, positions), startedAt, context);
  await updates.list(update, startedAt);
  await current.record(update, positions, startedAt);
  await updates.finish(update.id);
  const durationMs = Date.now() - startedAt;
  log.info('broadcast', {
    updateId: update.id,
    kind: update.kind,
    ...report,
    durationMs,
    ...usage(report, durationMs, startedCpu, context),
  });
  return report;
}

/** CPU of the whole process (locally the other functions' too), and posts and Lambda at list price. */
function usage({ sent }: BroadcastReport, durationMs: number, since: NodeJS.CpuUsage, context: Context) {
  const { user, system } = process.cpuUsage(since);
  const invocation = invocationOf(durationMs, Number(context.memoryLimitInMB));
  const dollars = Number(dollarsFor({ message: sent, ...invocation }).toPrecision(4));
  return { cpuMs: Math.round((user + system) / 1_000), dollars };
}

/** Posts to everybody from the checkpoint on, and saves a new one each second: a retry after a crash goes on there. */
async function fanOut(
  { checkpoint, update }: UpdateWork,
  frame: string,
  startedAt: number,
  context: Context,
): Promise<BroadcastReport> {
  const { connections, poster, redelivery, updates } = runtime();
  const progress = new Progress(checkpoint);
  const owed: Member[] = [];
  const handOver = async (): Promise<void> => {
    const members = owed.slice();
    if (members.length > 0 && !isOver(update, Date.now())) await redelivery.send(update.id, members);
    owed.splice(0, members.length);
  };
  const saving = everySecond(async () => {
    // Taken before the handing over: no failed post lies before a checkpoint without being in the queue.
    const reached = progress.checkpoint;
    await handOver();
    await updates.renew(update.id, reached, Date.now());
  });
  try {
    const mayPost = () => !isOver(update, Date.now()) && context.getRemainingTimeInMillis() > CLOSING_TIME_MS;
    const members = connections.members(update.audience, startedAt, checkpoint);
    const report = await poster.post(frame, members, mayPost, {
      started: member => progress.started(member),
      settled(member, outcome) {
        if (outcome === 'failed') owed.push(member);
        progress.settled(member);
      },
    });
    // A line that connected after the broadcast began was only not open yet: its entry stays.
    for (const member of report.gone) await connections.remove(member, startedAt);
    await saving.stop();
    await handOver();
    return { sent: report.sent, gone: report.gone.length, failed: report.failed.length };
  } finally {
    await saving.stop();
  }
}

/** Runs a task each second, never twice at once; one that fails is logged, and tried again with the next second. */
function everySecond(task: () => Promise<void>): { stop(): Promise<void> } {
  let running = Promise.resolve();
  const timer = setInterval(() => {
    running = running.then(task).catch(error => log.error('the progress could not be saved', error));
  }, 1_000);
  return {
    stop() {
      clearInterval(timer);
      return running;
    },
  };
}

function refusalCode(error: unknown): string | undefined {
  if (error instanceof RefusedEventError) return error.code;
  return error instanceof UpdateTooLargeError ? 'TooLarge' : undefined;
}
