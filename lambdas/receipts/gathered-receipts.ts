/**
 * The `receipts` table: receipts gathered by update, hundreds in an item. Whatever is gathered twice reads as once: of a
 * store's receipts for an update one counts (receipts.ts).
 */
import { chunks } from '../../domain/chunks.ts';
import { Environment } from '../../domain/names.ts';
import { expiry, text } from '../aws/codecs.ts';
import { dynamoDb } from '../aws/direct/direct-requests.ts';
import { required } from '../aws/environment.ts';
import { ItemSchema } from '../aws/item-schema.ts';
import { Table, type TableOptions } from '../aws/table.ts';
import { deflatedRows, type Receipt, toReceipt, toRow } from './receipt-rows.ts';

const gatheredReceipts = new ItemSchema(
  'receipts',
  {
    updateShard: text,
    /** The arrival of the last receipt of those that were gathered together, and a number: in the order of their arrival. */
    part: text,
  },
  { rows: deflatedRows, expiresAt: expiry },
);

/** With the longest reasons they still fit into an item. */
const RECEIPTS_PER_ITEM = 250;
const KEPT_MS = 90 * 86_400_000;

export function gatheredFromEnvironment(): GatheredReceipts {
  return new GatheredReceipts({
    client: dynamoDb(),
    table: required(Environment.receiptsTable),
  });
}

export class GatheredReceipts {
  readonly #table: Table<typeof gatheredReceipts>;

  constructor(options: TableOptions) {
    this.#table = new Table(options, gatheredReceipts);
  }

  /**
   * @param receipts of one update and shard, in the order of their arrival
   * @param last the last arrival of all that were gathered together
   */
  async add(
    { last, shard, updateId }: { updateId: string; shard: number; last: string },
    receipts: readonly Receipt[],
    now: number,
  ): Promise<void> {
    for (const [index, some] of chunks(receipts, RECEIPTS_PER_ITEM).entries()) {
      await this.#table.put({
        updateShard: partition(updateId, shard),
        part: `${last}#${String(index).padStart(4, '0')}`,
        rows: some.map(receipt => toRow(receipt.storeId, receipt)),
        expiresAt: now + KEPT_MS,
      });
    }
  }

  /** In the order of their arrival. */
  async of(updateId: string, shard: number): Promise<Receipt[]> {
    const { rows, updateShard } = gatheredReceipts.attributes;
    const receipts: Receipt[] = [];
    const pages = this.#table.query({ where: updateShard.is(partition(updateId, shard)) });
    for await (const items of pages)
      receipts.push(...items.flatMap(item => rows.of(item).map(row => toReceipt(row))));
    return receipts;
  }
}

function partition(updateId: string, shard: number): string {
  return `${updateId}#${shard}`;
}
