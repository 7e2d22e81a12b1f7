/**
 * Gathers the receipts of the inbox by update. None is lost or counts twice, whoever gathers, dies or repeats:
 *
 * - A receipt has the time at which its frame came, and is stored, or its frame failed, ten seconds later at most: the
 *   function's timeout. Half a minute later its shard is gathered, in the order of arrival.
 * - The mark of a shard moves on once all before it is gathered. A gatherer that died before that is repeated by the
 *   next run, and two side by side gather the same: of what is gathered twice one counts.
 */
import { chunks } from '../../domain/chunks.ts';
import type { Arrivals } from './receipt-inbox.ts';
import type { ReceiptTables } from './receipts.ts';

/** Longer than the timeout of the function that stores them, and the skew of clocks. */
const SETTLED_AFTER_MS = 30_000;
const UPDATES_AT_ONCE = 8;

export class ReceiptGatherer {
  readonly #tables: ReceiptTables;

  constructor(tables: ReceiptTables) {
    this.#tables = tables;
  }

  /**
   * @param now milliseconds since the epoch
   * @param mayGoOn is called before each page of a shard; the next run goes on where this one stops
   * @returns how many receipts were gathered
   */
  async run(now: number, mayGoOn: () => boolean): Promise<number> {
    const counts = await Promise.all(
      this.#tables.inbox.shards.map(shard => this.#gather(shard, now, mayGoOn)),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  async #gather(shard: number, now: number, mayGoOn: () => boolean): Promise<number> {
    const { inbox } = this.#tables;
    let count = 0;
    const mark = await inbox.mark(shard);
    for await (const arrivals of inbox.after(shard, mark, now - SETTLED_AFTER_MS)) {
      if (!mayGoOn()) break;
      await this.#add(shard, arrivals, now);
      if (!(await inbox.moveMark(shard, arrivals.last))) break;
      count += arrivals.receipts.length;
    }
    return count;
  }

  async #add(shard: number, { last, receipts }: Arrivals, now: number): Promise<void> {
    const byUpdate = [...Map.groupBy(receipts, ({ updateId }) => updateId)];
    for (const some of chunks(byUpdate, UPDATES_AT_ONCE)) {
      await Promise.all(
        some.map(([updateId, own]) => this.#tables.gathered.add({ updateId, shard, last }, own, now)),
      );
    }
  }
}
