/** One request's way through the hours and minutes of a span: each counts once, by the newest that is known of it. */
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
import type { Item } from '../aws/codecs.ts';
import { currentRollup, type HourHead } from './hour-items.ts';
import type { PieceKind, RolledUpBy } from './regional-sums.ts';
import type { SalesHours } from './sales-hours.ts';
import { placeOf, type SalesIndex } from './sales-index.ts';

/** Too many minutes are not rolled up yet: a function can't read them before its caller gives up. */
export class NotRolledUpError extends Error {
  override readonly name = 'NotRolledUpError';
}

/** What is added up. */
export interface Summing {
  /** The pieces of an hour that tell it. */
  kind: PieceKind;
  /** What is read of a minute. */
  needs: RolledUpBy;
  addMinute: (item: Item) => void;
  /** @param encoded as the pieces hold it */
  addHour: (encoded: string) => void;
}

export class SpanReading {
  readonly #hours: SalesHours;
  readonly #index: SalesIndex;
  readonly #summing: Summing;
  readonly #mostMinutes: number;
  #minutes = 0;

  /** @param mostMinutes that are read without a roll-up */
  constructor(hours: SalesHours, index: SalesIndex, summing: Summing, mostMinutes: number) {
    this.#hours = hours;
    this.#index = index;
    this.#summing = summing;
    this.#mostMinutes = mostMinutes;
  }

  /** @throws NotRolledUpError */
  async addBucket(bucket: number, span: Span): Promise<void> {
    const rolledUp = await this.#addHours(bucket, span);
    const rest = without(span, rolledUp).flatMap(daysIn);
    await Promise.all(
      rest.map(part => this.#addMinutes(this.#index.minutes(bucket, part, [this.#summing.needs]))),
    );
  }

  /**
   * @param isIn which of the store's minutes count. @default all
   * @throws NotRolledUpError
   */
  addStore(store: string, span: Span, isIn?: (item: Item) => boolean): Promise<void> {
    return this.#addMinutes(this.#index.minutesOf(store, span, [this.#summing.needs]), isIn);
  }

  async #addMinutes(pages: AsyncIterable<Item[]>, isIn: (item: Item) => boolean = () => true): Promise<void> {
    for await (const items of pages) {
      this.#minutes += items.length;
      if (this.#minutes > this.#mostMinutes)
        throw new NotRolledUpError(`more than ${this.#mostMinutes} minutes are not rolled up`);
      for (const item of items) if (isIn(item)) this.#summing.addMinute(item);
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
    const sums = await this.#hours.sums(bucket, this.#summing.kind, heads);
    for (const sum of sums.values()) this.#summing.addHour(sum);
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
