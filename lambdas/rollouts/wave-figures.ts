/** What became of a wave at its stores, counted over all of its updates. */
import type { WaveFigures } from '../../domain/updates/rollout-judgement.ts';
import type { Update } from '../../domain/updates/update.ts';
import { DeliverySum } from '../receipts/delivery-sum.ts';
import { deliveryParts, type FleetSources } from '../receipts/fleet-parts.ts';
import { single } from '../receipts/whole-delivery.ts';
import type { Roster } from '../registry/roster.ts';

/** Longer than a connected store goes unheard: a line that dropped without a word is taken for one that dropped since. */
const UNHEARD_MS = 10 * 60_000;

export type WaveSources = FleetSources & { roster: Pick<Roster, 'findEach' | 'list'> };

/** Figures without those that need what is known of each store. */
export function summed(sums: readonly DeliverySum[]): Omit<WaveFigures, 'absent'> {
  const sum = new DeliverySum();
  for (const one of sums) sum.add(one);
  const { applied, rejected, targeted } = sum.counts;
  return { targeted, applied, rejected };
}

/** @param beganAt milliseconds since the epoch */
export async function waveFigures(
  updates: readonly Update[],
  beganAt: number,
  sources: WaveSources,
  now: number,
): Promise<WaveFigures> {
  const sum = new DeliverySum();
  let absent = 0;
  for await (const { fleet, reports } of deliveryParts(updates.map(single), sources, now)) {
    const silent: string[] = [];
    for (const report of reports.values()) {
      sum.add(report);
      for (const { at, storeId } of report.stores)
        if (at === null && !fleet.connected.has(storeId)) silent.push(storeId);
    }
    absent += await countAbsent(silent, beganAt, sources.roster);
  }
  return { ...summed([sum]), absent };
}

/** How many of these stores are off the line since before the wave began, for all that is known; one named twice is two. */
async function countAbsent(
  storeIds: readonly string[],
  beganAt: number,
  roster: WaveSources['roster'],
): Promise<number> {
  const present = new Set<string>();
  for await (const page of roster.findEach(storeIds)) {
    for (const { lastSeenAt, storeId, wentOffAt = 0 } of page) {
      const isOff = lastSeenAt < (wentOffAt >= lastSeenAt ? beganAt : beganAt - UNHEARD_MS);
      if (wentOffAt >= beganAt || !isOff) present.add(storeId);
    }
  }
  // A store that was never seen is absent, too.
  return storeIds.filter(storeId => !present.has(storeId)).length;
}
