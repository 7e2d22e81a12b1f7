/**
 * The sums of the `sales` table by minute, over all stores: the index `byBucket`, which follows the table within moments.
 * Its keys and attributes are in sales-items.ts.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Environment, SALES_BUCKET_INDEX } from '../../domain/names.ts';
import { daysIn, type Span } from '../../domain/sales/hours.ts';
import type { Grouping } from '../../domain/sales/sales-sums.ts';
import { required } from '../aws/environment.ts';
import { type Item, Table, type TableOptions } from '../aws/table.ts';
import { attributesFor, indexKey } from './sales-items.ts';

export function salesIndexFromEnvironment(): SalesIndex {
  return new SalesIndex({ client: new DynamoDBClient({}), table: required(Environment.salesTable) });
}

export class SalesIndex {
  readonly #table: Table;

  constructor(options: TableOptions) {
    this.#table = new Table(options);
  }

  /** The minutes of a bucket's stores, page by page, with what totals by these groupings need; see `addMinute`. */
  async *minutes(bucket: number, span: Span, groupings: readonly Grouping[]): AsyncGenerator<Item[]> {
    for (const { from, to } of daysIn(span)) {
      const pages = this.#table.query({
        IndexName: SALES_BUCKET_INDEX,
        KeyConditionExpression: 'b = :b AND m BETWEEN :from AND :to',
        ExpressionAttributeValues: {
          ':b': { S: indexKey(from.slice(0, 10), bucket) },
          ':from': { S: from },
          ':to': { S: to },
        },
        ProjectionExpression: attributesFor(groupings),
      });
      // BETWEEN takes its end in; the span doesn't.
      for await (const items of pages) yield items.filter(item => (item.m?.S ?? '') < to);
    }
  }
}
