/**
 * Receipts: what a store has applied or refused, and where it stands. None is from the future, whatever its clock says.
 * They are answered once they are stored, so a store repeats them until then; the first receipt of an update stays.
 */

import { FrameError } from '../../domain/protocol/store-frames.ts';
import { storeChannels } from '../../domain/updates/channels.ts';
import { log } from '../aws/log.ts';
import type { FrameContext, FrameHandler, FrameOf } from './frame-handler.ts';

/** More receipts at once come from a store that was away, and tell how long it was. */
const MOST_MEASURED = 10;

export const applied: FrameHandler<'applied'> = async (frame, context) => {
  const { line, now, receipts, roster } = context;
  const { identity } = line;
  if (identity.role !== 'store')
    throw new FrameError('forbidden', 'only a store has receipts', frame.requestId);
  const { storeId } = identity;
  const own = new Set(storeChannels(identity));
  const positions = Object.entries(frame.positions ?? {}).filter(([channel]) => own.has(channel));
  // First, since it refuses a revoked store: nothing that one says is evidence.
  await roster.heard(
    identity,
    now,
    frame.positions === undefined ? undefined : Object.fromEntries(positions),
  );
  const [lags] = await Promise.all([
    lagsOf(frame, context),
    ...frame.updates.map(({ id, appliedAt }) =>
      receipts.store(id, { storeId, outcome: 'applied', at: Math.min(Date.parse(appliedAt), now) }, now),
    ),
    ...frame.rejected.map(({ id, reason }) =>
      receipts.store(id, { storeId, outcome: 'rejected', at: now, reason }, now),
    ),
  ]);
  const ids = [...frame.updates, ...frame.rejected].map(({ id }) => id);
  log.info('receipts', { storeId, updateIds: ids, rejected: frame.rejected.length }, { AppliedLag: lags });
  return { type: 'applied.accepted', requestId: frame.requestId, ids };
};

/** By this clock, not by the store's: until the receipt came. */
async function lagsOf(
  { updates }: FrameOf<'applied'>,
  { now, publishingTimes }: FrameContext,
): Promise<number[]> {
  const measured = updates.length > MOST_MEASURED ? [] : updates;
  const times = await Promise.all(measured.map(({ id }) => publishingTimes.of(id)));
  return times.flatMap(time => (time === undefined ? [] : [now - time]));
}
