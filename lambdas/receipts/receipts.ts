/**
 * The `receipts` table: the evidence that a store applied an update, or why it didn't. Shards spread the receipts of
 * one update, which come in from the whole fleet within a second.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Environment } from '../../domain/names.ts';
import { clientOf } from '../aws/client-of.ts';
import { expiry, type Item, number, oneOf, text } from '../aws/codecs.ts';
import { required } from '../aws/environment.ts';
import { expression } from '../aws/expression.ts';
import { ItemSchema, optional } from '../aws/item-schema.ts';
import { shardOf } from '../aws/shard.ts';
import { Table, type TableOptions } from '../aws/table.ts';

/** The reason of a store to which an update came when it was over. */
export const EXPIRED = 'expired';

export interface Receipt {
  storeId: string;
  outcome: 'applied' | 'rejected';
  /** Milliseconds since the epoch: by the store's corrected clock if applied, by the chain's if rejected. */
  at: number;
  reason?: string | undefined;
}

const receipt = new ItemSchema(
  'receipts',
  { updateShard: text, storeId: text },
  {
    outcome: oneOf('applied', 'rejected'),
    at: number,
    reason: optional(text),
    expiresAt: expiry,
  },
);

const SHARDS = 8;
const KEPT_MS = 90 * 86_400_000;

export function receiptsFromEnvironment(): Receipts {
  return new Receipts({ client: clientOf(DynamoDBClient), table: required(Environment.receiptsTable) });
}

export class Receipts {
  readonly #table: Table<typeof receipt>;

  constructor(options: TableOptions) {
    this.#table = new Table(options, receipt);
  }

  /** Stores a receipt: the first one stays, but an update that was rejected may be applied later. */
  async store(updateId: string, { storeId, outcome, at, reason }: Receipt, now: number): Promise<void> {
    const updateShard = partition(updateId, shardOf(storeId, SHARDS));
    const wasRejected = receipt.attributes.outcome.is('rejected');
    await this.#table.put(
      { updateShard, storeId, outcome, at, reason, expiresAt: now + KEPT_MS },
      outcome === 'applied' ? expression`${receipt.isNew} OR ${wasRejected}` : receipt.isNew,
    );
  }

  /** Every receipt of an update. */
  async of(updateId: string): Promise<Receipt[]> {
    const shards = Array.from({ length: SHARDS }, (_, shard) => this.#shard(partition(updateId, shard)));
    return (await Promise.all(shards)).flat();
  }

  async #shard(updateShard: string): Promise<Receipt[]> {
    const receipts: Receipt[] = [];
    const pages = this.#table.query({ where: receipt.attributes.updateShard.is(updateShard) });
    for await (const items of pages) receipts.push(...items.map(toReceipt));
    return receipts;
  }
}

function partition(updateId: string, shard: number): string {
  return `${updateId}#${shard}`;
}

/** The update that an item's key names. */
export function updateOfReceipt(key: Item): string {
  const updateShard = receipt.attributes.updateShard.of(key);
  return updateShard.slice(0, updateShard.lastIndexOf('#'));
}

function toReceipt(item: Item): Receipt {
  const { at, outcome, reason, storeId } = receipt.decode(item);
  return { storeId, outcome, at, ...(reason !== undefined && { reason }) };
}
