/** Where the updates stand that were just published, or that stores have just sent receipts for. */
import { chunks } from '../../domain/chunks.ts';
import type { DeliveryFrame } from '../../domain/protocol/manager-frames.ts';
import { DeliverySum } from '../receipts/delivery-sum.ts';
import { deliveryParts, type FleetSources } from '../receipts/fleet-parts.ts';
import { ReadingPace } from '../receipts/reading-pace.ts';
import { type Delivered, wholesOf } from '../receipts/whole-delivery.ts';
import type { UpdateLog } from '../updates/update-log.ts';

export interface DeliverySources extends FleetSources {
  updates: Pick<UpdateLog, 'find'>;
}

const UPDATES_AT_ONCE = 8;

/** Of a large fleet, what comes while it rests is told with a batch after that; a page asks the HTTP API for what is missing. */
export class PushedDeliveries {
  readonly #sources: DeliverySources;
  readonly #pace: ReadingPace;
  readonly #owed = new Set<string>();

  constructor(sources: DeliverySources) {
    this.#sources = sources;
    this.#pace = new ReadingPace(sources.connections);
  }

  /** @param touched ids, repeats and all; one that is no longer in the log is passed over */
  async of(touched: readonly string[], now: number): Promise<DeliveryFrame[]> {
    for (const id of touched) this.#owed.add(id);
    if (this.#owed.size === 0 || !this.#pace.mayRead(now)) return [];
    const ids = [...this.#owed];
    this.#owed.clear();
    const frames: DeliveryFrame[] = [];
    for (const together of chunks(await wholesOf(ids, this.#sources.updates), UPDATES_AT_ONCE))
      frames.push(...(await this.#framesOf(together, now)));
    return frames;
  }

  async #framesOf(updates: readonly Delivered[], now: number): Promise<DeliveryFrame[]> {
    const sums = new Map(updates.map(({ update }) => [update.id, new DeliverySum()]));
    let stores = 0;
    for await (const { fleet, reports } of deliveryParts(updates, this.#sources, now)) {
      stores += fleet.stores.length;
      for (const [id, report] of reports) sums.get(id)?.add(report);
    }
    this.#pace.hasRead(stores, now);
    return [...sums].map(([updateId, { counts }]) => {
      const { applied, offline, pending, rejected, targeted } = counts;
      return { type: 'delivery', updateId, targeted, applied, rejected, pending, offline };
    });
  }
}
