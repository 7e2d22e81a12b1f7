/**
 * The `current` table: by channel, what is or will be in force, for a store whose positions the log no longer reaches.
 * The only module that knows its keys: `c` channel, `j` subject (`price#SKU#validFrom`, `offer#ID`), `p` position (the
 * index `byPosition` is `c`, `p`), `v` version, `u` the update as JSON with this subject alone, `x` expiry (s).
 *
 * It is written after the posts: until then the log itself holds the update.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { chunks } from '../../domain/chunks.ts';
import { CURRENT_POSITION_INDEX, Environment } from '../../domain/names.ts';
import type { ChannelEntry, ChannelRun } from '../../domain/updates/catch-up-page.ts';
import { type Positions, toFrame, type Update, type UpdateOf } from '../../domain/updates/update.ts';
import { required } from '../aws/environment.ts';
import { type Item, isExpired, Table, type TableOptions } from '../aws/table.ts';

/** Part of an update that is about one SKU or one offer. */
interface SubjectPart {
  subject: string;
  part: Update;
}

/** The partition that keeps each channel's newest position, by the channel's name. */
const NEWEST = 'newest';
/** The partition that keeps when an offer is over for good, by its id. */
const OFFERS = 'offers';
const READ_ITEMS = 1_000;
const WRITES_AT_ONCE = 16;
const DAY_SECONDS = 86_400;

export function currentStateFromEnvironment(): CurrentState {
  return new CurrentState({ client: new DynamoDBClient({}), table: required(Environment.currentTable) });
}

export class CurrentState {
  readonly #table: Table;

  constructor(options: TableOptions) {
    this.#table = new Table(options);
  }

  /** Enters an update where it is newer than what is there; repeated or late, it changes nothing. */
  async record(update: Update, positions: Positions, now: number): Promise<void> {
    await Promise.all(
      Object.entries(positions).map(([channel, position]) => this.#noteNewest(channel, position)),
    );
    if (update.kind === 'offer.published') await this.#noteOfferEnd(update);
    const writes = Object.entries(positions).flatMap(([channel, position]) =>
      subjectParts(update).map(subject => ({ channel, position, ...subject })),
    );
    for (const together of chunks(writes, WRITES_AT_ONCE)) {
      await Promise.all(
        together.map(async ({ channel, position, subject, part }) => {
          await this.#putNewer(channel, subject, position, part);
          if (part.kind === 'price.changed') await this.#dropSuperseded(channel, subject, now);
        }),
      );
    }
  }

  /**
   * What is in force in a channel from positions past `position` and before `before`, in their order. The price parts
   * of one update are put together again.
   */
  async after(channel: string, position: number, before: number, now: number): Promise<ChannelRun> {
    const end = Math.max(before - 1, position);
    if (end === position) return { entries: [], hasMore: false, end };
    const { items, hasMore } = await this.#table.page({
      IndexName: CURRENT_POSITION_INDEX,
      KeyConditionExpression: 'c = :c AND p BETWEEN :from AND :to',
      ExpressionAttributeValues: {
        ':c': { S: channel },
        ':from': { N: String(position + 1) },
        ':to': { N: String(end) },
      },
      Limit: READ_ITEMS,
    });
    const entries = reassemble(
      channel,
      items.filter(item => !isExpired(item, now)),
    );
    if (!hasMore) return { entries, hasMore, end };
    const cut = Number(items.at(-1)?.p?.N);
    // The last update of a cut page may have more parts behind the cut. A page of one update alone is all of it: a
    // frame holds some 400 prices.
    const whole = entries.filter(entry => entry.position < cut);
    return whole.length > 0 ? { entries: whole, hasMore, end: cut - 1 } : { entries, hasMore, end: cut };
  }

  /** Whether any event of an offer has time left. */
  async isRunning(offerId: string, now: number): Promise<boolean> {
    const item = await this.#table.get(keyOf(OFFERS, offerId));
    return item !== undefined && !isExpired(item, now);
  }

  /** Newest position of every channel that was ever published to: for reports, a moment behind the log. */
  async newest(): Promise<Positions> {
    const newest: Positions = {};
    const pages = this.#table.query({
      KeyConditionExpression: 'c = :c',
      ExpressionAttributeValues: { ':c': { S: NEWEST } },
    });
    for await (const items of pages) for (const item of items) newest[item.j?.S ?? ''] = Number(item.p?.N);
    return newest;
  }

  async #noteNewest(channel: string, position: number): Promise<void> {
    const p = { N: String(position) };
    await this.#table.put(
      { ...keyOf(NEWEST, channel), p },
      { expression: 'attribute_not_exists(j) OR p < :p', values: { ':p': p } },
    );
  }

  /** An entry per offer, whatever its channels, that lives until the last of its events is over. */
  async #noteOfferEnd({ data, validUntil }: UpdateOf<'offer.published'>): Promise<void> {
    const x = { N: String(Math.ceil(Date.parse(validUntil) / 1000)) };
    await this.#table.put(
      { ...keyOf(OFFERS, data.offerId), x },
      { expression: 'attribute_not_exists(j) OR x < :x', values: { ':x': x } },
    );
  }

  async #putNewer(channel: string, subject: string, position: number, part: Update): Promise<void> {
    const expiry = await this.#expiryOf(channel, subject, part);
    const v = { S: versionOf(part) };
    await this.#table.put(
      {
        ...keyOf(channel, subject),
        p: { N: String(position) },
        v,
        u: { S: JSON.stringify(part) },
        ...(expiry === undefined ? {} : { x: { N: String(expiry) } }),
      },
      { expression: 'attribute_not_exists(j) OR v < :v', values: { ':v': v } },
    );
  }

  /**
   * An offer's entry outlives all of its events that are known, so that it can tell an older one that it is replaced;
   * a price stays.
   */
  async #expiryOf(channel: string, subject: string, part: Update): Promise<number | undefined> {
    if (part.kind === 'price.changed') return undefined;
    const known = await this.#table.get(keyOf(channel, subject));
    if (part.validUntil === null) return known?.x === undefined ? undefined : Number(known.x.N);
    return Math.max(Math.ceil(Date.parse(part.validUntil) / 1000) + DAY_SECONDS, Number(known?.x?.N ?? 0));
  }

  /** Drops the prices of a SKU that a newer one in force has replaced. */
  async #dropSuperseded(channel: string, subject: string, now: number): Promise<void> {
    const sku = subject.slice(0, subject.lastIndexOf('#') + 1);
    const { items } = await this.#table.page({
      KeyConditionExpression: 'c = :c AND begins_with(j, :sku)',
      ExpressionAttributeValues: { ':c': { S: channel }, ':sku': { S: sku } },
      ConsistentRead: true,
    });
    const inForce = items.filter(item => effectiveTime(item) <= new Date(now).toISOString());
    const ranked = inForce.sort((a, b) => (rankOf(a) < rankOf(b) ? 1 : -1));
    await Promise.all(
      ranked.slice(1).map(({ c, j, v }) =>
        // On condition that it is unchanged: a newer version of the same subject stays.
        this.#table.delete({ c, j } as Item, { expression: 'v = :v', values: { ':v': v } as Item }),
      ),
    );
  }
}

