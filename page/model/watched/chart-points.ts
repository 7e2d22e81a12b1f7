/** What the chart draws: an hour by the minute, a day by the quarter of an hour, a week by the day, each beside an earlier one. */
import { CHART_MINUTES, startOfDay } from '../figures.ts';
import { minuteAt, type SalesLedger, type Sum } from '../sales-ledger.ts';

export type Span = 'hour' | 'day' | 'week';
/** What it is compared with: the day before, or the same day a week before. */
export type Against = 'day' | 'week';

export interface ChartPoint {
  /** Seconds since the epoch, as uPlot counts. */
  at: number;
  /** Undefined where nothing is known: to come, or not heard of. */
  sum: Sum | undefined;
  before: Sum | undefined;
  isRunning: boolean;
}

const MINUTE_MS = 60_000;
const QUARTER_MINUTES = 15;
const DAYS = 7;
export const POINT_SECONDS: Record<Span, number> = { hour: 60, day: QUARTER_MINUTES * 60, week: 86_400 };

/** By minute since the epoch; what is not in it is not known. */
export type Minutes = (minute: number) => Sum;

export interface ChartTimes {
  /** The chain's time, in milliseconds. */
  now: number;
  /** Later than that nothing was heard. */
  knownUntil: number;
}

/** As many days on the calendar, also over a change of the clocks. */
export function daysBefore(time: number, days: number): number {
  const date = new Date(time);
  return date.setDate(date.getDate() - days);
}

/** @param past of the days before yesterday; undefined while it is not loaded */
export function minutePoints(
  span: 'hour' | 'day',
  against: Against,
  sales: { ledger: SalesLedger; currency: string; past: Minutes | undefined },
  times: ChartTimes,
): ChartPoint[] {
  const { ledger, currency, past } = sales;
  const known: Minutes = minute => ledger.at(minute, currency);
  const before = against === 'day' ? known : past;
  const days = against === 'day' ? 1 : DAYS;
  const points = startsOf(span, times.now).map(start => {
    const length = span === 'hour' ? 1 : QUARTER_MINUTES;
    const first = minuteAt(start);
    const isKnown = first <= minuteAt(times.knownUntil);
    return {
      at: start / 1_000,
      sum: isKnown ? total(known, first, length) : undefined,
      before: before === undefined ? undefined : total(before, minuteAt(daysBefore(start, days)), length),
      isRunning: minuteAt(times.now) >= first && minuteAt(times.now) < first + length,
    };
  });
  return withoutNothing(points);
}

/** The last seven days, today last, beside the seven before. @param dayTotals by the start of each day, in milliseconds */
export function dayPoints(dayTotals: ReadonlyMap<number, Sum>, now: number): ChartPoint[] {
  const today = startOfDay(now);
  const points = Array.from({ length: DAYS }, (_, index): ChartPoint => {
    const start = daysBefore(today, DAYS - 1 - index);
    return {
      at: start / 1_000,
      sum: dayTotals.get(start),
      before: dayTotals.get(daysBefore(start, DAYS)),
      isRunning: start === today,
    };
  });
  return withoutNothing(points);
}

/** The starts of the days that a week and the one before it are of. */
export function twoWeeks(now: number): number[] {
  const today = startOfDay(now);
  return Array.from({ length: 2 * DAYS }, (_, index) => daysBefore(today, index));
}

/** Where nothing at all was sold before, there is nothing to compare with. */
function withoutNothing(points: ChartPoint[]): ChartPoint[] {
  if (points.some(({ before }) => before !== undefined && before.count > 0)) return points;
  return points.map(point => ({ ...point, before: undefined }));
}

function startsOf(span: 'hour' | 'day', now: number): number[] {
  const last = minuteAt(now) * MINUTE_MS;
  if (span === 'hour')
    return Array.from(
      { length: CHART_MINUTES + 1 },
      (_, index) => last - (CHART_MINUTES - index) * MINUTE_MS,
    );
  const from = startOfDay(now);
  const to = daysBefore(from, -1);
  const step = QUARTER_MINUTES * MINUTE_MS;
  return Array.from({ length: (to - from) / step }, (_, index) => from + index * step);
}

function total(minutes: Minutes, first: number, length: number): Sum {
  const sums = Array.from({ length }, (_, index) => minutes(first + index));
  return sums.reduce((a, b) => ({ count: a.count + b.count, amount: a.amount + b.amount }));
}
