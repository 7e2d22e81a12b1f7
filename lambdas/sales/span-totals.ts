/**
 * Totals of a span, exact at the moment of reading: whole hours from their roll-ups where those hold, with the stores
 * that these leave out; everything else (the edges, the current hour, hours that late sales have changed) from the index.
 */
import {
  daysIn,
  HOUR_MS,
  hourAt,
  hourOf,
  hoursIn,
  type Span,
  startOf,
  startTimeOf,
  without,
} from '../../domain/sales/hours.ts';
import { type Total, Totals } from '../../domain/sales/sales-sums.ts';
import type { Item } from '../aws/codecs.ts';
import { currentRollup, type HourHead } from './hour-items.ts';
import { type Cut, isReadByStore, keysOf, sumsFor } from './regional-sums.ts';
import type { SalesHours } from './sales-hours.ts';
import { placeOf, type SalesIndex } from './sales-index.ts';
import { addMinute } from './sales-items.ts';

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
  async of(span: Span, cut: Cut): Promise<Total[]> {
    const reading = new Reading(this.#hours, this.#index, cut, this.#mostMinutes);
    if (isReadByStore(cut)) {
      await Promise.all(daysIn(span).map(day => reading.addStore(cut.store, day)));
    } else {
      await Promise.all(this.#index.buckets.map(bucket => reading.addBucket(bucket, span)));
    }
    return reading.totals.list();
  }
}

/** One request's way through hours and minutes. */
class Reading {
  readonly totals = new Totals();
  readonly #hours: SalesHours;
  readonly #index: SalesIndex;
  readonly #cut: Cut;
  readonly #mostMinutes: number;
  #minutes = 0;

  constructor(hours: SalesHours, index: SalesIndex, cut: Cut, mostMinutes: number) {
    this.#hours = hours;
    this.#index = index;
    this.#cut = cut;
    this.#mostMinutes = mostMinutes;
  }

  async addBucket(bucket: number, span: Span): Promise<void> {
    const rolledUp = await this.#addHours(bucket, span);
    const rest = without(span, rolledUp).flatMap(daysIn);
    await Promise.all(rest.map(part => this.#addMinutes(this.#index.minutes(bucket, part, [this.#by]))));
  }

  /** @param isIn which of the store's minutes count. @default all */
  addStore(store: string, span: Span, isIn?: (item: Item) => boolean): Promise<void> {
    return this.#addMinutes(this.#index.minutesOf(store, span, [this.#by]), isIn);
  }

  get #by() {
    return sumsFor(this.#cut.by);
  }

  async #addMinutes(pages: AsyncIterable<Item[]>, isIn: (item: Item) => boolean = () => true): Promise<void> {
    const keyOf = keysOf(this.#cut);
    for await (const items of pages) {
      this.#minutes += items.length;
      if (this.#minutes > this.#mostMinutes)
        throw new NotRolledUpError(`more than ${this.#mostMinutes} minutes are not rolled up`);
      for (const item of items) if (isIn(item)) addMinute(this.totals, this.#by, item, keyOf);
    }
  }

  /** @returns the hours that were added, in order */
  async #addHours(bucket: number, span: Span): Promise<string[]> {
    const whole = hoursIn(span);
    const [first, last] = [whole[0], whole.at(-1)];
    if (first === undefined || last === undefined) return [];
    const heads = (await this.#hours.heads(bucket, first, last)).filter(
      head => currentRollup(head) !== undefined,
    );
    const days = [...Map.groupBy(heads, ({ hour }) => hour.slice(0, 10)).values()];
    return (await Promise.all(days.map(day => this.#addDay(bucket, day)))).flat();
  }

  async #addDay(bucket: number, heads: readonly HourHead[]): Promise<string[]> {
    const sums = await this.#hours.sums(bucket, this.#by, heads);
    const keyOf = keysOf(this.#cut);
    for (const sum of sums.values()) this.totals.addEncoded(sum, keyOf);
    const apart = new Map<string, Set<string>>();
    for (const { changed, hour } of heads.filter(({ hour }) => sums.has(hour))) {
      for (const store of changed) apart.set(store, (apart.get(store) ?? new Set()).add(hour));
    }
    await Promise.all([...apart].map(([store, hours]) => this.#addApart(bucket, store, hours)));
    return [...sums.keys()];
  }

  /** Adds what a store sold in hours whose roll-ups leave it out. @param hours of one day, in order */
  async #addApart(bucket: number, store: string, hours: ReadonlySet<string>): Promise<void> {
    const [first = '', last = ''] = [[...hours][0], [...hours].at(-1)];
    const span = { from: startOf(first), to: startOf(hourAt(startTimeOf(last) + HOUR_MS)) };
    await this.addStore(store, span, item => {
      const place = placeOf(item);
      return place.bucket === bucket && hours.has(hourOf(place.minute));
    });
  }
}
