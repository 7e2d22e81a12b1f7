/** The figures that management compares: today against yesterday, the last hour against the one before, like with like. */
import { minuteAt, type SalesLedger, type Sum } from './sales-ledger.ts';

const MINUTE_MS = 60_000;
export const CHART_MINUTES = 60;

/** A day begins at midnight in this device's time zone. */
export function startOfDay(now: number): number {
  return new Date(now).setHours(0, 0, 0, 0);
}

export function startOfYesterday(now: number): number {
  return yesterdayAt(startOfDay(now));
}

/** The same time on the clock a day before, also where a day has 23 or 25 hours. */
export function yesterdayAt(time: number): number {
  const date = new Date(time);
  return date.setDate(date.getDate() - 1);
}

export interface Comparison {
  /** All that is known, the minute that runs now included. */
  total: Sum;
  /** Full minutes only, as in `before`. */
  full: Sum;
  before: Sum;
  /** The times that `before` covers, in milliseconds. */
  beforeFrom: number;
  beforeTo: number;
}

/** Today so far, against yesterday up to the same minute. */
export function today(sales: SalesLedger, currency: string, now: number): Comparison {
  const from = startOfDay(now);
  return compare(sales, currency, now, from, yesterdayAt(from), yesterdayAt(fullMinute(now)));
}

/** The last 60 full minutes and the one that runs, against the 60 before them. */
export function lastHour(sales: SalesLedger, currency: string, now: number): Comparison {
  const to = fullMinute(now);
  const from = to - CHART_MINUTES * MINUTE_MS;
  return compare(sales, currency, now, from, from - CHART_MINUTES * MINUTE_MS, from);
}

/** The start of the running minute: every minute before it is full. */
export function fullMinute(now: number): number {
  return minuteAt(now) * MINUTE_MS;
}

function compare(
  sales: SalesLedger,
  currency: string,
  now: number,
  from: number,
  beforeFrom: number,
  beforeTo: number,
): Comparison {
  const current = minuteAt(now);
  return {
    // A till's clock may be a little ahead.
    total: sales.between(minuteAt(from), Number.POSITIVE_INFINITY, currency),
    full: sales.between(minuteAt(from), current, currency),
    before: sales.between(minuteAt(beforeFrom), minuteAt(beforeTo), currency),
    beforeFrom,
    beforeTo,
  };
}
