/**
 * Which sales of a day are missing, told by the running numbers that tills give them. A till counts on from day to day,
 * or begins again: a number below the one before begins a new count.
 */
import type { Sale } from './sale.ts';

/** A till's numbers of one day, and those that are missing up to its last one. */
export interface TillGaps {
  /** Null for sales that name no till. */
  till: string | null;
  first: number;
  last: number;
  /** Numbers of the day that the chain has. */
  count: number;
  /** In order, the first thousand. */
  missing: number[];
  missingCount: number;
}

export type NumberedSale = Pick<Sale, 'businessDay' | 'sequence' | 'soldAt' | 'till'>;

const MOST_LISTED = 1_000;

/** The business day that a sale belongs to: its own, else the day of its `soldAt` in UTC. */
export function businessDayOf({ businessDay, soldAt }: NumberedSale): string {
  return businessDay ?? soldAt.slice(0, 10);
}

/**
 * The gaps of each till that sold on a day, in the order of their names.
 *
 * @param sales of the store, in the order of their times: those of the day, and of the days before and after it. The
 * last number before the day tells what is missing before its first; a number that was taken for another day is not missing.
 */
export function gapsOf(sales: readonly NumberedSale[], day: string): TillGaps[] {
  return [...Map.groupBy(sales, ({ till }) => till ?? null)]
    .flatMap(([till, own]) => {
      const gaps = gapsOfTill(own, day);
      return gaps === undefined ? [] : [{ till, ...gaps }];
    })
    .sort((a, b) => ((a.till ?? '') < (b.till ?? '') ? -1 : 1));
}

function gapsOfTill(sales: readonly NumberedSale[], day: string): Omit<TillGaps, 'till'> | undefined {
  const numbersOf = (isIn: (day: string) => boolean) =>
    sales.flatMap(sale => (isIn(businessDayOf(sale)) ? (sale.sequence ?? []) : []));
  const numbers = inOrder(numbersOf(own => own === day));
  const [first, last] = [numbers[0], numbers.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const before = numbersOf(own => own < day).at(-1);
  const start = before !== undefined && before < first ? before : first - 1;
  const known = inOrder(numbersOf(() => true)).filter(number => number > start && number <= last);
  const missing: number[] = [];
  let previous = start;
  for (const number of known) {
    for (let gap = previous + 1; gap < number && missing.length < MOST_LISTED; gap += 1) missing.push(gap);
    previous = number;
  }
  return { first, last, count: numbers.length, missing, missingCount: last - start - known.length };
}

function inOrder(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}
