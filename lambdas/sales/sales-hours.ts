/**
 * The `hours` table: closed hours of the sales, rolled up for each bucket of stores, so that totals of a day read 192
 * hours instead of a million minutes. Its items are in hour-items.ts.
 *
 * Late sales are announced before they are entered: their store is noted among those that have changed the hour. A
 * roll-up leaves these out, and totals read them by themselves, so a store outdates an hour once, however much it sends.
 */
import { randomUUID } from 'node:crypto';
import { Environment } from '../../domain/names.ts';
import { type Item, number, text } from '../aws/codecs.ts';
import { dynamoDb } from '../aws/direct/direct-requests.ts';
import { required } from '../aws/environment.ts';
import { type Expression, expression, join, literal } from '../aws/expression.ts';
import { Table, type TableOptions } from '../aws/table.ts';
import {
  fromPieces,
  type HourHead,
  headKey,
  hourHead,
  monthKey,
  pieceKey,
  type Rollup,
  rollupOfPiece,
  rollupPiece,
  toHead,
  toPieces,
} from './hour-items.ts';
import type { PieceKind } from './regional-sums.ts';

const { apart, changed, changedAt, isOverrun, pieces, rollupName, version: changes } = hourHead.attributes;
/** Stores that a roll-up may leave out: to read so many by themselves costs about as much as to read them all. */
const MOST_APART = 100;

/** Late sales of a store, and the bucket that their minutes are in. */
export interface LateSales {
  bucket: number;
  hour: string;
  storeId: string;
  /** Milliseconds since the epoch. */
  now: number;
}

/** An hour of a bucket that is being rolled up. */
export interface Closing {
  bucket: number;
  hour: string;
  head: HourHead | undefined;
  isWhole: boolean;
}

/** What is kept of an hour, by its kinds of pieces. */
export type RegionalSums = ReadonlyMap<PieceKind, { encode(): string }>;
type Pieces = Pick<Rollup, 'name' | 'pieces'>;

export function salesHoursFromEnvironment(): SalesHours {
  return new SalesHours({ client: dynamoDb(), table: required(Environment.hoursTable) });
}

export class SalesHours {
  readonly #heads: Table<typeof hourHead>;
  readonly #pieces: Table<typeof rollupPiece>;

  constructor(options: TableOptions) {
    this.#heads = new Table(options, hourHead);
    this.#pieces = new Table(options, rollupPiece);
  }

