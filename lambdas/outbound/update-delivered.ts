/**
 * `UpdateDelivered`: no connected store is pending. It is looked for where an update is published, where receipts come, and
 * where a store goes off the line that was pending. Later receipts, of stores that come back, tell it again with higher
 * counts.
 *
 * To look costs a read of the fleet, so one that is some seconds old serves until nobody seems to be pending.
 */
import { chunks } from '../../domain/chunks.ts';
import { deliveryOf, type Fleet, readFleet } from '../receipts/delivery-report.ts';
import type { Receipt } from '../receipts/receipt-rows.ts';
import type { Receipts } from '../receipts/receipts.ts';
import { receiptsOfWhole, type WholeUpdate, wholeOf } from '../receipts/whole-delivery.ts';
import type { Connections } from '../registry/connections.ts';
import type { Roster } from '../registry/roster.ts';
import type { PublishedList } from '../updates/published-list.ts';
import type { UpdateLog } from '../updates/update-log.ts';
import type { PutEvent } from './event-parts.ts';

export interface UpdateDeliveriesOptions {
  connections: Connections;
  roster: Roster;
  receipts: Pick<Receipts, 'ofEach'>;
  updates: Pick<UpdateLog, 'find'>;
  published: Pick<PublishedList, 'page'>;
}

const FLEET_KEPT_MS = 30_000;
const UPDATES_AT_ONCE = 8;
/** A store that goes off the line was pending for one of the newest updates, or not at all. */
const NEWEST = 20;
const NEWEST_MS = 3_600_000;
const MOST_REMEMBERED = 1_000;

interface Standing {
  event: PutEvent;
  isPending: boolean;
  /** Stores that are off the line without a receipt. */
  offline: ReadonlySet<string>;
}

export class UpdateDeliveries {
  readonly #options: UpdateDeliveriesOptions;
  #fleet: { read: Fleet; at: number } | undefined;
  /** Details that are on the bus. */
  readonly #told = new Set<string>();

  constructor(options: UpdateDeliveriesOptions) {
    this.#options = options;
  }

  /**
   * Of updates that were just published those for which nobody is connected. All others are looked at when a store has
   * answered for them, or goes: their receipts need not be read now.
   */
  async ofPublished(touched: readonly string[], now: number): Promise<PutEvent[]> {
    const events: PutEvent[] = [];
    for (const id of new Set(touched)) {
      const whole = await wholeOf(id, this.#options.updates);
      const standing = whole && (await this.#standing(whole, [], now));
      if (standing?.isPending === false) events.push(...(await this.of([id], now)));
    }
    return events;
  }

  /** Of these updates those that are delivered. @param touched ids, repeats and all */
  async of(touched: readonly string[], now: number): Promise<PutEvent[]> {
    return this.#tell(touched, now, () => true);
  }

  /** What is delivered since these stores are off the line. */
  async without(gone: readonly string[], now: number): Promise<PutEvent[]> {
    if (gone.length === 0) return [];
    const { found } = await this.#options.published.page(NEWEST);
    const recent = found.filter(({ update }) => Date.parse(update.publishedAt) > now - NEWEST_MS);
    this.#fleet = undefined;
    return this.#tell(
      recent.map(({ update }) => update.id),
      now,
      ({ offline }) => gone.some(storeId => offline.has(storeId)),
    );
  }

  /** These are on the bus: as long as nothing changes, this environment tells them no more. */
  remember(events: readonly PutEvent[]): void {
    if (this.#told.size >= MOST_REMEMBERED) this.#told.clear();
    for (const { detail, type } of events) if (type === 'UpdateDelivered') this.#told.add(detail);
  }

  async #tell(
    touched: readonly string[],
    now: number,
    isNews: (standing: Standing) => boolean,
  ): Promise<PutEvent[]> {
    const events: PutEvent[] = [];
    for (const ids of chunks([...new Set(touched)], UPDATES_AT_ONCE)) {
      const found = await Promise.all(ids.map(id => wholeOf(id, this.#options.updates)));
      const wholes = new Map(found.flatMap(whole => (whole === undefined ? [] : [[whole.update.id, whole]])));
      const receipts = await this.#options.receipts.ofEach([...wholes.values()].flatMap(whole => whole.ids));
      for (const whole of wholes.values()) {
        const standing = await this.#standing(whole, receiptsOfWhole(whole, receipts), now);
        if (standing === undefined || standing.isPending || !isNews(standing)) continue;
        if (!this.#told.has(standing.event.detail)) events.push(standing.event);
      }
    }
    return events;
  }

  /** Undefined for an update that is not in the log yet, or not with all of its parts. */
  async #standing(
    { isWhole, update }: WholeUpdate,
    receipts: readonly Receipt[],
    now: number,
  ): Promise<Standing | undefined> {
    if (!isWhole) return undefined;
    const known = await this.#fleetAt(now);
    const report = deliveryOf(update, known.read, receipts, now);
    if (report.counts.pending > 0) return { ...nothing, isPending: true };
    const isFresh = known.at === now;
    if (!isFresh) this.#fleet = undefined;
    const { counts, stores } = isFresh
      ? report
      : deliveryOf(update, (await this.#fleetAt(now)).read, receipts, now);
    const { applied, pending, rejected, targeted } = counts;
    return {
      event: {
        type: 'UpdateDelivered',
        detail: JSON.stringify({ updateId: update.id, targeted, applied, rejected }),
      },
      isPending: pending > 0,
      offline: new Set(stores.filter(({ state }) => state === 'offline').map(({ storeId }) => storeId)),
    };
  }

  async #fleetAt(now: number): Promise<{ read: Fleet; at: number }> {
    if (this.#fleet === undefined || this.#fleet.at < now - FLEET_KEPT_MS)
      this.#fleet = { read: await readFleet(this.#options, now), at: now };
    return this.#fleet;
  }
}

const nothing = {
  event: { type: 'UpdateDelivered', detail: '' },
  offline: new Set<string>(),
} as const;
