/**
 * The items of the `sales` table: one for a store's minute, of one write unit where the minute comes whole: so names are
 * of one letter. The index `byBucket` (bucket, minute) projects the sums; totals read it by the thousand.
 */
import { type Exact, plus } from '../../domain/decimal.ts';
import { type JsonNumber, jsonNumber } from '../../domain/json.ts';
import { addAudit, encodeSold, sumsIn } from '../../domain/sales/article-sums.ts';
import type { AuditTotals } from '../../domain/sales/price-audit.ts';
import type { Sale } from '../../domain/sales/sale.ts';
import type { Totals } from '../../domain/sales/sales-sums.ts';
import {
  bytes,
  exact,
  expiry,
  flag,
  type Item,
  listOf,
  mapOf,
  number,
  packedText,
  text,
} from '../aws/codecs.ts';
import { type Attribute, ItemSchema, optional, type RecordOf, short } from '../aws/item-schema.ts';
import { shardOf } from '../aws/shard.ts';
import { type KeptSale, markOf, packSales, unpackLast } from './kept-sale.ts';
import { type AuditedBy, type KeyOf, type RolledUpBy, regionalKey } from './regional-sums.ts';

/** DynamoDB's item holds 400 KB: a thousand sales in a minute, some two hundred times what a store sells. */
const MOST_BYTES = 380 * 1024;

/** Beside its name, what a member of a map takes. */
const KEY_BYTES = 2;

/** A store's minute. */
export const storeMinute = new ItemSchema(
  'sales',
  { storeId: short('k', text), minute: short('m', text) },
  {
    /** Day and bucket. */
    bucket: short('b', text),
    /** The store's region then. */
    region: short('r', optional(text)),
    /** How many sales there are, and what they add up to in minor units, by currency. */
    counts: short('n', mapOf(number)),
    amounts: short('a', mapOf(exact)),
    /** What each write says of the articles (domain/sales/article-sums.ts). */
    skus: short('q', listOf(packedText)),
    /** The mark of each sale (kept-sale.ts): by it a write finds that the sale is there. */
    sales: short('s', mapOf(flag)),
    /** The sales of each write (kept-sale.ts). */
    packs: short('p', listOf(bytes)),
    /** What the sales and their sums by SKU take at most. */
    size: short('z', number),
    expiresAt: optional(expiry),
  },
);
export type StoreMinute = RecordOf<typeof storeMinute>;

/**
 * Which of the buckets the minutes of a store go to from now on. A minute that there is stays in its own: totals read
 * all buckets, so there may be more of them at any time, and never fewer.
 *
 * @param buckets how many there are; each is a partition of a day in the index, which takes 1,000 writes a second
 */
export function bucketOf(storeId: string, buckets: number): number {
  return shardOf(storeId, buckets);
}

/** Where the index has the minutes of a day and a bucket. @param day `2026-11-22` */
export function indexKey(day: string, bucket: number): string {
  return `${day}#${bucket}`;
}

/** The bucket of a minute's item. */
export function bucketIn(key: string): number {
  return Number(key.slice(key.indexOf('#') + 1));
}

interface CurrencySum {
  currency: string;
  count: number;
  amount: Exact;
}

/** What one write adds to a minute. */
export interface Entry {
  /** How many there are and what they add up to, by currency. */
  sums: CurrencySum[];
  /** What they say of the articles, encoded. */
  skus: string;
  /** The marks of the sales, and the sales as they are kept. */
  marks: string[];
  pack: Uint8Array;
  /** Bytes that they take. */
  size: number;
  /** How many bytes may be in the minute for these to be added. */
  room: number;
}

/** @param receivedAt ISO 8601 */
export function entryOf(sales: readonly Sale[], receivedAt: string): Entry {
  const skus = encodeSold(sales);
  const marks = sales.map(markOf);
  const pack = packSales(receivedAt, sales, skus);
  const size = marks.reduce((sum, mark) => sum + mark.length + KEY_BYTES, skus.length + pack.length);
  return { sums: sumByCurrency(sales), skus, marks, pack, size, room: MOST_BYTES - size };
}

// Totals read the index by the thousand: these functions read only the attributes that they need.
const { amounts, bucket, counts, minute, packs, region, skus, storeId } = storeMinute.attributes;

/** Adds a minute to totals by region and something else (regional-sums.ts). */
export function addMinute(totals: Totals, by: RolledUpBy, item: Item, keyOf?: KeyOf): void {
  const own = region.of(item);
  if (by === 'sku') {
    const ofRegion = (sku: string) => regionalKey(own, sku);
    const ofSku = keyOf === undefined ? ofRegion : (sku: string) => keyOf(ofRegion(sku));
    for (const sold of skus.of(item)) totals.addEncoded(sumsIn(sold), ofSku);
    return;
  }
  const regional = regionalKey(own, by === 'store' ? storeId.of(item) : minute.of(item));
  const key = keyOf === undefined ? regional : keyOf(regional);
  if (key === undefined) return;
  for (const { currency, count, amount } of sumsOf(item)) totals.add(key, currency, count, amount);
}

/** The same of how its lines compare with the listed prices. */
export function addMinuteAudit(
  audit: AuditTotals,
  by: AuditedBy,
  item: Item,
  keyOf: KeyOf = key => key,
): void {
  const own = region.of(item);
  const store = storeId.of(item);
  for (const sold of skus.of(item))
    addAudit(audit, sold, sku => keyOf(regionalKey(own, by === 'store' ? store : sku)));
}

/** What a store sold in a minute, in one currency. */
export interface MinuteTotal {
  store: string;
  minute: string;
  count: number;
  /** Minor units. */
  amount: JsonNumber;
  currency: string;
}

/** What the write that left a minute's item so has entered, and of which store: each write adds a pack. */
export function lastEntered(item: Item): { storeId: string; entered: KeptSale[] } {
  return {
    storeId: storeId.of(item),
    entered: unpackLast({ packs: packs.of(item), skus: skus.of(item) }),
  };
}

/** The totals of a minute's item, one for each currency. */
export function minuteTotals(item: Item): MinuteTotal[] {
  return sumsOf(item).map(({ count, amount, currency }) => ({
    store: storeId.of(item),
    minute: minute.of(item),
    count,
    amount: jsonNumber(String(amount)),
    currency,
  }));
}

/** The attributes that totals need; without the SKUs a minute of the index is a third as large. */
export function attributesFor(groupings: readonly RolledUpBy[]): Attribute<unknown>[] {
  const sums = [storeId, minute, bucket, region, counts, amounts];
  return groupings.includes('sku') ? [...sums, skus] : sums;
}

function sumsOf(item: Item): CurrencySum[] {
  const countOf = counts.of(item);
  return Object.entries(amounts.of(item)).map(([currency, amount]) => ({
    currency,
    count: countOf[currency] ?? 0,
    amount,
  }));
}

function sumByCurrency(sales: readonly Sale[]): CurrencySum[] {
  const sums = new Map<string, CurrencySum>();
  for (const { currency, total } of sales) {
    const { count, amount } = sums.get(currency) ?? { count: 0, amount: 0 };
    sums.set(currency, { currency, count: count + 1, amount: plus(amount, total) });
  }
  return [...sums.values()];
}
