/** Hours and minutes as text, `2026-11-22T10` and `2026-11-22T10:03Z`: what sales are kept and rolled up by. */

export const HOUR_MS = 3_600_000;

export function hourOf(minute: string): string {
  return minute.slice(0, 13);
}

export function hourAt(time: number): string {
  return hourOf(new Date(time).toISOString());
}

/** The first minute of an hour, which is also the end of the hour before. */
export function startOf(hour: string): string {
  return `${hour}:00Z`;
}

/** Milliseconds since the epoch. */
export function startTimeOf(hour: string): number {
  return Date.parse(startOf(hour));
}

/** A span of minutes; `to` is not in it. */
export interface Span {
  from: string;
  to: string;
}

/** The whole hours in a span. */
export function hoursIn({ from, to }: Span): string[] {
  const hours: string[] = [];
  const end = Date.parse(to);
  for (
    let start = Math.ceil(Date.parse(from) / HOUR_MS) * HOUR_MS;
    start + HOUR_MS <= end;
    start += HOUR_MS
  ) {
    hours.push(hourAt(start));
  }
  return hours;
}

/** What is left of a span without these hours of it, which are in order. */
export function without({ from, to }: Span, hours: readonly string[]): Span[] {
  const spans: Span[] = [];
  let start = from;
  for (const hour of hours) {
    if (start < startOf(hour)) spans.push({ from: start, to: startOf(hour) });
    start = startOf(hourAt(startTimeOf(hour) + HOUR_MS));
  }
  return start < to ? [...spans, { from: start, to }] : spans;
}

/** The parts of a span that are of one day each. */
export function daysIn({ from, to }: Span): Span[] {
  const days: Span[] = [];
  for (let start = from; start < to; ) {
    const midnight = new Date(Date.parse(start.slice(0, 10)) + 24 * HOUR_MS).toISOString();
    // The day after the year 9999 has a sign, and sorts before all others.
    const end = midnight.startsWith('+') || midnight > to ? to : `${midnight.slice(0, 16)}Z`;
    days.push({ from: start, to: end });
    start = end;
  }
  return days;
}
