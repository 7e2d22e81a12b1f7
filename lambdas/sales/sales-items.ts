/**
 * The items of the `sales` table: `k` store id, `m` minute, `s` the minute's sales by sale id (JSON), `n` how many and `a`
 * their sum, both by currency, `q` the sums by SKU of each write (domain/sales/sales-sums.ts), `z` the bytes of them all, `r` the
 * store's region then, `b` day and bucket; the index `byBucket` is `b`, `m` and projects the sums.
 */
import type { Sale } from '../../domain/sales/sale.ts';
import { type Grouping, skuTotals, type Totals } from '../../domain/sales/sales-sums.ts';
import { shardOf } from '../aws/shard.ts';
import type { Item } from '../aws/table.ts';

/** Buckets of stores, each a partition of a day in the index, which takes 1,000 writes a second. */
export const BUCKETS = 8;
/** DynamoDB's item holds 400 KB: a thousand sales in a minute, some two hundred times what a store does. */
const MOST_BYTES = 380 * 1024;

export function keyOf(storeId: string, minute: string): Item {
  return { k: { S: storeId }, m: { S: minute } };
}

export function bucketOf(storeId: string): number {
  return shardOf(storeId, BUCKETS);
}

/** Where the index has the minutes of a day and a bucket. @param day `2026-11-22` */
export function indexKey(day: string, bucket: number): string {
  return `${day}#${bucket}`;
}

/** The sales of one write, as the item takes them up. */
export interface Entry {
  /** How many there are and what they add up to, by currency. */
  sums: { currency: string; count: number; amount: number }[];
  /** The element of `q`. */
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

/** Adds a minute of the index to totals. */
export function addMinute(totals: Totals, by: Grouping, item: Item): void {
  if (by === 'sku') {
    for (const skus of item.q?.L ?? []) totals.addEncoded(skus.S ?? '');
    return;
  }
  const key = (by === 'store' ? item.k : by === 'region' ? item.r : item.m)?.S ?? '';
  for (const [currency, amount] of Object.entries(item.a?.M ?? {})) {
    totals.add(key, currency, Number(item.n?.M?.[currency]?.N), Number(amount.N));
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
  return Object.entries(item.a?.M ?? {}).map(([currency, amount]) => ({
    store: item.k?.S ?? '',
    minute: item.m?.S ?? '',
    count: Number(item.n?.M?.[currency]?.N),
    amount: Number(amount.N),
    currency,
  }));
}

/** The attributes of the index that totals need; without the SKUs a minute is a third as large. */
export function attributesFor(groupings: readonly Grouping[]): string {
  return groupings.includes('sku') ? 'k, m, r, n, a, q' : 'k, m, r, n, a';
}

function sumByCurrency(sales: readonly Sale[]): Entry['sums'] {
  const sums = new Map<string, { currency: string; count: number; amount: number }>();
  for (const { currency, total } of sales) {
    const sum = sums.get(currency) ?? { currency, count: 0, amount: 0 };
    sums.set(currency, { currency, count: sum.count + 1, amount: sum.amount + total });
  }
  return [...sums.values()];
}
