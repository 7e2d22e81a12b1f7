/** Counts of deliveries, summed up over the parts of a fleet. */
import type { DeliveryCounts } from '../../domain/protocol/http-api.ts';
import type { Update } from '../../domain/updates/update.ts';
import type { DeliveryReport } from './delivery-report.ts';
import { deliveryParts, type FleetSources } from './fleet-parts.ts';
import { single } from './whole-delivery.ts';

export class DeliverySum {
  readonly counts: DeliveryCounts = {
    targeted: 0,
    applied: 0,
    rejected: 0,
    pending: 0,
    offline: 0,
    expired: 0,
  };
  lastAppliedMs: number | null = null;

  add({ counts, lastAppliedMs }: Pick<DeliveryReport, 'counts' | 'lastAppliedMs'>): void {
    for (const state of Object.keys(counts) as (keyof DeliveryCounts)[]) this.counts[state] += counts[state];
    if (lastAppliedMs !== null) this.lastAppliedMs = Math.max(this.lastAppliedMs ?? 0, lastAppliedMs);
  }
}

/** The sums of each of these updates, by its id. */
export async function sumDeliveries(
  updates: readonly Update[],
  sources: FleetSources,
  now: number,
): Promise<Map<string, DeliverySum>> {
  const sums = new Map(updates.map(({ id }) => [id, new DeliverySum()]));
  for await (const { reports } of deliveryParts(updates.map(single), sources, now))
    for (const [id, report] of reports) sums.get(id)?.add(report);
  return sums;
}
