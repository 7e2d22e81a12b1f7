/**
 * Totals of a span, exact at the moment of reading: whole hours from their roll-ups where those hold, everything else
 * (the edges, the current hour, hours that late sales have changed) from the index.
 */
import { daysIn, hoursIn, type Span, without } from '../../domain/sales/hours.ts';
import { type Grouping, type Total, Totals } from '../../domain/sales/sales-sums.ts';
import type { HourHead } from './hour-items.ts';
import type { SalesHours } from './sales-hours.ts';
import type { SalesIndex } from './sales-index.ts';
import { addMinute, BUCKETS } from './sales-items.ts';

/** Too many minutes are not rolled up yet: a function can't read them before its caller gives up. */
export class NotRolledUpError extends Error {
  override readonly name = 'NotRolledUpError';
}

/** Minutes of stores: five hours of the reference fleet. */
const MOST_MINUTES = 300_000;

export interface SalesTotalsOptions {
  hours: SalesHours;
  index: SalesIndex;
  /** Minutes of stores that are read without a roll-up. @default 300,000 */
  mostMinutes?: number;
}

export class SalesTotals {
  readonly #hours: SalesHours;
  readonly #index: SalesIndex;
  readonly #mostMinutes: number;

  constructor({ hours, index, mostMinutes = MOST_MINUTES }: SalesTotalsOptions) {
    this.#hours = hours;
    this.#index = index;
    this.#mostMinutes = mostMinutes;
  }

  /** In the order of key and currency. @throws NotRolledUpError */
  async of(span: Span, by: Grouping): Promise<Total[]> {
    const totals = new Totals();
    let minutes = 0;
    const addBucket = async (bucket: number) => {
      const rolledUp = await this.#addHours(totals, bucket, span, by);
      const rest = without(span, rolledUp).flatMap(daysIn);
      await Promise.all(rest.map(part => addSpan(bucket, part)));
    };
    const addSpan = async (bucket: number, part: Span) => {
      for await (const items of this.#index.minutes(bucket, part, [by])) {
        minutes += items.length;
        if (minutes > this.#mostMinutes)
          throw new NotRolledUpError(`more than ${this.#mostMinutes} minutes are not rolled up`);
        for (const item of items) addMinute(totals, by, item);
      }
    };
    await Promise.all(Array.from({ length: BUCKETS }, (_, bucket) => addBucket(bucket)));
    return totals.list();
  }

  /** @returns the hours that were added, in order */
  async #addHours(totals: Totals, bucket: number, span: Span, by: Grouping): Promise<string[]> {
    const whole = hoursIn(span);
    const [first, last] = [whole[0], whole.at(-1)];
    if (first === undefined || last === undefined) return [];
    const heads = (await this.#hours.heads(bucket, first, last)).filter(({ rollup }) => rollup !== undefined);
    const days = [...Map.groupBy(heads, ({ hour }) => hour.slice(0, 10)).values()];
    return (await Promise.all(days.map(day => this.#addDay(totals, bucket, day, by)))).flat();
  }

  async #addDay(totals: Totals, bucket: number, heads: HourHead[], by: Grouping): Promise<string[]> {
    const sums = await this.#hours.sums(bucket, by, heads);
    for (const sum of sums.values()) totals.addEncoded(sum);
    return [...sums.keys()];
  }
}
