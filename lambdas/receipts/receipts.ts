/**
 * The `receipts` table: the evidence that a store applied an update, or why it didn't. The only module that knows its
 * keys: `k` update id and shard, `s` store id, `o` outcome (`a` applied, `r` rejected), `t` at (ms), `w` why, `x` expiry.
 * Shards spread the receipts of one update, which come in from the whole fleet within a second.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Environment } from '../../domain/names.ts';
import { required } from '../aws/environment.ts';
import { shardOf } from '../aws/shard.ts';
import { type Item, Table, type TableOptions } from '../aws/table.ts';

export interface Receipt {
  storeId: string;
  outcome: 'applied' | 'rejected';
  /** Milliseconds since the epoch: by the store's corrected clock if applied, by the chain's if rejected. */
  at: number;
  reason?: string;
}

const SHARDS = 8;
const KEPT_SECONDS = 90 * 86_400;

export function receiptsFromEnvironment(): Receipts {
  return new Receipts({ client: new DynamoDBClient({}), table: required(Environment.receiptsTable) });
}

export class Receipts {
  readonly #table: Table;

  constructor(options: TableOptions) {
    this.#table = new Table(options);
  }

  /** Stores a receipt: the first one stays, but an update that was rejected may be applied later. */
  async store(updateId: string, { storeId, outcome, at, reason }: Receipt, now: number): Promise<void> {
    await this.#table.put(
      {
        k: { S: partition(updateId, shardOf(storeId, SHARDS)) },
        s: { S: storeId },
        o: { S: outcome === 'applied' ? 'a' : 'r' },
        t: { N: String(at) },
        x: { N: String(Math.floor(now / 1000) + KEPT_SECONDS) },
        ...(reason === undefined ? {} : { w: { S: reason } }),
      },
      outcome === 'applied'
        ? { expression: 'attribute_not_exists(s) OR o = :rejected', values: { ':rejected': { S: 'r' } } }
        : { expression: 'attribute_not_exists(s)' },
    );
  }

  /** Every receipt of an update. */
  async of(updateId: string): Promise<Receipt[]> {
    const shards = Array.from({ length: SHARDS }, (_, shard) => this.#shard(partition(updateId, shard)));
    return (await Promise.all(shards)).flat();
  }

  async #shard(key: string): Promise<Receipt[]> {
    const receipts: Receipt[] = [];
    const pages = this.#table.query({
      KeyConditionExpression: 'k = :k',
      ExpressionAttributeValues: { ':k': { S: key } },
      ConsistentRead: true,
    });
    for await (const items of pages) receipts.push(...items.map(toReceipt));
    return receipts;
  }
}

function partition(updateId: string, shard: number): string {
  return `${updateId}#${shard}`;
}

/** The update that an item's key names. */
export function updateOfReceipt({ k }: Item): string {
  return (k?.S ?? '').split('#')[0] ?? '';
}

function toReceipt(item: Item): Receipt {
  return {
    storeId: item.s?.S ?? '',
    outcome: item.o?.S === 'a' ? 'applied' : 'rejected',
    at: Number(item.t?.N),
    ...(item.w?.S === undefined ? {} : { reason: item.w.S }),
  };
}
