/**
 * Posts an update to the members of a share, each of them once, and no more than one worker should take. It saves a
 * checkpoint each second, behind which a retry goes on. Failed posts go to the redelivery queue. A worker that has lost
 * its lease stops, since another one goes on behind its checkpoint. A worker whose next turn is due after its own time
 * posts no more, and further workers take the rest.
 */
import { LambdaClient } from '@aws-sdk/client-lambda';
import type { Context } from 'aws-lambda';
import { Environment } from '../../domain/names.ts';
import { isOver } from '../../domain/retail/validity.ts';
import { encodeUpdate } from '../../domain/updates/update.ts';
import { clientOf } from '../aws/client-of.ts';
import { required, requiredNumber } from '../aws/environment.ts';
import type { Metrics } from '../aws/metric-lines.ts';
import type { Connections } from '../registry/connections.ts';
import { everySecond } from './every-second.ts';
import { Owed } from './owed.ts';
import type { Poster } from './poster.ts';
import { Progress } from './progress.ts';
import { type RedeliveryQueue, redeliveryFromEnvironment } from './redelivery.ts';
import { type Assignment, ShareReader } from './share-reader.ts';

/** How many stores were posted to, were no longer there, and could not be reached in spite of the retries. */
export interface FanOutReport {
  sent: number;
  gone: number;
  failed: number;
  /** Answers of 429. */
  throttled: number;
  /** From publishing until the last post was taken, which one that hangs does not delay; undefined if there was none. */
  lagMs: number | undefined;
}

export interface FanOutOptions {
  connections: Pick<Connections, 'removeAll'>;
  reader: ShareReader;
  poster: Poster;
  redelivery: RedeliveryQueue;
}

/** Reserved for the deletes and the report, before the function's timeout. */
const CLOSING_TIME_MS = 10_000;

export function fanOutFromEnvironment({
  connections,
  poster,
}: {
  connections: Connections;
  poster: Poster;
}): FanOut {
  return new FanOut({
    connections,
    poster,
    reader: new ShareReader({
      connections,
      lambda: clientOf(LambdaClient),
      functionName: required('AWS_LAMBDA_FUNCTION_NAME'),
      membersPerWorker: requiredNumber(Environment.membersPerWorker),
    }),
    redelivery: redeliveryFromEnvironment(),
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
    const { connections, poster, reader } = this.#options;
    const { lease, positions, update } = assignment;
    const startedAt = Date.now();
    const postsUntil = startedAt + context.getRemainingTimeInMillis() - CLOSING_TIME_MS;
    let isLate = false;
    let lastSentAt: number | undefined;
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
      // A worker that never had time for a post would only hand its share on.
      const isOutOfTime = () => postsUntil > startedAt && (isLate || Date.now() >= postsUntil);
      const pages = until(() => saving.isLost, reader.members(assignment, startedAt, isOutOfTime));
      const report = await poster.post(encodeUpdate(update, positions), pages, mayPost, {
        turnsUntil: postsUntil,
        started: member => progress.started(member),
        settled(member, outcome) {
          if (outcome === 'sent') lastSentAt = Date.now();
          else if (outcome !== 'gone') owed.members.push(member);
          isLate ||= outcome === 'late';
          progress.settled(member);
        },
      });
      // A line that connected after the broadcast began may not have been open yet: its entry stays.
      await connections.removeAll(report.gone, startedAt);
      await saving.stop();
      await owed.handOver();
      const { sent, throttled } = report;
      const [gone, failed] = [report.gone.length, report.failed.length];
      const lagMs = lastSentAt && lastSentAt - Date.parse(update.publishedAt);
      return { sent, gone, failed, throttled, lagMs };
    } finally {
      await saving.stop();
    }
  }
}

async function* until<T>(isEnd: () => boolean, pages: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const page of pages) {
    if (isEnd()) return;
    yield page;
  }
}
