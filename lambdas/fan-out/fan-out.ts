/**
 * Posts an update to the members of a share: no more than one worker should take, each of them once. It saves a
 * checkpoint each second, for a retry to go on behind; what it could not post goes to the redelivery queue; what is
 * beyond its share goes to further workers before it has posted its own.
 */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Context } from 'aws-lambda';
import { Environment } from '../../domain/names.ts';
import { isOver } from '../../domain/time.ts';
import type { Update } from '../../domain/updates/update.ts';
import { required, requiredNumber } from '../aws/environment.ts';
import { log } from '../aws/log.ts';
import type { Member } from '../registry/connection-items.ts';
import { type Connections, connectionsFromEnvironment, namesStoresOnly } from '../registry/connections.ts';
import { accountBucketFromEnvironment } from './account-bucket.ts';
import { type Poster, posterFromEnvironment } from './poster.ts';
import { type Checkpoint, type Extent, Progress } from './progress.ts';
import { type RedeliveryQueue, redeliveryFromEnvironment } from './redelivery.ts';
import type { Share } from './shares.ts';

/** How many stores were posted to, were no longer there, and could not be reached in spite of the retries. */
export interface FanOutReport {
  sent: number;
  gone: number;
  failed: number;
  /** Answers of 429. */
  throttled: number;
  /** From publishing until the last post was answered; undefined if there was none. */
  lagMs: number | undefined;
}

/** A share as its worker has it: whom it is for, and where its progress is noted. */
export interface Assignment {
  update: Update;
  /** The update as every store gets it. */
  frame: string;
  /** Where each shard of it begins: a share has these shards and no others. */
  start: Checkpoint;
  extent: Extent;
  /** Workers before this one. */
  depth: number;
  renew(checkpoint: Checkpoint): Promise<void>;
  cut(end: Checkpoint): Promise<void>;
}

export interface FanOutOptions {
  connections: Connections;
  poster: Poster;
  redelivery: RedeliveryQueue;
  lambda: Pick<LambdaClient, 'send'>;
  /** The function that takes the further shares. */
  functionName: string;
  membersPerWorker: number;
}

/** Left for the deletes and the report when a worker runs into the function's timeout. */
const CLOSING_TIME_MS = 10_000;
/** Lambda stops a function that has invoked itself some sixteen times in a row; the last worker takes all that is left. */
const MOST_DEPTH = 8;

export function fanOutFromEnvironment(): FanOut {
  return new FanOut({
    connections: connectionsFromEnvironment(),
    poster: posterFromEnvironment(accountBucketFromEnvironment()),
    redelivery: redeliveryFromEnvironment(),
    lambda: new LambdaClient({}),
    functionName: required('AWS_LAMBDA_FUNCTION_NAME'),
    membersPerWorker: requiredNumber(Environment.membersPerWorker),
  });
}

export class FanOut {
  readonly #options: FanOutOptions;

  constructor(options: FanOutOptions) {
    this.#options = options;
  }

  /** Where the shards begin, for the first worker. */
  get start(): Checkpoint {
    return this.#options.connections.start;
  }

  async run(
    assignment: Assignment,
    context: Pick<Context, 'getRemainingTimeInMillis'>,
  ): Promise<FanOutReport> {
    const { connections, poster, redelivery } = this.#options;
    const { extent, frame, update } = assignment;
    const startedAt = Date.now();
    const progress = new Progress(extent.checkpoint ?? {});
    const owed: Member[] = [];
    const handOver = async (): Promise<void> => {
      const members = owed.slice();
      if (members.length > 0 && !isOver(update, Date.now())) await redelivery.send(update.id, members);
      owed.splice(0, members.length);
    };
    const saving = everySecond(update.id, async () => {
      // Taken before the handing over: no failed post lies before a checkpoint without being in the queue.
      const reached = progress.checkpoint;
      await handOver();
      await assignment.renew(reached);
    });
    try {
      const mayPost = () =>
        !isOver(update, Date.now()) && context.getRemainingTimeInMillis() > CLOSING_TIME_MS;
      const report = await poster.post(frame, this.#share(assignment, startedAt), mayPost, {
        started: member => progress.started(member),
        settled(member, outcome) {
          if (outcome === 'failed') owed.push(member);
          progress.settled(member);
        },
      });
      const lagMs = Date.now() - Date.parse(update.publishedAt);
      // A line that connected after the broadcast began was only not open yet: its entry stays.
      await connections.removeAll(report.gone, startedAt);
      await saving.stop();
      await handOver();
      const { sent, throttled } = report;
      const [gone, failed] = [report.gone.length, report.failed.length];
      return { sent, gone, failed, throttled, lagMs: sent > 0 ? lagMs : undefined };
    } finally {
      await saving.stop();
    }
  }

  /** The members of a share. What is beyond one worker's is given away before the page that fills it is posted. */
  async *#share(assignment: Assignment, now: number): AsyncGenerator<Member[]> {
    const { depth, extent, start, update } = assignment;
    // An earlier attempt has given the rest away, or died doing so.
    if (extent.end !== undefined) await this.#giveAway(assignment, extent.end);
    const from = { ...start, ...extent.checkpoint };
    const mayDivide = extent.end === undefined && depth < MOST_DEPTH && !namesStoresOnly(update.audience);
    let left = mayDivide ? this.#options.membersPerWorker : Number.POSITIVE_INFINITY;
    const reached = { ...from };
    for await (const page of this.#options.connections.members(update.audience, now, from, extent.end)) {
      const taken = page.slice(0, left);
      for (const { member, shard } of taken) reached[shard] = member;
      left -= taken.length;
      if (left === 0) {
        await assignment.cut(reached);
        await this.#giveAway(assignment, reached);
      }
      yield taken;
      if (left === 0) return;
    }
  }

  /** A repetition does no harm: the share's lease, and then its end, stop it. */
  async #giveAway({ depth, update }: Assignment, rest: Checkpoint): Promise<void> {
    const { functionName, lambda } = this.#options;
    await Promise.all(
      Object.entries(rest).map(([shard, behind]) => {
        const share: Share = { updateId: update.id, shard: Number(shard), behind, depth: depth + 1 };
        return lambda.send(
          new InvokeCommand({
            FunctionName: functionName,
            InvocationType: 'Event',
            Payload: new TextEncoder().encode(JSON.stringify({ share })),
          }),
        );
      }),
    );
  }
}

/** Runs a task each second, never twice at once; one that fails is logged, and tried again with the next second. */
function everySecond(updateId: string, task: () => Promise<void>): { stop(): Promise<void> } {
  let running = Promise.resolve();
  const timer = setInterval(() => {
    running = running
      .then(task)
      .catch(error => log.error('the progress could not be saved', error, { updateId }));
  }, 1_000);
  return {
    stop() {
      clearInterval(timer);
      return running;
    },
  };
}
