/**
 * Which sales of a day are missing, told by the running numbers that tills give them. A till counts on from day to day,
 * or begins again: a number below the one before begins a new count.
 */
import { type Exact, plus } from '../decimal.ts';
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

/** A till's own count of its day. */
export interface TillClosing {
  till: string;
  /** `2026-12-01` */
  businessDay: string;
  /** Its sales, returns and voids. */
  count: number;
  /** Sum of their totals, in minor units. */
  amount: number;
  currency: string;
  /** The running number of the last one; undefined where the till doesn't number them. */
  last?: number | undefined;
}

/** What the chain counts of the same. */
export interface ClosingCount extends TillClosing {
  agrees: boolean;
  /** Running numbers up to the till's last one that the chain lacks: in order, the first thousand. */
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

/**
 * What the chain counts of a till's day, beside what the till counts: all its sales, returns and voids of that day in its
 * currency, the sum of their totals, and the running numbers that are missing up to the till's last one.
 *
 * @param sales as for {@link gapsOf}
 */
export function closingOf(
  sales: readonly (NumberedSale & Pick<Sale, 'currency' | 'total'>)[],
  { till, businessDay, currency, ...own }: TillClosing,
): ClosingCount {
  const ofTill = sales.filter(sale => sale.till === till);
  const ofDay = ofTill.filter(sale => businessDayOf(sale) === businessDay && sale.currency === currency);
  const amount = ofDay.reduce<Exact>((sum, { total }) => plus(sum, total), 0);
  const { last, missing, missingCount } = missingUpTo(ofTill, businessDay, own);
  const agrees = ofDay.length === own.count && amount === own.amount && missingCount === 0;
  const counted = { count: ofDay.length, amount: Number(amount), ...(last !== undefined && { last }) };
  return { till, businessDay, currency, ...counted, agrees, missing, missingCount };
}

/** A till that numbers its sales knows how many there are, and so what comes before the first one that is known. */
function missingUpTo(
  sales: readonly NumberedSale[],
  day: string,
  { count, last }: Pick<TillClosing, 'count' | 'last'>,
): Pick<TillGaps, 'missing' | 'missingCount'> & { last: number | undefined } {
  const numbers = inOrder(numbersOf(sales, own => own === day));
  const known = { last: numbers.at(-1), missing: [], missingCount: 0 };
  if (last === undefined || count === 0) return known;
  const first = numbers[0] ?? last + 1;
  const before = numbersOf(sales, own => own < day).at(-1);
  const start = before !== undefined && before < first ? before : Math.min(first - 1, last - count);
  return { ...known, ...between(sales, start, Math.max(last, numbers.at(-1) ?? last)) };
}

function gapsOfTill(sales: readonly NumberedSale[], day: string): Omit<TillGaps, 'till'> | undefined {
  const numbers = inOrder(numbersOf(sales, own => own === day));
  const [first, last] = [numbers[0], numbers.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const before = numbersOf(sales, own => own < day).at(-1);
  const start = before !== undefined && before < first ? before : first - 1;
  return { first, last, count: numbers.length, ...between(sales, start, last) };
}

/** In the order of their times. */
function numbersOf(sales: readonly NumberedSale[], isIn: (day: string) => boolean): number[] {
  return sales.flatMap(sale => (isIn(businessDayOf(sale)) ? (sale.sequence ?? []) : []));
}

/** Which numbers past `start` and up to `last` no sale has, of whatever day. */
function between(
  sales: readonly NumberedSale[],
  start: number,
  last: number,
): Pick<TillGaps, 'missing' | 'missingCount'> {
  const known = inOrder(numbersOf(sales, () => true)).filter(number => number > start && number <= last);
  const missing: number[] = [];
  let previous = start;
  for (const number of [...known, last + 1]) {
    for (let gap = previous + 1; gap < number && missing.length < MOST_LISTED; gap += 1) missing.push(gap);
    previous = number;
  }
  return { missing, missingCount: last - start - known.length };
}

function inOrder(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}