  /** Notes that a store is about to enter late sales of an hour. */
  async announce({ bucket, hour, now, storeId }: LateSales): Promise<void> {
    const key = headKey(bucket, hour);
    const change = expression`SET ${changedAt.is(now)} ADD ${changes} ${literal(number, 1)}`;
    const isFew = expression`size(${changed}) < ${literal(number, MOST_APART)}`;
    const isNoted = expression`contains(${changed}, ${literal(text, storeId)})`;
    const noted = expression`${change}, ${changed} ${changed.value([storeId])}`;
    if (
      await this.#heads.update(
        key,
        noted,
        expression`attribute_not_exists(${changed}) OR ${isFew} OR ${isNoted}`,
      )
    )
      return;
    await this.#heads.update(
      key,
      expression`SET ${changedAt.is(now)}, ${isOverrun.is(true)} ADD ${changes} ${literal(number, 1)}`,
    );
  }

  /** What is known of a bucket's hours, in their order. @param from @param to hours, both included */
  async heads(bucket: number, from: string, to: string): Promise<HourHead[]> {
    const months = monthsBetween(from, to).map(month =>
      this.#range(monthKey(month, bucket), 'head', from, to, { isEventual: false }),
    );
    return (await Promise.all(months)).flat().map(toHead);
  }

  /**
   * The sums of rolled up hours of one month, encoded; an hour whose roll-up was replaced meanwhile is not among them.
   */
  async sums(bucket: number, by: PieceKind, heads: readonly HourHead[]): Promise<Map<string, string>> {
    const [first, last] = [heads[0]?.hour ?? '', heads.at(-1)?.hour ?? ''];
    const items = await this.#range(monthKey(first, bucket), by, first, last, { isEventual: true });
    const found = Map.groupBy(items, rollupOfPiece);
    const sums = new Map<string, string>();
    for (const { hour, rollup } of heads) {
      const own = found.get(`${hour}#${rollup?.name}`) ?? [];
      if (rollup !== undefined && own.length === (rollup.pieces[by] ?? 0)) sums.set(hour, fromPieces(own));
    }
    return sums;
  }

  /**
   * Enters what an hour adds up to, unless its head has changed since it was read.
   *
   * @param head that was read before the sums; undefined: there was none
   * @param isWhole the sums are of all stores; else they leave out those that have changed the hour
   */
  async rollUp({ bucket, head, hour, isWhole }: Closing, sums: RegionalSums): Promise<boolean> {
    const own = await this.#putPieces(bucket, hour, sums);
    const key = headKey(bucket, hour);
    const left = isWhole ? 0 : (head?.changed.length ?? 0);
    const entered = expression`${rollupName.is(own.name)}, ${pieces.is(own.pieces)}, ${apart.is(left)}`;
    await this.#heads.update(
      key,
      isWhole ? expression`SET ${entered} REMOVE ${changed}, ${isOverrun}` : expression`SET ${entered}`,
      head === undefined ? hourHead.isNew : isUnchanged(head, isWhole),
    );
    // The condition also fails where the service did the update, its answer was lost, and the SDK repeated it.
    const current = (await this.#heads.get(key))?.rollupName;
    for (const rollup of [own, head?.rollup]) {
      if (rollup !== undefined && rollup.name !== current) await this.#removePieces(bucket, hour, rollup);
    }
    return current === own.name;
  }

  async #putPieces(bucket: number, hour: string, sums: RegionalSums): Promise<Pieces> {
    const name = randomUUID();
    const counts: Record<string, number> = {};
    for (const [by, totals] of sums) {
      const own = toPieces(totals.encode());
      counts[by] = own.length;
      for (const [index, sums] of own.entries()) {
        await this.#pieces.put({ ...pieceKey(bucket, by, hour, name, index), sums });
      }
    }
    return { name, pieces: counts };
  }

  async #removePieces(bucket: number, hour: string, { name, pieces }: Pieces): Promise<void> {
    for (const [by, count] of Object.entries(pieces)) {
      for (let index = 0; index < count; index += 1) {
        await this.#pieces.delete(pieceKey(bucket, by, hour, name, index));
      }
    }
  }

  async #range(
    month: string,
    what: string,
    from: string,
    to: string,
    { isEventual }: { isEventual: boolean },
  ): Promise<Item[]> {
    const { hourPart, monthBucket } = hourHead.attributes;
    // `~` sorts after every character of a key.
    const [first, last] = [hourPart.value(`${what}#${from}`), hourPart.value(`${what}#${to}~`)];
    const pages = this.#heads.query({
      where: expression`${monthBucket.is(month)} AND ${hourPart} BETWEEN ${first} AND ${last}`,
      isEventual,
    });
    const found: Item[] = [];
    for await (const items of pages) found.push(...items);
    return found;
  }
}

/**
 * The head is as it was read, as far as the new roll-up depends on it. A whole one holds if no late sale was announced;
 * one that leaves stores out, if none has joined those: between two whole roll-ups there are only ever more of them.
 */
function isUnchanged({ changed: stores, rollup, version }: HourHead, isWhole: boolean): Expression {
  const replaces =
    rollup === undefined ? expression`attribute_not_exists(${rollupName})` : rollupName.is(rollup.name);
  const count = literal(number, stores.length);
  return join([replaces, isWhole ? changes.is(version) : expression`size(${changed}) = ${count}`], ' AND ');
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
