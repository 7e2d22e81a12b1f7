/**
 * Receipts: what a store has applied or refused, and where it stands. None is from the future, whatever its clock says.
 * They are answered once they are stored, so a store repeats them until then; the first receipt of an update stays.
 */
import { storeChannels } from '../../domain/channels.ts';
import { FrameError } from '../../domain/protocol.ts';
import type { FrameHandler } from './frame-handler.ts';

export const applied: FrameHandler<'applied'> = async (frame, { line, receipts, roster, now }) => {
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
  await Promise.all([
    ...frame.updates.map(({ id, appliedAt }) =>
      receipts.store(id, { storeId, outcome: 'applied', at: Math.min(Date.parse(appliedAt), now) }, now),
    ),
    ...frame.rejected.map(({ id, reason }) =>
      receipts.store(id, { storeId, outcome: 'rejected', at: now, reason }, now),
    ),
  ]);
  return {
    type: 'applied.accepted',
    requestId: frame.requestId,
    ids: [...frame.updates, ...frame.rejected].map(({ id }) => id),
  };
};
