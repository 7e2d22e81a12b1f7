/**
 * The `sales` table: a store's minute is one item, so a frame costs one conditional write a minute, and a repeated sale
 * changes nothing. The only module that knows its keys: `k` store id, `m` minute, `s` the minute's sales by sale id (JSON),
 * `n` how many and `a` their sum, both by currency, `z` their bytes, `r` the store's region then, `b` bucket; the index `byBucket` is `b`, `m` and
 * projects the sums.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { StorePlacement } from '../../domain/channels.ts';
import { chunks } from '../../domain/chunks.ts';
import { Environment, SALES_BUCKET_INDEX } from '../../domain/names.ts';
import type { Sale } from '../../domain/sales.ts';
import { required } from './environment.ts';
import { shardOf } from './shard.ts';
import { type Item, Table, type TableOptions } from './table.ts';

/** A store's minute in one currency. */
export interface MinuteTotal {
  storeId: string;
  region: string | undefined;
  minute: string;
  count: number;
  /** Minor units. */
  amount: number;
  currency: string;
}

/** Partitions of a day in the index: each takes 1,000 writes a second. */
const BUCKETS = 8;
/** An expression holds 4 KB. */
const SALES_PER_WRITE = 25;
/** DynamoDB's item holds 400 KB: a thousand sales in a minute, some two hundred times what a store does. */
const MOST_BYTES = 380 * 1024;

export function salesBookFromEnvironment(): SalesBook {
  return new SalesBook({ client: new DynamoDBClient({}), table: required(Environment.salesTable) });
}

export class SalesBook {
  readonly #table: Table;

  constructor(options: TableOptions) {
    this.#table = new Table(options);
  }

  /**
   * Enters sales of one store and one minute; those that are there already change nothing.
   *
   * @returns those that don't fit the minute's item: they were not entered
   */
  async enter(store: StorePlacement, minute: string, sales: readonly Sale[]): Promise<Sale[]> {
    const refused: Sale[] = [];
    for (const part of chunks(sales, SALES_PER_WRITE)) {
      refused.push(...(await this.#enterSome(store, minute, part)));
    }
    return refused;
  }

  async #enterSome(store: StorePlacement, minute: string, sales: readonly Sale[]): Promise<readonly Sale[]> {
    let missing: readonly Sale[] = sales;
    while (missing.length > 0) {
      if (await this.#add(store, minute, missing)) break;
      const item = await this.#table.get(keyOf(store.storeId, minute));
      if (item === undefined) {
        if (await this.#create(store, minute, missing)) break;
        continue;
      }
      const known = item.s?.M ?? {};
      missing = missing.filter(({ saleId }) => !Object.hasOwn(known, saleId));
      if (Number(item.z?.N ?? 0) > roomFor(missing)) return missing;
    }
    return [];
  }

  /** The sales of a store, in the order of their minutes. @param from @param to minutes, `to` not included */
  async *salesOf(storeId: string, from: string, to: string): AsyncGenerator<Sale[]> {
    for await (const item of this.#minutes(storeId, from, to)) {
      const sales = Object.values(item.s?.M ?? {}).map(sale => JSON.parse(sale.S ?? '{}') as Sale);
      yield sales.sort((a, b) => (a.soldAt < b.soldAt ? -1 : 1));
    }
  }

  /** The totals of every store by minute. @param from @param to minutes, `to` not included */
  async totals(from: string, to: string): Promise<MinuteTotal[]> {
    const buckets = daysBetween(from, to).flatMap(day =>
      Array.from({ length: BUCKETS }, (_, shard) => this.#bucket(bucketOf(day, shard), from, to)),
    );
    return (await Promise.all(buckets)).flat();
  }

  async #bucket(bucket: string, from: string, to: string): Promise<MinuteTotal[]> {
    const totals: MinuteTotal[] = [];
    const pages = this.#table.query({
      IndexName: SALES_BUCKET_INDEX,
      KeyConditionExpression: 'b = :b AND m BETWEEN :from AND :to',
      ExpressionAttributeValues: { ':b': { S: bucket }, ':from': { S: from }, ':to': { S: to } },
    });
    for await (const items of pages)
      for (const item of items) if (isBefore(item, to)) totals.push(...toTotals(item));
    return totals;
  }

  async *#minutes(storeId: string, from: string, to: string): AsyncGenerator<Item> {
    const pages = this.#table.query({
      KeyConditionExpression: 'k = :k AND m BETWEEN :from AND :to',
      ExpressionAttributeValues: { ':k': { S: storeId }, ':from': { S: from }, ':to': { S: to } },
      ConsistentRead: true,
    });
    for await (const items of pages) for (const item of items) if (isBefore(item, to)) yield item;
  }

  /** @returns false if the minute has no item yet, has one of these sales already, or has no room */
  async #add({ storeId }: StorePlacement, minute: string, sales: readonly Sale[]): Promise<boolean> {
    const names = Object.fromEntries(sales.map(({ saleId }, index) => [`#${index}`, saleId]));
    const values: Item = {
      ':zero': { N: '0' },
      ':room': { N: String(roomFor(sales)) },
      ':z': { N: String(bytesOf(sales)) },
    };
    for (const [index, sale] of sales.entries()) values[`:${index}`] = { S: JSON.stringify(sale) };
    const sums = sumByCurrency(sales);
    for (const [index, { currency, count, amount }] of sums.entries()) {
      names[`#c${index}`] = currency;
      values[`:n${index}`] = { N: String(count) };
      values[`:a${index}`] = { N: String(amount) };
    }
    const sets = [
      'z = if_not_exists(z, :zero) + :z',
      ...sums.flatMap((_, index) =>
        ['n', 'a'].map(
          map => `${map}.#c${index} = if_not_exists(${map}.#c${index}, :zero) + :${map}${index}`,
        ),
      ),
      ...sales.map((_, index) => `s.#${index} = :${index}`),
    ];
    return this.#table.update(keyOf(storeId, minute), {
      expression: `SET ${sets.join(', ')}`,
      condition: [
        '(attribute_not_exists(z) OR z <= :room)',
        'attribute_exists(k)',
        ...sales.map((_, index) => `attribute_not_exists(s.#${index})`),
      ].join(' AND '),
      names,
      values,
    });
  }

  /** @returns false if the minute has an item meanwhile */
  async #create(
    { storeId, region }: StorePlacement,
    minute: string,
    sales: readonly Sale[],
  ): Promise<boolean> {
    const sums = sumByCurrency(sales);
    const counts = sums.map(({ currency, count }) => [currency, { N: String(count) }] as const);
    const amounts = sums.map(({ currency, amount }) => [currency, { N: String(amount) }] as const);
    const entries = sales.map(sale => [sale.saleId, { S: JSON.stringify(sale) }] as const);
    const written = await this.#table.put(
      {
        ...keyOf(storeId, minute),
        s: { M: Object.fromEntries(entries) },
        n: { M: Object.fromEntries(counts) },
        a: { M: Object.fromEntries(amounts) },
        z: { N: String(bytesOf(sales)) },
        b: { S: bucketOf(minute.slice(0, 10), shardOf(storeId, BUCKETS)) },
        ...(region === undefined ? {} : { r: { S: region } }),
      },
      { expression: 'attribute_not_exists(k)' },
    );
    return written !== undefined;
  }
}

