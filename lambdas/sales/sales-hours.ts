/**
 * The `hours` table: closed hours of the sales, rolled up for each bucket of stores, so that totals of a day read 192
 * hours instead of a million minutes. Its items are in hour-items.ts.
 *
 * A roll-up is absolute and never changed: a late sale outdates it by one small write, and the next one has other
 * pieces.
 */
import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Environment } from '../../domain/names.ts';
import type { Grouping, Totals } from '../../domain/sales/sales-sums.ts';
import { clientOf } from '../aws/client-of.ts';
import { type Item, number } from '../aws/codecs.ts';
import { required } from '../aws/environment.ts';
import { expression, literal } from '../aws/expression.ts';
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
import { bucketOf } from './sales-items.ts';

const { changedAt, pieces, rolledUpVersion, rollup, version: changes } = hourHead.attributes;

export function salesHoursFromEnvironment(): SalesHours {
  return new SalesHours({ client: clientOf(DynamoDBClient), table: required(Environment.hoursTable) });
}

export class SalesHours {
  readonly #heads: Table<typeof hourHead>;
  readonly #pieces: Table<typeof rollupPiece>;

  constructor(options: TableOptions) {
    this.#heads = new Table(options, hourHead);
    this.#pieces = new Table(options, rollupPiece);
  }

  /** Outdates the roll-up of an hour that a late sale of this store has changed, also one that is being made. */
  async outdate(storeId: string, hour: string, now: number): Promise<void> {
    await this.#heads.update(
      headKey(bucketOf(storeId), hour),
      expression`SET ${changedAt.is(now)} ADD ${changes} ${literal(number, 1)}`,
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
  async sums(bucket: number, by: Grouping, heads: readonly HourHead[]): Promise<Map<string, string>> {
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
    const key = headKey(bucket, hour);
    const head = { ...key, rollup: own.name, pieces: own.pieces };
    const written = await this.#heads.put(
      { ...head, version: version ?? 0, rolledUpVersion: version ?? 0 },
      version === undefined ? hourHead.isNew : isRollupOutdated(version),
    );
    // The condition also fails where the service did the put, its answer was lost, and the SDK repeated it.
    const current = (await this.#heads.get(key))?.rollup;
    const replaced = written?.previous && rollupIn(written.previous);
    for (const rollup of [own, replaced]) {
      if (rollup !== undefined && rollup.name !== current) await this.#removePieces(bucket, hour, rollup);
    }
    return current === own.name;
  }

  async #putPieces(bucket: number, hour: string, sums: ReadonlyMap<Grouping, Totals>): Promise<Rollup> {
    const name = randomUUID();
    const counts: Rollup['pieces'] = {};
    for (const [by, totals] of sums) {
      const own = toPieces(totals.encode());
      counts[by] = own.length;
      for (const [index, sums] of own.entries()) {
        await this.#pieces.put({ ...pieceKey(bucket, by, hour, name, index), sums });
      }
    }
    return { name, pieces: counts };
  }

  async #removePieces(bucket: number, hour: string, { name, pieces }: Rollup): Promise<void> {
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

/** An hour's head has this version, and its roll-up, if there is one, is of an earlier one. */
function isRollupOutdated(version: number) {
  const isOlder = expression`${rolledUpVersion} < ${rolledUpVersion.value(version)}`;
  return expression`${changes.is(version)} AND (attribute_not_exists(${rolledUpVersion}) OR ${isOlder})`;
}

function rollupIn(head: Item): Rollup | undefined {
  const name = rollup.of(head);
  return name === undefined ? undefined : { name, pieces: pieces.of(head) ?? {} };
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
