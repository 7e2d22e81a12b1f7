/**
 * The `inbox` table: receipts as they came, all of a frame in one item, so that a report pays for one write. They are
 * read here until they are gathered by update (receipt-gatherer.ts), and expire. A shard is a partition; its items are
 * in the order of their arrival, and its mark says up to where it is gathered.
 */
import { randomBytes } from 'node:crypto';
import { Environment } from '../../domain/names.ts';
import { expiry, type Item, number, text } from '../aws/codecs.ts';
import { dynamoDb } from '../aws/direct/direct-requests.ts';
import { required, requiredNumber } from '../aws/environment.ts';
import { expression } from '../aws/expression.ts';
import { ItemSchema, short } from '../aws/item-schema.ts';
import { shardOf } from '../aws/shard.ts';
import { Table, type TableOptions } from '../aws/table.ts';
import { shardsOfPart } from '../registry/store-parts.ts';
import { type Receipt, rows, toReceipt, toRow } from './receipt-rows.ts';

/** A receipt, and what it is for. */
export interface UpdateReceipt extends Receipt {
  updateId: string;
}

/** Receipts in the order of their arrival, and the arrival of the last of them. */
export interface Arrivals {
  receipts: UpdateReceipt[];
  last: string;
}

const key = { shard: short('s', number), arrival: short('a', text) };
const frameReceipts = new ItemSchema('inbox', key, { rows: short('r', rows), expiresAt: short('x', expiry) });
const shardMark = new ItemSchema('inbox', key, { gathered: short('g', text) });

/** How long the gatherer may stand still before receipts are lost. */
const KEPT_MS = 7 * 86_400_000;
/** In place of an arrival; it sorts before all of them, which begin with a year. */
const MARK = '#';
const BEFORE_ALL = '0';

export function inboxFromEnvironment(): ReceiptInbox {
  return new ReceiptInbox({
    client: dynamoDb(),
    table: required(Environment.inboxTable),
    shards: requiredNumber(Environment.receiptShards),
  });
}

export class ReceiptInbox {
  /** Where receipts are, here and once they are gathered: by a hash of their store. */
  readonly shards: readonly number[];
  readonly #frames: Table<typeof frameReceipts>;
  readonly #marks: Table<typeof shardMark>;

  constructor(options: TableOptions & { shards: number }) {
    this.shards = Array.from({ length: options.shards }, (_, shard) => shard);
    this.#frames = new Table(options, frameReceipts);
    this.#marks = new Table(options, shardMark);
  }

  /** The shards that have the receipts of a part of the fleet. @param part undefined for all of them */
  shardsOf(part: number | undefined): readonly number[] {
    return (part === undefined ? undefined : shardsOfPart(part, this.shards.length)) ?? this.shards;
  }

  /** @param now when they came, in milliseconds since the epoch */
  async put(
    storeId: string,
    receipts: readonly Omit<UpdateReceipt, 'storeId'>[],
    now: number,
  ): Promise<void> {
    await this.#frames.put({
      shard: shardOf(storeId, this.shards.length),
      // Two frames of a store may come in one millisecond.
      arrival: `${new Date(now).toISOString()}#${storeId}#${randomBytes(6).toString('base64url')}`,
      rows: receipts.map(({ updateId, ...receipt }) => toRow(updateId, receipt)),
      expiresAt: now + KEPT_MS,
    });
  }

  /** Up to which arrival a shard is gathered. */
  async mark(shard: number): Promise<string> {
    return (await this.#marks.get({ shard, arrival: MARK }))?.gathered ?? BEFORE_ALL;
  }

  /** @returns false if another gatherer has come further */
  moveMark(shard: number, last: string): Promise<boolean> {
    const { gathered } = shardMark.attributes;
    return this.#marks.update(
      { shard, arrival: MARK },
      expression`SET ${gathered.is(last)}`,
      expression`${shardMark.isNew} OR ${gathered} < ${gathered.value(last)}`,
    );
  }

  /** What came after a mark, page by page. @param before milliseconds since the epoch; all if left out */
  async *after(shard: number, mark: string, before = Number.POSITIVE_INFINITY): AsyncGenerator<Arrivals> {
    const { arrival, shard: partition } = frameReceipts.attributes;
    const end = Number.isFinite(before) ? new Date(before).toISOString() : '~';
    // DynamoDB refuses a range that ends before it starts; a clock may be behind the one that moved the mark.
    if (end < mark) return;
    const range = expression`${arrival} BETWEEN ${arrival.value(mark)} AND ${arrival.value(end)}`;
    for await (const items of this.#frames.query({
      where: expression`${partition.is(shard)} AND ${range}`,
    })) {
      // BETWEEN includes its start.
      const found = items.filter(item => arrival.of(item) !== mark);
      const last = found.at(-1);
      if (last !== undefined) yield { receipts: found.flatMap(receiptsIn), last: arrival.of(last) };
    }
  }
}

/** The updates that an item's receipts are for. */
export function updatesInInbox(item: Item): string[] {
  return isMark(item) ? [] : receiptsIn(item).map(({ updateId }) => updateId);
}

function isMark(item: Item): boolean {
  return frameReceipts.attributes.arrival.of(item) === MARK;
}

function receiptsIn(item: Item): UpdateReceipt[] {
  const { arrival, rows } = frameReceipts.decode(item);
  const [, storeId = ''] = arrival.split('#');
  return rows.map(row => ({ updateId: row[0], ...toReceipt(row, storeId) }));
}
