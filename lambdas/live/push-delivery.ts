/** Where the updates stand that were just published, or that stores have just sent receipts for. */
import { chunks } from '../../domain/chunks.ts';
import type { DeliveryFrame } from '../../domain/protocol/manager-frames.ts';
import { deliveryOf, type Fleet, readFleet } from '../receipts/delivery-report.ts';
import type { Receipt } from '../receipts/receipt-rows.ts';
import type { Receipts } from '../receipts/receipts.ts';
import type { Connections } from '../registry/connections.ts';
import type { Roster } from '../registry/roster.ts';
import type { UpdateLog } from '../updates/update-log.ts';

export interface DeliverySources {
  connections: Connections;
  roster: Roster;
  receipts: Receipts;
  updates: UpdateLog;
}

const UPDATES_AT_ONCE = 8;

/** @param touched ids, repeats and all; one that is no longer in the log is passed over */
export async function deliveries(
  touched: readonly string[],
  sources: DeliverySources,
  now: number,
): Promise<DeliveryFrame[]> {
  const ids = [...new Set(touched)];
  if (ids.length === 0) return [];
  const fleet = await readFleet(sources, now);
  const frames: DeliveryFrame[] = [];
  for (const together of chunks(ids, UPDATES_AT_ONCE)) {
    const receipts = await sources.receipts.ofEach(together);
    const found = await Promise.all(
      together.map(id => deliveryFrame(id, fleet, receipts.get(id) ?? [], sources.updates, now)),
    );
    frames.push(...found.flatMap(frame => frame ?? []));
  }
  return frames;
}

async function deliveryFrame(
  updateId: string,
  fleet: Fleet,
  received: readonly Receipt[],
  updates: UpdateLog,
  now: number,
): Promise<DeliveryFrame | undefined> {
  const published = await updates.find(updateId);
  if (published === undefined) return undefined;
  const { applied, offline, pending, rejected, targeted } = deliveryOf(
    published.update,
    fleet,
    received,
    now,
  ).counts;
  return { type: 'delivery', updateId, targeted, applied, rejected, pending, offline };
}
