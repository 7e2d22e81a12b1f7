/** What became of a wave at its stores, counted over all of its updates. */
import type { WaveFigures } from '../../domain/updates/rollout-judgement.ts';
import type { Update } from '../../domain/updates/update.ts';
import { deliveryOf, type Fleet } from '../receipts/delivery-report.ts';
import type { Receipt } from '../receipts/receipt-rows.ts';

/** Longer than a connected store goes unheard: a line that dropped without a word is taken for one that dropped since. */
const UNHEARD_MS = 10 * 60_000;

/** @param beganAt milliseconds since the epoch */
export function waveFigures(
  updates: readonly Update[],
  beganAt: number,
  fleet: Fleet,
  receipts: ReadonlyMap<string, readonly Receipt[]>,
  now: number,
): WaveFigures {
  const stayedAway = absentees(fleet, beganAt);
  const figures = { targeted: 0, applied: 0, rejected: 0, absent: 0 };
  for (const update of updates) {
    const { counts, stores } = deliveryOf(update, fleet, receipts.get(update.id) ?? [], now);
    figures.targeted += counts.targeted;
    figures.applied += counts.applied;
    figures.rejected += counts.rejected;
    figures.absent += stores.filter(({ at, storeId }) => at === null && stayedAway(storeId)).length;
  }
  return figures;
}

/** Tells whether a store is off the line since before the wave began, for all that is known. */
function absentees({ connected, stores }: Fleet, beganAt: number): (storeId: string) => boolean {
  const seen = new Map(stores.map(store => [store.storeId, store]));
  return storeId => {
    if (connected.has(storeId)) return false;
    const store = seen.get(storeId);
    if (store === undefined) return true;
    const { lastSeenAt, wentOffAt = 0 } = store;
    if (wentOffAt >= beganAt) return false;
    return lastSeenAt < (wentOffAt >= lastSeenAt ? beganAt : beganAt - UNHEARD_MS);
  };
}
