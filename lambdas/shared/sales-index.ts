/**
 * The sums of the `sales` table by minute, over all stores: the index `byBucket`, which follows the table within moments.
 * Its keys and attributes are in sales-items.ts.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { daysIn, type Span } from '../../domain/hours.ts';
import { Environment, SALES_BUCKET_INDEX } from '../../domain/names.ts';
import type { Grouping } from '../../domain/totals.ts';
import { required } from './environment.ts';
import { attributesFor, indexKey } from './sales-items.ts';
import { type Item, Table, type TableOptions } from './table.ts';

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
