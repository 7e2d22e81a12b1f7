/**
 * The `sales` table, written and read by store: a store's minute is one item, so a frame costs one conditional write a
 * minute, and a repeated sale changes nothing. Its keys are in sales-items.ts; sales-index.ts reads it by minute.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { chunks } from '../../domain/chunks.ts';
import { Environment } from '../../domain/names.ts';
import type { Sale } from '../../domain/sales/sale.ts';
import type { StorePlacement } from '../../domain/updates/channels.ts';
import { required } from '../aws/environment.ts';
import { type Item, Table, type TableOptions } from '../aws/table.ts';
import { bucketOf, entryOf, indexKey, keyOf } from './sales-items.ts';

/** An expression holds 4 KB. */
const SALES_PER_WRITE = 25;

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
      if (Number(item.z?.N ?? 0) > entryOf(missing).room) return missing;
    }
    return [];
  }

  /**
   * The sales of a store, in the order of their minutes, times and ids.
   *
   * @param from @param to minutes, `to` not included
   */
  async *salesOf(storeId: string, from: string, to: string): AsyncGenerator<Sale[]> {
    const pages = this.#table.query({
      KeyConditionExpression: 'k = :k AND m BETWEEN :from AND :to',
      ExpressionAttributeValues: { ':k': { S: storeId }, ':from': { S: from }, ':to': { S: to } },
      ConsistentRead: true,
    });
    for await (const items of pages) {
      for (const item of items) {
        // BETWEEN takes its end in; the range doesn't.
        if ((item.m?.S ?? '') < to) yield salesIn(item);
      }
    }
  }

  /** @returns false if the minute has no item yet, has one of these sales already, or has no room */
  async #add({ storeId }: StorePlacement, minute: string, sales: readonly Sale[]): Promise<boolean> {
    const { sums, skus, bytes, room } = entryOf(sales);
    const names = Object.fromEntries(sales.map(({ saleId }, index) => [`#${index}`, saleId]));
    const values: Item = {
      ':zero': { N: '0' },
      ':room': { N: String(room) },
      ':z': { N: String(bytes) },
      ':none': { L: [] },
      ':q': { L: [{ S: skus }] },
    };
    for (const [index, sale] of sales.entries()) values[`:${index}`] = { S: JSON.stringify(sale) };
    for (const [index, { currency, count, amount }] of sums.entries()) {
      names[`#c${index}`] = currency;
      values[`:n${index}`] = { N: String(count) };
      values[`:a${index}`] = { N: String(amount) };
    }
    const sets = [
      'z = if_not_exists(z, :zero) + :z',
      'q = list_append(if_not_exists(q, :none), :q)',
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
    const { sums, skus, bytes } = entryOf(sales);
    const counts = sums.map(({ currency, count }) => [currency, { N: String(count) }] as const);
    const amounts = sums.map(({ currency, amount }) => [currency, { N: String(amount) }] as const);
    const entries = sales.map(sale => [sale.saleId, { S: JSON.stringify(sale) }] as const);
    const written = await this.#table.put(
      {
        ...keyOf(storeId, minute),
        s: { M: Object.fromEntries(entries) },
        n: { M: Object.fromEntries(counts) },
        a: { M: Object.fromEntries(amounts) },
        q: { L: [{ S: skus }] },
        z: { N: String(bytes) },
        b: { S: indexKey(minute.slice(0, 10), bucketOf(storeId)) },
        ...(region === undefined ? {} : { r: { S: region } }),
      },
      { expression: 'attribute_not_exists(k)' },
    );
    return written !== undefined;
  }
}

/** Orders the sales of a store, and tells each from all others. */
export function saleOrder({ soldAt, saleId }: Sale): string {
  return `${soldAt} ${saleId}`;
}

function salesIn(item: Item): Sale[] {
  return Object.values(item.s?.M ?? {})
    .map(sale => JSON.parse(sale.S ?? '{}') as Sale)
    .sort((a, b) => (saleOrder(a) < saleOrder(b) ? -1 : 1));
}
