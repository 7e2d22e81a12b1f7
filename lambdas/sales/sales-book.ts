/**
 * The `sales` table, written and read by store: a store's minute is one item, so a frame costs one conditional write a
 * minute, and a repeated sale changes nothing. Its items are in sales-items.ts; sales-index.ts reads it by minute.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { chunks } from '../../domain/chunks.ts';
import { Environment } from '../../domain/names.ts';
import type { Sale } from '../../domain/sales/sale.ts';
import type { StorePlacement } from '../../domain/updates/channels.ts';
import { clientOf } from '../aws/client-of.ts';
import { number, text } from '../aws/codecs.ts';
import { required } from '../aws/environment.ts';
import { type Expression, expression, join, literal, type Path } from '../aws/expression.ts';
import { Table, type TableOptions } from '../aws/table.ts';
import { bucketOf, entryOf, indexKey, type StoreMinute, storeMinute } from './sales-items.ts';

/** An expression holds 4 KB. */
const SALES_PER_WRITE = 25;
const keys = storeMinute.attributes;

export function salesBookFromEnvironment(): SalesBook {
  return new SalesBook({ client: clientOf(DynamoDBClient), table: required(Environment.salesTable) });
}

export class SalesBook {
  readonly #table: Table<typeof storeMinute>;

  constructor(options: TableOptions) {
    this.#table = new Table(options, storeMinute);
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
      const known = await this.#table.get({ storeId: store.storeId, minute });
      if (known === undefined) {
        if (await this.#create(store, minute, missing)) break;
        continue;
      }
      missing = missing.filter(({ saleId }) => !Object.hasOwn(known.sales, saleId));
      if (known.bytes > entryOf(missing).room) return missing;
    }
    return [];
  }

  /**
   * The sales of a store, in the order of their minutes, times and ids.
   *
   * @param from @param to minutes, `to` not included
   */
  async *salesOf(storeId: string, from: string, to: string): AsyncGenerator<Sale[]> {
    const { minute } = keys;
    const pages = this.#table.query({
      where: expression`${keys.storeId.is(storeId)} AND ${minute} BETWEEN ${minute.value(from)} AND ${minute.value(to)}`,
    });
    for await (const items of pages) {
      for (const item of items) {
        const found = storeMinute.decode(item);
        // BETWEEN includes its end; the range does not.
        if (found.minute < to) yield salesIn(found);
      }
    }
  }

  /** @returns false if the minute has no item yet, has one of these sales already, or has no room */
  #add({ storeId }: StorePlacement, minute: string, sales: readonly Sale[]): Promise<boolean> {
    const { sums, skus, bytes, room } = entryOf(sales);
    const sets = [
      expression`${keys.bytes} = ${keys.bytes} + ${keys.bytes.value(bytes)}`,
      expression`${keys.skus} = list_append(${keys.skus}, ${keys.skus.value([skus])})`,
      ...sums.flatMap(({ currency, count, amount }) => [
        addTo(keys.counts.at(currency), count),
        addTo(keys.amounts.at(currency), amount),
      ]),
      ...sales.map(
        sale => expression`${keys.sales.at(sale.saleId)} = ${literal(text, JSON.stringify(sale))}`,
      ),
    ];
    const isMissing = sales.map(({ saleId }) => expression`attribute_not_exists(${keys.sales.at(saleId)})`);
    const hasRoom = expression`${keys.bytes} <= ${keys.bytes.value(room)}`;
    return this.#table.update(
      { storeId, minute },
      expression`SET ${join(sets, ', ')}`,
      join([storeMinute.exists, hasRoom, ...isMissing], ' AND '),
    );
  }

  /** @returns false if the minute has an item meanwhile */
  #create({ storeId, region }: StorePlacement, minute: string, sales: readonly Sale[]): Promise<boolean> {
    const { sums, skus, bytes } = entryOf(sales);
    return this.#table.insert({
      storeId,
      minute,
      bucket: indexKey(minute.slice(0, 10), bucketOf(storeId)),
      region,
      counts: Object.fromEntries(sums.map(({ currency, count }) => [currency, count])),
      amounts: Object.fromEntries(sums.map(({ currency, amount }) => [currency, amount])),
      skus: [skus],
      sales: Object.fromEntries(sales.map(sale => [sale.saleId, JSON.stringify(sale)])),
      bytes,
    });
  }
}

/** A text that orders the sales of a store, and is different for each. */
export function saleOrder({ soldAt, saleId }: Sale): string {
  return `${soldAt} ${saleId}`;
}

/** A currency's first sale of a minute finds no sum to add to. */
function addTo(sum: Path, value: number): Expression {
  return expression`${sum} = if_not_exists(${sum}, ${literal(number, 0)}) + ${literal(number, value)}`;
}

function salesIn({ sales }: StoreMinute): Sale[] {
  return Object.values(sales)
    .map(sale => JSON.parse(sale) as Sale)
    .sort((a, b) => (saleOrder(a) < saleOrder(b) ? -1 : 1));
}