/** BETWEEN takes its end in; the range doesn't. */
function isBefore(item: Item, to: string): boolean {
  return (item.m?.S ?? '') < to;
}

function keyOf(storeId: string, minute: string): Item {
  return { k: { S: storeId }, m: { S: minute } };
}

function bucketOf(day: string, shard: number): string {
  return `${day}#${shard}`;
}

function daysBetween(from: string, to: string): string[] {
  const days: string[] = [];
  for (let time = Date.parse(from.slice(0, 10)); time < Date.parse(to); time += 86_400_000) {
    days.push(new Date(time).toISOString().slice(0, 10));
  }
  return days;
}

function sumByCurrency(sales: readonly Sale[]): { currency: string; count: number; amount: number }[] {
  const sums = new Map<string, { currency: string; count: number; amount: number }>();
  for (const { currency, total } of sales) {
    const sum = sums.get(currency) ?? { currency, count: 0, amount: 0 };
    sums.set(currency, { currency, count: sum.count + 1, amount: sum.amount + total });
  }
  return [...sums.values()];
}

/** The totals of a minute's item, one for each currency. */
export function toTotals(item: Item): MinuteTotal[] {
  return Object.entries(item.a?.M ?? {}).map(([currency, amount]) => ({
    storeId: item.k?.S ?? '',
    region: item.r?.S,
    minute: item.m?.S ?? '',
    count: Number(item.n?.M?.[currency]?.N),
    amount: Number(amount.N),
    currency,
  }));
}

/** How many bytes may be in the minute for these to be added. */
function roomFor(sales: readonly Sale[]): number {
  return MOST_BYTES - bytesOf(sales);
}

function bytesOf(sales: readonly Sale[]): number {
  return sales.reduce(
    (bytes, sale) => bytes + sale.saleId.length + Buffer.byteLength(JSON.stringify(sale)),
    0,
  );
}
