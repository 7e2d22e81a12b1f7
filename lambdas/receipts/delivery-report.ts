/** What became of an update at the stores of its audience, or at those of a part of the fleet (fleet-parts.ts). */
import type { DeliveryCounts, StoreDelivery } from '../../domain/protocol/http-api.ts';
import { isOver, periodOnEarth } from '../../domain/retail/validity.ts';
import { reachedBy } from '../../domain/updates/channels.ts';
import type { Update } from '../../domain/updates/update.ts';
import type { ListedStore } from '../registry/roster-list.ts';
import { EXPIRED, type Receipt } from './receipt-rows.ts';

/** Stores that were ever seen, and the ids of those that are connected: all of them, or those of a part of the fleet. */
export interface Fleet {
  stores: readonly ListedStore[];
  connected: ReadonlySet<string>;
  /** Of stores that an update names, whether they are of this part. @default all are */
  isOfPart?: (storeId: string) => boolean;
}

export interface DeliveryReport {
  counts: DeliveryCounts;
  /** Milliseconds from publishing to the last store that has applied it; null while none has. */
  lastAppliedMs: number | null;
  /** In the order of their ids. */
  stores: StoreDelivery[];
}

/** Targeted are the audience's stores first seen before the update was published, and every store that it names. */
export function deliveryOf(
  update: Update,
  fleet: Fleet,
  receipts: readonly Receipt[],
  now: number,
): DeliveryReport {
  const targets = targetsOf(update, fleet);
  const byStore = new Map(receipts.map(receipt => [receipt.storeId, receipt]));
  const stores = targets.map(storeId =>
    deliveryTo(update, storeId, byStore.get(storeId), fleet.connected.has(storeId), now),
  );
  return { counts: countStates(stores), lastAppliedMs: lastAppliedMs(update, targets, byStore), stores };
}

export function targetsOf(
  { audience, publishedAt }: Update,
  { isOfPart = () => true, stores }: Fleet,
): string[] {
  const targets = new Set((audience?.stores ?? []).filter(isOfPart));
  const isReached = reachedBy(audience);
  const at = Date.parse(publishedAt);
  for (const store of stores) if (store.firstSeenAt <= at && isReached(store)) targets.add(store.storeId);
  return [...targets].sort();
}

function deliveryTo(
  update: Update,
  storeId: string,
  receipt: Receipt | undefined,
  isConnected: boolean,
  now: number,
): StoreDelivery {
  if (receipt !== undefined) {
    const { at, outcome, reason } = receipt;
    return {
      storeId,
      state: reason === EXPIRED && ends(update) ? 'expired' : outcome,
      at: new Date(at).toISOString(),
      ...(reason === undefined ? {} : { reason }),
    };
  }
  if (isOver(update, now)) return { storeId, state: 'expired', at: null };
  return { storeId, state: isConnected ? 'pending' : 'offline', at: null };
}

/** Whether it is over at some time: else no store can have found it so. */
function ends(update: Update): boolean {
  return Number.isFinite(periodOnEarth(update).until);
}

function countStates(stores: readonly StoreDelivery[]): DeliveryCounts {
  const counts = { targeted: stores.length, applied: 0, rejected: 0, pending: 0, offline: 0, expired: 0 };
  for (const { state } of stores) counts[state] += 1;
  return counts;
}

function lastAppliedMs(
  update: Update,
  targets: readonly string[],
  receipts: ReadonlyMap<string, Receipt>,
): number | null {
  const times = targets.flatMap(storeId => {
    const receipt = receipts.get(storeId);
    return receipt?.outcome === 'applied' ? [receipt.at] : [];
  });
  return times.length === 0
    ? null
    : Math.max(0, times.reduce((last, at) => Math.max(last, at), 0) - Date.parse(update.publishedAt));
}
