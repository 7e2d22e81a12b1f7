/**
 * `UpdateDelivered`: no connected store is pending. It is looked for where an update is published, where receipts come, and
 * where a store goes off the line that was pending. Later receipts, of stores that come back, tell it again with higher
 * counts.
 *
 * To look reads the fleet part by part, and no further than to the first store that is pending: while receipts come that is
 * in the first part.
 */
import { chunks } from '../../domain/chunks.ts';
import type { StoreDelivery } from '../../domain/protocol/http-api.ts';
import { DeliverySum } from '../receipts/delivery-sum.ts';
import { deliveryParts, type FleetSources } from '../receipts/fleet-parts.ts';
import { ReadingPace } from '../receipts/reading-pace.ts';
import { type Delivered, wholesOf } from '../receipts/whole-delivery.ts';
import type { PublishedList } from '../updates/published-list.ts';
import type { UpdateLog } from '../updates/update-log.ts';
import type { PutEvent } from './event-parts.ts';

export interface UpdateDeliveriesOptions extends FleetSources {
  updates: Pick<UpdateLog, 'find'>;
  published: Pick<PublishedList, 'page'>;
}

const UPDATES_AT_ONCE = 8;
/** A store that goes off the line was pending for one of the newest updates, or not at all. */
const NEWEST = 20;
const NEWEST_MS = 3_600_000;
const MOST_REMEMBERED = 1_000;
const unread = { ofEach: async () => new Map() };

export class UpdateDeliveries {
  readonly #options: UpdateDeliveriesOptions;
  readonly #pace: ReadingPace;
  /** Details that are on the bus, and their updates. */
  readonly #told = new Set<string>();
  readonly #delivered = new Set<string>();
  #storesRead = 0;

  constructor(options: UpdateDeliveriesOptions) {
    this.#options = options;
    this.#pace = new ReadingPace(options.connections);
  }

  /**
   * Of updates that were just published those for which nobody is connected. All others are looked at when a store has
   * answered for them, or goes: their receipts need not be read now.
   */
  async ofPublished(touched: readonly string[], now: number): Promise<PutEvent[]> {
    const updates = await this.#appended(touched);
    const events: PutEvent[] = [];
    for (const some of chunks(updates, UPDATES_AT_ONCE)) {
      const unanswered = await this.#deliveredAmong(some, { ...this.#options, receipts: unread }, now);
      events.push(...(await this.of([...unanswered.keys()], now)));
    }
    return events;
  }

  /** Of these updates those that are delivered. @param touched ids, repeats and all */
  async of(touched: readonly string[], now: number): Promise<PutEvent[]> {
    return this.#tell(await this.#appended(touched), now);
  }

  /**
   * What is delivered since these stores are off the line: of the updates that were not delivered before, for a store that
   * goes changes no other. Of a large fleet stores go all the time, and a look is for all that went before it.
   */
  async without(gone: readonly string[], now: number): Promise<PutEvent[]> {
    if (gone.length === 0 || !this.#pace.mayRead(now)) return [];
    const { connections } = this.#options;
    const before = this.#storesRead;
    const { found } = await this.#options.published.page(NEWEST);
    const open = found.filter(
      ({ update: { id, publishedAt } }) =>
        Date.parse(publishedAt) > now - NEWEST_MS && !this.#delivered.has(id),
    );
    const events = await this.#tell(
      await this.#appended(open.map(({ update }) => update.id)),
      now,
      connections.hasParts
        ? undefined
        : ({ state, storeId }) => state === 'offline' && gone.includes(storeId),
    );
    this.#pace.hasRead(this.#storesRead - before, now);
    return events;
  }

  /** These are on the bus: as long as nothing changes, this environment tells them no more. */
  remember(events: readonly PutEvent[]): void {
    for (const known of [this.#told, this.#delivered]) if (known.size >= MOST_REMEMBERED) known.clear();
    for (const { detail, type } of events) {
      if (type !== 'UpdateDelivered') continue;
      this.#told.add(detail);
      this.#delivered.add(JSON.parse(detail).updateId);
    }
  }

  /** @param isNews asked of each store: one of them makes an event of it @default each update is news */
  async #tell(
    updates: readonly Delivered[],
    now: number,
    isNews?: (store: StoreDelivery) => boolean,
  ): Promise<PutEvent[]> {
    const events: PutEvent[] = [];
    for (const some of chunks(updates, UPDATES_AT_ONCE)) {
      const delivered = await this.#deliveredAmong(some, this.#options, now, isNews);
      for (const [updateId, { counts, hasNews }] of delivered) {
        const { applied, rejected, targeted } = counts;
        const detail = JSON.stringify({ updateId, targeted, applied, rejected });
        if (hasNews && !this.#told.has(detail)) events.push({ type: 'UpdateDelivered', detail });
      }
    }
    return events;
  }

  /** Those of these updates that no connected store is pending for. */
  async #deliveredAmong(
    updates: readonly Delivered[],
    sources: FleetSources,
    now: number,
    isNews?: (store: StoreDelivery) => boolean,
  ): Promise<Map<string, DeliverySum & { hasNews: boolean }>> {
    const hasNews = isNews === undefined;
    const open = new Map(
      updates.map(({ update }) => [update.id, Object.assign(new DeliverySum(), { hasNews })]),
    );
    for await (const { fleet, reports } of deliveryParts(updates, sources, now)) {
      this.#storesRead += fleet.stores.length;
      for (const [id, report] of reports) {
        const sum = open.get(id);
        sum?.add(report);
        if (sum !== undefined && isNews !== undefined) sum.hasNews ||= report.stores.some(isNews);
        if (report.counts.pending > 0) open.delete(id);
      }
      if (open.size === 0) break;
    }
    return open;
  }

  /** Those that are in the log, with all of their parts; what is not there yet, or no more, tells nothing. */
  async #appended(ids: readonly string[]): Promise<Delivered[]> {
    return (await wholesOf(ids, this.#options.updates)).filter(({ isWhole }) => isWhole);
  }
}