function subjectParts(update: Update): SubjectPart[] {
  const bare: Update = { ...update, audience: undefined };
  if (bare.kind !== 'price.changed') return [{ subject: `offer#${bare.data.offerId}`, part: bare }];
  return bare.data.prices.map(price => ({
    subject: `price#${price.sku}#${bare.validFrom ?? ''}`,
    part: { ...bare, data: { prices: [price] } },
  }));
}

function reassemble(channel: string, items: readonly Item[]): ChannelEntry[] {
  const whole = new Map<string, { position: number; update: Update }>();
  for (const item of items) {
    const part = JSON.parse(item.u?.S ?? '{}') as Update;
    const known = whole.get(part.id)?.update;
    if (known?.kind === 'price.changed' && part.kind === 'price.changed')
      known.data.prices.push(...part.data.prices);
    else whole.set(part.id, { position: Number(item.p?.N), update: part });
  }
  return [...whole.values()].map(({ position, update }) => ({
    position,
    update: toFrame(update, { [channel]: position }),
  }));
}

function keyOf(channel: string, subject: string): Item {
  return { c: { S: channel }, j: { S: subject } };
}

/** ISO 8601 times of one length compare as text, so versions do too. */
function versionOf({ publishedAt, id }: Pick<Update, 'publishedAt' | 'id'>): string {
  return `${publishedAt}#${id}`;
}

function effectiveTime(item: Item): string {
  const validFrom = item.j?.S?.split('#')[2] ?? '';
  return validFrom === '' ? (item.v?.S?.split('#')[0] ?? '') : validFrom;
}

function rankOf(item: Item): string {
  return `${effectiveTime(item)}#${item.v?.S}`;
}
