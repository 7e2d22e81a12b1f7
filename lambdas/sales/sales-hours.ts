/**
 * The `hours` table: closed hours of the sales, rolled up for each bucket of stores, so that totals of a day read 192 hours
 * instead of a million minutes. The only module that knows its keys: `b` month and bucket, `h` what and which hour.
 *
 * - `head#HOUR`: `v` how often late sales have changed the hour, `t` when they last did; `w` the `v` that its roll-up is of,
 *   `e` the roll-up's name, `n` its pieces by grouping. It holds while `w` is `v`.
 * - `GROUPING#HOUR#NAME#PIECE`: `d` the sums (domain/sales/sales-sums.ts), gzipped and cut where an item ends.
 *
 * A roll-up is absolute and never changed: a late sale outdates it by one small write, and the next one has other pieces.
 */
import { randomUUID } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Environment } from '../../domain/names.ts';
import type { Grouping, Totals } from '../../domain/sales/sales-sums.ts';
import { required } from '../aws/environment.ts';
import { type Item, Table, type TableOptions } from '../aws/table.ts';
import { bucketOf } from './sales-items.ts';

/** What is known of an hour of a bucket; an hour without a head was never late and never rolled up. */
export interface HourHead {
  hour: string;
  /** How often late sales have changed it. */
  version: number;
  /** When they last did, in milliseconds since the epoch. */
  changedAt: number;
  /** Its roll-up, if it still holds. */
  rollup: { name: string; pieces: Partial<Record<Grouping, number>> } | undefined;
}

/** An item holds 400 KB. */
const PIECE_BYTES = 350 * 1024;

export function salesHoursFromEnvironment(): SalesHours {
  return new SalesHours({ client: new DynamoDBClient({}), table: required(Environment.hoursTable) });
}

export class SalesHours {
  readonly #table: Table;

  constructor(options: TableOptions) {
    this.#table = new Table(options);
  }

  /** Outdates the roll-up of an hour that a late sale of this store has changed, and whatever is being rolled up. */
  async outdate(storeId: string, hour: string, now: number): Promise<void> {
    await this.#table.update(headKey(bucketOf(storeId), hour), {
      expression: 'SET t = :now ADD v :one',
      values: { ':now': { N: String(now) }, ':one': { N: '1' } },
    });
  }

  /** What is known of a bucket's hours, in their order. @param from @param to hours, both taken in */
  async heads(bucket: number, from: string, to: string): Promise<HourHead[]> {
    const months = monthsBetween(from, to).map(month =>
      this.#range(monthKey(month, bucket), 'head', from, to, true),
    );
    return (await Promise.all(months)).flat().map(toHead);
  }

  /** The sums of rolled up hours of one month, encoded; an hour whose roll-up was replaced meanwhile is not among them. */
  async sums(bucket: number, by: Grouping, heads: readonly HourHead[]): Promise<Map<string, string>> {
    const [first, last] = [heads[0]?.hour ?? '', heads.at(-1)?.hour ?? ''];
    const items = await this.#range(monthKey(first, bucket), by, first, last, false);
    const pieces = Map.groupBy(items, item => (item.h?.S ?? '').split('#', 3).slice(1).join('#'));
    const sums = new Map<string, string>();
    for (const { hour, rollup } of heads) {
      const found = pieces.get(`${hour}#${rollup?.name}`) ?? [];
      if (rollup !== undefined && found.length === (rollup.pieces[by] ?? 0)) sums.set(hour, joined(found));
    }
    return sums;
  }

  /**
   * Enters what an hour adds up to, unless a late sale has changed it since its head was read.
   *
   * @param version of the head that was read before the sums; undefined: there was none
   */
  async rollUp(
    bucket: number,
    hour: string,
    version: number | undefined,
    sums: ReadonlyMap<Grouping, Totals>,
  ): Promise<boolean> {
    const own = await this.#putPieces(bucket, hour, sums);
    const v = { N: String(version ?? 0) };
    const written = await this.#table.put(
      { ...headKey(bucket, hour), ...own, v, w: v },
      version === undefined
        ? { expression: 'attribute_not_exists(v)' }
        : { expression: 'v = :v AND (attribute_not_exists(w) OR w < :v)', values: { ':v': v } },
    );
    // A condition also fails where the service did the put, its answer was lost, and the SDK sent it again.
    const head = await this.#table.get(headKey(bucket, hour));
    for (const rollup of [own, written?.previous]) {
      if (rollup?.e?.S !== head?.e?.S) await this.#removePieces(bucket, hour, rollup);
    }
    return head?.e?.S === own.e.S;
  }

  /** @returns what a head says of them */
  async #putPieces(bucket: number, hour: string, sums: ReadonlyMap<Grouping, Totals>) {
    const name = randomUUID();
    const counts: Item = {};
    for (const [by, totals] of sums) {
      const pieces = cut(totals.encode());
      counts[by] = { N: String(pieces.length) };
      for (const [index, d] of pieces.entries()) {
        await this.#table.put({ ...pieceKey(bucket, by, hour, name, index), d: { B: d } });
      }
    }
    return { e: { S: name }, n: { M: counts } };
  }

  async #removePieces(bucket: number, hour: string, head: Item | undefined): Promise<void> {
    for (const [by, count] of Object.entries(head?.n?.M ?? {})) {
      for (let index = 0; index < Number(count.N); index += 1) {
        await this.#table.delete(pieceKey(bucket, by, hour, head?.e?.S ?? '', index));
      }
    }
  }

  async #range(b: string, what: string, from: string, to: string, ConsistentRead: boolean): Promise<Item[]> {
    const pages = this.#table.query({
      KeyConditionExpression: 'b = :b AND h BETWEEN :from AND :to',
      // `~` sorts after all that a key holds.
      ExpressionAttributeValues: {
        ':b': { S: b },
        ':from': { S: `${what}#${from}` },
        ':to': { S: `${what}#${to}~` },
      },
      ConsistentRead,
    });
    const found: Item[] = [];
    for await (const items of pages) found.push(...items);
    return found;
  }
}

