/**
 * Reads the `current` table: by channel, what is or will be in force, for a store whose positions the log no longer
 * reaches. state-writer.ts writes it, after the posts: until then the log itself holds the update.
 */
import { CURRENT_POSITION_INDEX, Environment } from '../../domain/names.ts';
import type { ChannelRun } from '../../domain/updates/catch-up-page.ts';
import type { Positions } from '../../domain/updates/update.ts';
import { dynamoDb } from '../aws/direct/direct-requests.ts';
import { required } from '../aws/environment.ts';
import { expression } from '../aws/expression.ts';
import { isExpired, Table, type TableOptions } from '../aws/table.ts';
import {
  NEWEST,
  newestPosition,
  OFFERS,
  offerEnd,
  priceSubjects,
  reassemble,
  type StatePart,
  skuOf,
  skuSubjects,
  statePart,
  WITHDRAWN,
  withdrawnUpdate,
} from './current-items.ts';

/** What a channel knows of the prices of one SKU. */
export interface SkuPrices {
  sku: string;
  parts: StatePart[];
}

const READ_ITEMS = 1_000;

export function currentStateFromEnvironment(): CurrentState {
  return new CurrentState({ client: dynamoDb(), table: required(Environment.currentTable) });
}

export class CurrentState {
  readonly #parts: Table<typeof statePart>;
  readonly #newest: Table<typeof newestPosition>;
  readonly #offerEnds: Table<typeof offerEnd>;
  readonly #withdrawn: Table<typeof withdrawnUpdate>;

  constructor(options: TableOptions) {
    this.#parts = new Table(options, statePart);
    this.#newest = new Table(options, newestPosition);
    this.#offerEnds = new Table(options, offerEnd);
    this.#withdrawn = new Table(options, withdrawnUpdate);
  }

  /**
   * What is in force in a channel from positions past `position` and before `before`, in their order. The price parts
   * of one update are put together again.
   */
  async after(channel: string, position: number, before: number, now: number): Promise<ChannelRun> {
    const end = Math.max(before - 1, position);
    if (end === position) return { entries: [], hasMore: false, end };
    const keys = statePart.attributes;
    const [first, last] = [keys.position.value(position + 1), keys.position.value(end)];
    const { items, hasMore } = await this.#parts.page({
      index: CURRENT_POSITION_INDEX,
      where: expression`${keys.channel.is(channel)} AND ${keys.position} BETWEEN ${first} AND ${last}`,
      limit: READ_ITEMS,
    });
    const parts = items.map(item => statePart.decode(item));
    const alive = parts.filter(part => !isExpired(part, now));
    const entries = reassemble(channel, alive);
    const cut = parts.at(-1)?.position;
    if (!hasMore || cut === undefined) return { entries, hasMore, end };
    // The last update of a cut page may have more parts behind the cut. A page of one update alone is all of it: a
    // frame holds some 400 prices.
    const whole = entries.filter(entry => entry.position < cut);
    return whole.length > 0 ? { entries: whole, hasMore, end: cut - 1 } : { entries, hasMore, end: cut };
  }

  /** Whether any event of an offer has time left. */
  async isRunning(offerId: string, now: number): Promise<boolean> {
    const end = await this.#offerEnds.get({ channel: OFFERS, subject: offerId });
    return end !== undefined && !isExpired(end, now);
  }

  /** Which of these updates are withdrawn. */
  async withdrawnAmong(ids: Iterable<string>): Promise<Set<string>> {
    const found = await Promise.all([...ids].map(async id => ((await this.isWithdrawn(id)) ? [id] : [])));
    return new Set(found.flat());
  }

  async isWithdrawn(id: string): Promise<boolean> {
    return (await this.#withdrawn.getItem({ channel: WITHDRAWN, subject: id })) !== undefined;
  }

  /** All that is known of a SKU's prices of one currency and type in a channel, hidden ones too. */
  async prices(channel: string, key: string, now: number): Promise<StatePart[]> {
    const keys = statePart.attributes;
    const prefix = keys.subject.value(priceSubjects(key));
    const parts: StatePart[] = [];
    const where = expression`${keys.channel.is(channel)} AND begins_with(${keys.subject}, ${prefix})`;
    for await (const items of this.#parts.query({ where }))
      parts.push(...items.map(item => statePart.decode(item)));
    return parts.filter(part => !isExpired(part, now));
  }

  /**
   * A channel's prices SKU by SKU, hidden ones too, in the order of their subjects.
   *
   * @param first the SKU to begin with @default the first of all
   * @param only no others than that one
   */
  async *pricesBySku(
    channel: string,
    now: number,
    { first, only }: { first?: string; only?: string } = {},
  ): AsyncGenerator<SkuPrices> {
    const keys = statePart.attributes;
    const from = keys.subject.value(skuSubjects(only ?? first ?? ''));
    // The sign after the one that ends what all have in common.
    const to = keys.subject.value(only === undefined ? 'price$' : `price#${only}0`);
    const where = expression`${keys.channel.is(channel)} AND ${keys.subject} BETWEEN ${from} AND ${to}`;
    let group: SkuPrices | undefined;
    for await (const items of this.#parts.query({ where, limit: READ_ITEMS })) {
      for (const part of items.map(item => statePart.decode(item))) {
        if (isExpired(part, now)) continue;
        const sku = skuOf(part.subject);
        if (group !== undefined && group.sku !== sku) yield group;
        if (group?.sku !== sku) group = { sku, parts: [] };
        group.parts.push(part);
      }
    }
    if (group !== undefined) yield group;
  }

  /**
   * Newest positions of channels, for reports, a moment behind the log: of these, and of others whose names lie between
   * them. Those of regions and groups are few; those of stores whose ids follow each other, too.
   */
  async newest(channels: readonly string[]): Promise<Positions> {
    const isStores = (name: string) => name.startsWith('store/');
    const some = [channels.filter(isStores), channels.filter(name => !isStores(name))];
    return Object.assign({}, ...(await Promise.all(some.map(names => this.#newestBetween(names)))));
  }

  async #newestBetween(names: readonly string[]): Promise<Positions> {
    const sorted = [...names].sort();
    const [first, last] = [sorted[0], sorted.at(-1)];
    const newest: Positions = {};
    if (first === undefined || last === undefined) return newest;
    const { channel, position, subject } = newestPosition.attributes;
    const range = expression`${subject} BETWEEN ${subject.value(first)} AND ${subject.value(last)}`;
    const pages = this.#newest.query({
      where: expression`${channel.is(NEWEST)} AND ${range}`,
      isEventual: true,
    });
    for await (const items of pages) for (const item of items) newest[subject.of(item)] = position.of(item);
    return newest;
  }
}
