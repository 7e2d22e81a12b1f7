/**
 * The sums of the `sales` table by minute, over all stores: the index `byBucket`, which follows the table within
 * moments. Its items are in sales-items.ts.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Environment, SALES_BUCKET_INDEX } from '../../domain/names.ts';
import { daysIn, type Span } from '../../domain/sales/hours.ts';
import type { Grouping } from '../../domain/sales/sales-sums.ts';
import { clientOf } from '../aws/client-of.ts';
import type { Item } from '../aws/codecs.ts';
import { required } from '../aws/environment.ts';
import { expression } from '../aws/expression.ts';
import { Table, type TableOptions } from '../aws/table.ts';
import { attributesFor, indexKey, storeMinute } from './sales-items.ts';

export function salesIndexFromEnvironment(): SalesIndex {
  return new SalesIndex({ client: clientOf(DynamoDBClient), table: required(Environment.salesTable) });
}

export class SalesIndex {
  readonly #table: Table<typeof storeMinute>;

  constructor(options: TableOptions) {
    this.#table = new Table(options, storeMinute);
  }

  /** The minutes of a bucket's stores, page by page, with what totals by these groupings need; see `addMinute`. */
  async *minutes(bucket: number, span: Span, groupings: readonly Grouping[]): AsyncGenerator<Item[]> {
    const { bucket: key, minute } = storeMinute.attributes;
    for (const { from, to } of daysIn(span)) {
      const isOfDay = key.is(indexKey(from.slice(0, 10), bucket));
      const pages = this.#table.query({
        index: SALES_BUCKET_INDEX,
        where: expression`${isOfDay} AND ${minute} BETWEEN ${minute.value(from)} AND ${minute.value(to)}`,
        attributes: attributesFor(groupings),
      });
      // BETWEEN includes its end; the span does not.
      for await (const items of pages) yield items.filter(item => minute.of(item) < to);
    }
  }
}
