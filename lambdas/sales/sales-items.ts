/**
 * The items of the `sales` table: one for a store's minute. The index `byBucket` (bucket, minute) projects the sums;
 * totals read it by the thousand, so what it holds has names of one letter.
 */
import type { Sale } from '../../domain/sales/sale.ts';
import { type Grouping, skuTotals, type Totals } from '../../domain/sales/sales-sums.ts';
import { type Item, listOf, mapOf, number, text } from '../aws/codecs.ts';
import { type Attribute, ItemSchema, optional, type RecordOf, short } from '../aws/item-schema.ts';
import { shardOf } from '../aws/shard.ts';

/** Buckets of stores, each a partition of a day in the index, which takes 1,000 writes a second. */
export const BUCKETS = 8;
/** DynamoDB's item holds 400 KB: a thousand sales in a minute, some two hundred times what a store sells. */
const MOST_BYTES = 380 * 1024;

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
    amounts: short('a', mapOf(number)),
    /** The sums by SKU of each write (domain/sales/sales-sums.ts). */
    skus: short('q', listOf(text)),
    /** Each sale as JSON, by its id: a search for an id parses none. */
    sales: mapOf(text),
    /** What the sales and their sums by SKU take. */
    bytes: number,
  },
);
export type StoreMinute = RecordOf<typeof storeMinute>;

export function bucketOf(storeId: string): number {
  return shardOf(storeId, BUCKETS);
}

/** Where the index has the minutes of a day and a bucket. @param day `2026-11-22` */
export function indexKey(day: string, bucket: number): string {
  return `${day}#${bucket}`;
}

/** What one write adds to a minute. */
export interface Entry {
  /** How many there are and what they add up to, by currency. */
  sums: { currency: string; count: number; amount: number }[];
  /** Their sums by SKU, encoded. */
  skus: string;
  /** Bytes that they take. */
  bytes: number;
  /** How many bytes may be in the minute for these to be added. */
  room: number;
}

export function entryOf(sales: readonly Sale[]): Entry {
  const skus = skuTotals(sales).encode();
  const bytes = sales.reduce(
    (sum, sale) => sum + sale.saleId.length + Buffer.byteLength(JSON.stringify(sale)),
    skus.length,
  );
  return { sums: sumByCurrency(sales), skus, bytes, room: MOST_BYTES - bytes };
}

// Totals read the index by the thousand: these functions read only the attributes that they need.
const { amounts, counts, minute, region, skus, storeId } = storeMinute.attributes;

/** Adds a minute of the index to totals. */
export function addMinute(totals: Totals, by: Grouping, item: Item): void {
  if (by === 'sku') {
    for (const encoded of skus.of(item)) totals.addEncoded(encoded);
    return;
  }
  const key = by === 'store' ? storeId.of(item) : by === 'region' ? (region.of(item) ?? '') : minute.of(item);
  const [amountOf, countOf] = [amounts.of(item), counts.of(item)];
  for (const currency of Object.keys(amountOf)) {
    totals.add(key, currency, countOf[currency] ?? 0, amountOf[currency] ?? 0);
  }
}

/** What a store sold in a minute, in one currency. */
export interface MinuteTotal {
  store: string;
  minute: string;
  count: number;
  /** Minor units. */
  amount: number;
  currency: string;
}

/** The totals of a minute's item, one for each currency. */
export function minuteTotals(item: Item): MinuteTotal[] {
  return sumsOf(item).map(sum => ({ store: storeId.of(item), minute: minute.of(item), ...sum }));
}

/** The attributes of the index that totals need; without the SKUs a minute is a third as large. */
export function attributesFor(groupings: readonly Grouping[]): Attribute<unknown>[] {
  const sums = [storeId, minute, region, counts, amounts];
  return groupings.includes('sku') ? [...sums, skus] : sums;
}

function sumsOf(item: Item): Entry['sums'] {
  const countOf = counts.of(item);
  return Object.entries(amounts.of(item)).map(([currency, amount]) => ({
    currency,
    count: countOf[currency] ?? 0,
    amount,
  }));
}

function sumByCurrency(sales: readonly Sale[]): Entry['sums'] {
  const sums = new Map<string, { currency: string; count: number; amount: number }>();
  for (const { currency, total } of sales) {
    const sum = sums.get(currency) ?? { currency, count: 0, amount: 0 };
    sums.set(currency, { currency, count: sum.count + 1, amount: sum.amount + total });
  }
  return [...sums.values()];
}
