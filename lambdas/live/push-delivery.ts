/** Where the updates stand that were just published, or that stores have just sent receipts for. */
import { chunks } from '../../domain/chunks.ts';
import type { DeliveryFrame } from '../../domain/protocol/manager-frames.ts';
import type { Update } from '../../domain/updates/update.ts';
import { deliveryOf, type Fleet, readFleet } from '../receipts/delivery-report.ts';
import type { Receipt } from '../receipts/receipt-rows.ts';
import type { Receipts } from '../receipts/receipts.ts';
import { receiptsOfWhole, wholeOf } from '../receipts/whole-delivery.ts';
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
    const found = await Promise.all(together.map(id => wholeOf(id, sources.updates)));
    // Parts of one that are told together are told by it once.
    const wholes = new Map(found.flatMap(whole => (whole === undefined ? [] : [[whole.update.id, whole]])));
    const receipts = await sources.receipts.ofEach([...wholes.values()].flatMap(({ ids }) => ids));
    for (const whole of wholes.values())
      frames.push(deliveryFrame(whole.update, fleet, receiptsOfWhole(whole, receipts), now));
  }
  return frames;
}

function deliveryFrame(
  update: Update,
  fleet: Fleet,
  received: readonly Receipt[],
  now: number,
): DeliveryFrame {
  const { applied, offline, pending, rejected, targeted } = deliveryOf(update, fleet, received, now).counts;
  return { type: 'delivery', updateId: update.id, targeted, applied, rejected, pending, offline };
}
