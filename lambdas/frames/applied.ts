/**
 * Receipts: what a store has applied or refused, and where it stands. No receipt gets a time in the future, whatever
 * the store's clock says. They are answered once they are stored, and a store repeats them until then; the first
 * receipt of an update stays.
 */
import { FrameError } from '../../domain/protocol/store-frames.ts';
import { storeChannels } from '../../domain/updates/channels.ts';
import type { Positions } from '../../domain/updates/update.ts';
import { log } from '../aws/log.ts';
import type { Receipts } from '../receipts/receipts.ts';
import type { Roster } from '../registry/roster.ts';
import type { PublishingTimes } from '../updates/publishing-times.ts';
import type { FrameHandler, FrameOf } from './frame-handler.ts';

interface Collaborators {
  publishingTimes: PublishingTimes;
  receipts: Receipts;
  roster: Roster;
}

/** More receipts at once come from a store that was away, and would measure its absence. */
const MOST_MEASURED = 10;

export function answerApplied({ publishingTimes, receipts, roster }: Collaborators): FrameHandler<'applied'> {
  return async (frame, { line: { identity }, now }) => {
    const { rejected, requestId, updates } = frame;
    if (identity.role !== 'store') throw new FrameError('forbidden', 'only a store has receipts', requestId);
    const { storeId } = identity;
    // First, since it refuses a revoked store, whose receipts are no evidence.
    await roster.heard(identity, now, ownPositions(frame, storeChannels(identity)));
    const [lags] = await Promise.all([
      lagsOf(frame, publishingTimes, now),
      ...updates.map(({ id, appliedAt }) =>
        receipts.store(id, { storeId, outcome: 'applied', at: Math.min(Date.parse(appliedAt), now) }, now),
      ),
      ...rejected.map(({ id, reason }) =>
        receipts.store(id, { storeId, outcome: 'rejected', at: now, reason }, now),
      ),
    ]);
    const ids = [...updates, ...rejected].map(({ id }) => id);
    log.info('receipts', { storeId, updateIds: ids, rejected: rejected.length }, { AppliedLag: lags });
    return { type: 'applied.accepted', requestId, ids };
  };
}

/** Where the store says it stands; channels not its own are ignored. */
function ownPositions({ positions }: FrameOf<'applied'>, channels: readonly string[]): Positions | undefined {
  if (positions === undefined) return undefined;
  return Object.fromEntries(Object.entries(positions).filter(([channel]) => channels.includes(channel)));
}

/** Until the receipt came, by the chain's clock, not by the store's. */
async function lagsOf(
  { updates }: FrameOf<'applied'>,
  publishingTimes: PublishingTimes,
  now: number,
): Promise<number[]> {
  const measured = updates.length > MOST_MEASURED ? [] : updates;
  const times = await Promise.all(measured.map(({ id }) => publishingTimes.of(id)));
  return times.flatMap(time => (time === undefined ? [] : [now - time]));
}
