/**
 * Receipts: what a store has applied or refused, and where it stands. Those for an update that was never published, or
 * not to this store, are answered like the others and count nowhere. They are answered once they are stored, and a
 * store repeats them until then; the first receipt of an update stays.
 */
import type { Identity } from '../../domain/identity/identity.ts';
import { FrameError } from '../../domain/protocol/frame-error.ts';
import { isOver } from '../../domain/retail/validity.ts';
import { log } from '../aws/log.ts';
import type { ReceiptInbox } from '../receipts/receipt-inbox.ts';
import { EXPIRED, type Receipt } from '../receipts/receipt-rows.ts';
import type { Roster } from '../registry/roster.ts';
import type { KnownUpdate, KnownUpdates } from '../updates/known-updates.ts';
import type { FrameHandler, FrameOf } from './frame-handler.ts';

export interface ReceiptKeepers {
  knownUpdates: KnownUpdates;
  inbox: ReceiptInbox;
}

type Store = Extract<Identity, { role: 'store' }>;
type ReceiptFrame = Pick<FrameOf<'applied'>, 'rejected' | 'updates'>;
interface Counted {
  id: string;
  update: KnownUpdate;
  receipt: Receipt;
}

/** What became of the receipts of a frame. */
export interface TakenReceipts {
  /** Of all of them, those that count nowhere too. */
  ids: string[];
  /** Milliseconds from publishing to applying, where they measure the line and not an absence. */
  lags: number[];
}

/** More receipts at once come from a store that was away, and would measure its absence. */
const MOST_MEASURED = 10;

export function answerApplied({
  roster,
  ...keepers
}: ReceiptKeepers & { roster: Roster }): FrameHandler<'applied'> {
  return async (frame, { line: { identity }, now }) => {
    const { rejected, requestId } = frame;
    if (identity.role !== 'store') throw new FrameError('forbidden', 'only a store has receipts', requestId);
    // First, since it refuses a revoked store, whose receipts are no evidence.
    const store = await roster.heard(identity, now, { positions: frame.positions });
    const { ids, lags } = await takeReceipts(keepers, frame, store, now);
    const { storeId } = identity;
    log.info('receipts', { storeId, updateIds: ids, rejected: rejected.length }, { AppliedLag: lags });
    return { type: 'applied.accepted', requestId, ids };
  };
}

/** Resolves once they are stored. */
export async function takeReceipts(
  { inbox, knownUpdates }: ReceiptKeepers,
  frame: ReceiptFrame,
  store: Store,
  now: number,
): Promise<TakenReceipts> {
  const counted = await count(frame, store, knownUpdates, now);
  const receipts = counted.map(({ id, receipt }) => ({ updateId: id, ...receipt }));
  if (receipts.length > 0) await inbox.put(store.storeId, receipts, now);
  return { ids: [...frame.updates, ...frame.rejected].map(({ id }) => id), lags: lagsOf(counted) };
}

/** The receipts that count, as they are stored. */
async function count(
  { rejected, updates }: ReceiptFrame,
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

/** By the store's clock, as the chain corrects it: the receipt itself may wait for the store's next report. */
function lagsOf(counted: readonly Counted[]): number[] {
  const applied = counted.filter(({ receipt }) => receipt.outcome === 'applied');
  return applied.length > MOST_MEASURED
    ? []
    : applied.map(({ receipt, update }) => receipt.at - update.publishedAt);
}
