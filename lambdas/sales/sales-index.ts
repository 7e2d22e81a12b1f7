/**
 * The sums of the `sales` table by minute, over all stores: the index `byBucket`, which follows the table within
 * moments. Its items are in sales-items.ts.
 */
import { Environment, SALES_BUCKET_INDEX } from '../../domain/names.ts';
import { daysIn, type Span } from '../../domain/sales/hours.ts';
import type { Item } from '../aws/codecs.ts';
import { dynamoDb } from '../aws/direct/direct-requests.ts';
import { required, requiredNumber } from '../aws/environment.ts';
import { type Expression, expression } from '../aws/expression.ts';
import { Table, type TableOptions } from '../aws/table.ts';
import type { RolledUpBy } from './regional-sums.ts';
import { attributesFor, bucketIn, indexKey, storeMinute } from './sales-items.ts';

const { bucket: bucketKey, minute, storeId } = storeMinute.attributes;

export function salesIndexFromEnvironment(): SalesIndex {
  return new SalesIndex({
    client: dynamoDb(),
    table: required(Environment.salesTable),
    buckets: requiredNumber(Environment.salesBuckets),
  });
}

export class SalesIndex {
  /** Their numbers, from 0. */
  readonly buckets: readonly number[];
  readonly #table: Table<typeof storeMinute>;

  constructor(options: TableOptions & { buckets: number }) {
    this.buckets = Array.from({ length: options.buckets }, (_, bucket) => bucket);
    this.#table = new Table(options, storeMinute);
  }

  /** The minutes of a bucket's stores, page by page, with what totals by these groupings need; see `addMinute`. */
  async *minutes(bucket: number, span: Span, groupings: readonly RolledUpBy[]): AsyncGenerator<Item[]> {
    for (const day of daysIn(span)) {
      const isOfDay = bucketKey.is(indexKey(day.from.slice(0, 10), bucket));
      yield* this.#within(isOfDay, day, groupings, SALES_BUCKET_INDEX);
    }
  }

  /** The minutes of one store, from the table itself. */
  async *minutesOf(store: string, span: Span, groupings: readonly RolledUpBy[]): AsyncGenerator<Item[]> {
    yield* this.#within(storeId.is(store), span, groupings);
  }

  async *#within(
    partition: Expression,
    { from, to }: Span,
    groupings: readonly RolledUpBy[],
    index?: string,
  ): AsyncGenerator<Item[]> {
    const pages = this.#table.query({
      ...(index === undefined ? {} : { index }),
      where: expression`${partition} AND ${minute} BETWEEN ${minute.value(from)} AND ${minute.value(to)}`,
      attributes: attributesFor(groupings),
    });
    // BETWEEN includes its end; the span does not.
    for await (const items of pages) yield items.filter(item => minute.of(item) < to);
  }
}

/** The bucket, the store and the hour's minute of an item. */
export function placeOf(item: Item): { bucket: number; store: string; minute: string } {
  return { bucket: bucketIn(bucketKey.of(item)), store: storeId.of(item), minute: minute.of(item) };
}
