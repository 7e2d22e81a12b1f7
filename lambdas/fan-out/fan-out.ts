/**
 * Posts an update to the members of a share, each of them once, and no more than one worker should take. It saves a
 * checkpoint each second, behind which a retry goes on. Failed posts go to the redelivery queue. What is beyond its
 * share goes to further workers before it posts to the last of its own. A worker that has lost its lease stops, since
 * another one goes on behind its checkpoint.
 */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Context } from 'aws-lambda';
import { Environment } from '../../domain/names.ts';
import { isOver } from '../../domain/retail/validity.ts';
import { encodeUpdate, type Positions, type Update } from '../../domain/updates/update.ts';
import { clientOf } from '../aws/client-of.ts';
import { required, requiredNumber } from '../aws/environment.ts';
import type { Lease } from '../aws/lease.ts';
import type { Metrics } from '../aws/metric-lines.ts';
import type { Checkpoint } from '../registry/checkpoint.ts';
import type { Member } from '../registry/connection-items.ts';
import { type Connections, connectionsFromEnvironment, namesStoresOnly } from '../registry/connections.ts';
import { accountBucketFromEnvironment } from './account-bucket.ts';
import { everySecond } from './every-second.ts';
import { type Poster, posterFromEnvironment } from './poster.ts';
import { Progress } from './progress.ts';
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

/** What one worker posts, and to whom. */
export interface Assignment {
  update: Update;
  /** Its position in the log of each of its channels. */
  positions: Positions;
  /** What another worker has left to this one. @default all shards, from their start */
  share?: Share;
  /** Of the update, or of the share. */
  lease: Pick<Lease, 'extent' | 'renew' | 'cut'>;
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

/** Reserved for the deletes and the report, before the function's timeout. */
const CLOSING_TIME_MS = 10_000;
/**
 * Lambda stops a function that has invoked itself some sixteen times in a row; the last worker takes everything left.
 */
const MOST_DEPTH = 8;

export function fanOutFromEnvironment(): FanOut {
  return new FanOut({
    connections: connectionsFromEnvironment(),
    poster: posterFromEnvironment(accountBucketFromEnvironment()),
    redelivery: redeliveryFromEnvironment(),
    lambda: clientOf(LambdaClient),
    functionName: required('AWS_LAMBDA_FUNCTION_NAME'),
    membersPerWorker: requiredNumber(Environment.membersPerWorker),
  });
}

/** Each worker of a divided fleet measures its own share. */
export function metricsOf({ failed, gone, lagMs, sent, throttled }: FanOutReport): Metrics {
  return { FanOutLag: lagMs, Posts: sent, Gone: gone, Failed: failed, Throttled: throttled };
}

export class FanOut {
  readonly #options: FanOutOptions;

  constructor(options: FanOutOptions) {
    this.#options = options;
  }

  /** @throws LeaseLostError if another worker has taken over */
  async run(
    assignment: Assignment,
    context: Pick<Context, 'getRemainingTimeInMillis'>,
  ): Promise<FanOutReport> {
    const { connections, poster } = this.#options;
    const { lease, positions, update } = assignment;
    const startedAt = Date.now();
    const progress = new Progress(lease.extent.checkpoint ?? {});
    const owed = new Owed(update, this.#options.redelivery);
    const saving = everySecond(update.id, async () => {
      // Taken before the hand-over, so that every failed post before a checkpoint is in the queue.
      const reached = progress.checkpoint;
      await owed.handOver();
      await lease.renew(reached, Date.now());
    });
    try {
      const mayPost = () =>
        !saving.isLost && !isOver(update, Date.now()) && context.getRemainingTimeInMillis() > CLOSING_TIME_MS;
      const pages = until(() => saving.isLost, this.#share(assignment, startedAt));
      const report = await poster.post(encodeUpdate(update, positions), pages, mayPost, {
        started: member => progress.started(member),
        settled(member, outcome) {
          if (outcome === 'failed') owed.members.push(member);
          progress.settled(member);
        },
      });
      const lagMs = Date.now() - Date.parse(update.publishedAt);
      // A line that connected after the broadcast began may not have been open yet: its entry stays.
      await connections.removeAll(report.gone, startedAt);
      await saving.stop();
      await owed.handOver();
      const { sent, throttled } = report;
      const [gone, failed] = [report.gone.length, report.failed.length];
      return { sent, gone, failed, throttled, lagMs: sent > 0 ? lagMs : undefined };
    } finally {
      await saving.stop();
    }
  }

  /** The members of a share. What is beyond one worker's is given away before the page that fills it is posted to. */
  async *#share(assignment: Assignment, now: number): AsyncGenerator<Member[]> {
    const { lease, share, update } = assignment;
    const { extent } = lease;
    const { connections, membersPerWorker } = this.#options;
    const depth = share?.depth ?? 0;
    // An earlier attempt has given the rest away, or died doing so.
    if (extent.end !== undefined) await this.#giveAway(update, depth, extent.end);
    const start = share === undefined ? connections.start : { [share.shard]: share.behind };
    const from = { ...start, ...extent.checkpoint };
    const mayDivide = extent.end === undefined && depth < MOST_DEPTH && !namesStoresOnly(update.audience);
    let left = mayDivide ? membersPerWorker : Number.POSITIVE_INFINITY;
    const reached = { ...from };
    for await (const page of connections.members(update.audience, now, from, extent.end)) {
      const taken = page.slice(0, left);
      for (const { member, shard } of taken) reached[shard] = member;
      left -= taken.length;
      if (left === 0) {
        await lease.cut(reached);
        await this.#giveAway(update, depth, reached);
      }
      yield taken;
      if (left === 0) return;
    }
  }

  /** A repetition is harmless: the share is leased, and done in the end. */
  async #giveAway(update: Update, depth: number, rest: Checkpoint): Promise<void> {
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

/** The members whose posts have failed, until they are in the redelivery queue. */
class Owed {
  readonly members: Member[] = [];
  readonly #update: Update;
  readonly #queue: RedeliveryQueue;

  constructor(update: Update, queue: RedeliveryQueue) {
    this.#update = update;
    this.#queue = queue;
  }

  /** Moves the members of this moment to the queue; an offer that is over is not redelivered. */
  async handOver(): Promise<void> {
    const members = this.members.slice();
    if (members.length > 0 && !isOver(this.#update, Date.now()))
      await this.#queue.send(this.#update.id, members);
    this.members.splice(0, members.length);
  }
}

async function* until<T>(isEnd: () => boolean, pages: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const page of pages) {
    if (isEnd()) return;
    yield page;
  }
}
