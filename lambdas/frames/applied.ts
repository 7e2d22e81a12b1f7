/**
 * Receipts: what a store has applied or refused, and where it stands. Those for an update that was never published, or
 * not to this store, are answered like the others and count nowhere. They are answered once they are stored, and a
 * store repeats them until then; the first receipt of an update stays.
 */
import type { Identity } from '../../domain/identity/identity.ts';
import { FrameError } from '../../domain/protocol/frame-error.ts';
import { isOver } from '../../domain/retail/validity.ts';
import { storeChannels } from '../../domain/updates/channels.ts';
import type { Positions } from '../../domain/updates/update.ts';
import { log } from '../aws/log.ts';
import { EXPIRED, type Receipt, type Receipts } from '../receipts/receipts.ts';
import type { Roster } from '../registry/roster.ts';
import type { KnownUpdate, KnownUpdates } from '../updates/known-updates.ts';
import type { FrameHandler, FrameOf } from './frame-handler.ts';

interface Collaborators {
  knownUpdates: KnownUpdates;
  receipts: Receipts;
  roster: Roster;
}

type Store = Extract<Identity, { role: 'store' }>;
interface Counted {
  id: string;
  update: KnownUpdate;
  receipt: Receipt;
}

/** More receipts at once come from a store that was away, and would measure its absence. */
const MOST_MEASURED = 10;

export function answerApplied({ knownUpdates, receipts, roster }: Collaborators): FrameHandler<'applied'> {
  return async (frame, { line: { identity }, now }) => {
    const { rejected, requestId, updates } = frame;
    if (identity.role !== 'store') throw new FrameError('forbidden', 'only a store has receipts', requestId);
    // First, since it refuses a revoked store, whose receipts are no evidence.
    await roster.heard(identity, now, ownPositions(frame, storeChannels(identity)));
    const counted = await count(frame, identity, knownUpdates, now);
    await Promise.all(counted.map(({ id, receipt }) => receipts.store(id, receipt, now)));
    const ids = [...updates, ...rejected].map(({ id }) => id);
    const { storeId } = identity;
    log.info(
      'receipts',
      { storeId, updateIds: ids, rejected: rejected.length },
      { AppliedLag: lagsOf(counted, now) },
    );
    return { type: 'applied.accepted', requestId, ids };
  };
}

/** The receipts that count, as they are stored. */
async function count(
  { rejected, updates }: FrameOf<'applied'>,
  store: Store,
  knownUpdates: KnownUpdates,
  now: number,
): Promise<Counted[]> {
  const { storeId } = store;
  const find = async (id: string, toReceipt: (update: KnownUpdate) => Receipt): Promise<Counted[]> => {
    const update = await knownUpdates.of(id);
    return update?.reaches(store) ? [{ id, update, receipt: toReceipt(update) }] : [];
  };
  const found = await Promise.all([
    ...updates.map(({ id, appliedAt }) =>
      find(id, update => appliedReceipt(storeId, Date.parse(appliedAt), update, now)),
    ),
    ...rejected.map(({ id, reason }) => find(id, () => ({ storeId, outcome: 'rejected', at: now, reason }))),
  ]);
  return found.flat();
}

/**
 * Whatever the store's clock says, nothing is applied before it was published, nor later than now. What is said to be
 * applied after its end arrived over, however it came: a store rejects that as expired, and so it counts.
 */
function appliedReceipt(storeId: string, appliedAt: number, update: KnownUpdate, now: number): Receipt {
  const at = Math.min(Math.max(appliedAt, update.publishedAt), now);
  return isOver(update, at)
    ? { storeId, outcome: 'rejected', at, reason: EXPIRED }
    : { storeId, outcome: 'applied', at };
}

/** Where the store says it stands; channels not its own are ignored. */
function ownPositions({ positions }: FrameOf<'applied'>, channels: readonly string[]): Positions | undefined {
  if (positions === undefined) return undefined;
  return Object.fromEntries(Object.entries(positions).filter(([channel]) => channels.includes(channel)));
}

/** From publishing until the receipt came, by the chain's clock, not by the store's. */
function lagsOf(counted: readonly Counted[], now: number): number[] {
  const applied = counted.filter(({ receipt }) => receipt.outcome === 'applied');
  return applied.length > MOST_MEASURED ? [] : applied.map(({ update }) => now - update.publishedAt);
}