/** @param hour or its month */
function monthKey(hour: string, bucket: number): string {
  return `${hour.slice(0, 7)}#${bucket}`;
}

function headKey(bucket: number, hour: string): Item {
  return { b: { S: monthKey(hour, bucket) }, h: { S: `head#${hour}` } };
}

function pieceKey(bucket: number, by: string, hour: string, name: string, index: number): Item {
  const number = String(index).padStart(3, '0');
  return { b: { S: monthKey(hour, bucket) }, h: { S: `${by}#${hour}#${name}#${number}` } };
}

function monthsBetween(from: string, to: string): string[] {
  const months = [];
  let [year = 0, month = 0] = from.split('-').map(Number);
  for (let text = from.slice(0, 7); text <= to.slice(0, 7); ) {
    months.push(text);
    [year, month] = month === 12 ? [year + 1, 1] : [year, month + 1];
    if (year > 9999) break;
    text = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}`;
  }
  return months;
}

function toHead(item: Item): HourHead {
  const pieces = Object.entries(item.n?.M ?? {}).map(([by, count]) => [by, Number(count.N)] as const);
  const holds = item.w !== undefined && item.w.N === item.v?.N;
  return {
    hour: (item.h?.S ?? '').slice('head#'.length),
    version: Number(item.v?.N),
    changedAt: Number(item.t?.N ?? 0),
    rollup: holds ? { name: item.e?.S ?? '', pieces: Object.fromEntries(pieces) } : undefined,
  };
}

function cut(text: string): Buffer[] {
  if (text === '') return [];
  const whole = gzipSync(text);
  const pieces: Buffer[] = [];
  for (let at = 0; at < whole.length; at += PIECE_BYTES) pieces.push(whole.subarray(at, at + PIECE_BYTES));
  return pieces;
}

function joined(pieces: readonly Item[]): string {
  if (pieces.length === 0) return '';
  return gunzipSync(Buffer.concat(pieces.map(({ d }) => d?.B ?? new Uint8Array()))).toString();
}
