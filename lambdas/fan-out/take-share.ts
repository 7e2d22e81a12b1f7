/** Posts to what is beyond the share of an earlier worker, which has the update in the log already. */
import type { Context } from 'aws-lambda';
import { isOver } from '../../domain/retail/validity.ts';
import { log } from '../aws/log.ts';
import type { UpdateLog } from '../updates/update-log.ts';
import { type FanOut, type FanOutReport, metricsOf } from './fan-out.ts';
import type { Share, Shares } from './shares.ts';

interface Collaborators {
  fanOut: FanOut;
  shares: Shares;
  updates: Pick<UpdateLog, 'findAppended'>;
}

/**
 * @returns undefined where there is nothing to do: the offer is over, or another invocation has the share
 * @throws LeaseLostError if another invocation takes over meanwhile
 */
export async function takeShare(
  share: Share,
  { fanOut, shares, updates }: Collaborators,
  context: Context,
): Promise<FanOutReport | undefined> {
  const startedAt = Date.now();
  const { positions, update } = await updates.findAppended(share.updateId);
  if (isOver(update, startedAt)) return undefined;
  const beginning = await shares.begin(share, context.awsRequestId, startedAt);
  // The retry of the invocation that holds it goes on with it; this is a copy.
  if (beginning.status !== 'begun') return undefined;
  const { lease } = beginning;
  const report = await fanOut.run({ update, positions, share, lease }, context);
  await lease.finish();
  const durationMs = Date.now() - startedAt;
  log.info('share of a broadcast', { ...share, ...report, durationMs }, metricsOf(report));
  return report;
}
