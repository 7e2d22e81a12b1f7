/** How figures and times are written: by the reader's locale, in the reader's time zone, which the page names. */
import { minorUnitDigits } from '../domain/money.ts';

const count = new Intl.NumberFormat();
const unsigned = new Intl.NumberFormat(undefined, { style: 'percent' });
const signed = new Intl.NumberFormat(undefined, {
  style: 'percent',
  maximumFractionDigits: 1,
  signDisplay: 'exceptZero',
});

/** One clock for all times; whether it counts to 12 or to 24, the locale says. */
const CLOCK = { hour: '2-digit', minute: '2-digit' } as const;
const DAY = { day: 'numeric', month: 'short' } as const;
const clock = inZone(CLOCK);
const exactClock = inZone({ ...CLOCK, second: '2-digit' });
const dayOfThisYear = inZone(DAY);
const dayOfYear = inZone({ ...DAY, year: 'numeric' });
const wholeMoment = inZone({ ...DAY, year: 'numeric', ...CLOCK, timeZoneName: 'shortOffset' });
const offset = inZone({ timeZoneName: 'shortOffset' });

const SECOND_MS = 1_000;
let zone = '';
let zoneReadAt = 0;

/** The device's zone, which may change under the open page; asking for it takes as long as many formats. */
function zoneNow(): string {
  const now = performance.now();
  if (zone === '' || now - zoneReadAt >= SECOND_MS) {
    zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
    zoneReadAt = now;
  }
  return zone;
}

/** A format keeps the zone that it was made in. */
function inZone(options: Intl.DateTimeFormatOptions): () => Intl.DateTimeFormat {
  const formats = new Map<string, Intl.DateTimeFormat>();
  return () => {
    const timeZone = zoneNow();
    const format = formats.get(timeZone) ?? new Intl.DateTimeFormat(undefined, { ...options, timeZone });
    formats.set(timeZone, format);
    return format;
  };
}

const moneyFormats = new Map<string, Intl.NumberFormat>();

/** Minor units as money of that currency. @param whole without the fraction, for an axis */
export function money(amount: number, currency: string, whole = false): string {
  const digits = minorUnitDigits(currency);
  const key = `${currency} ${whole}`;
  const format =
    moneyFormats.get(key) ??
    new Intl.NumberFormat(undefined, {
      style: 'currency',
      currency,
      minimumFractionDigits: whole ? 0 : digits,
      maximumFractionDigits: digits,
    });
  moneyFormats.set(key, format);
  return format.format(amount / 10 ** digits);
}

export function number(value: number): string {
  return count.format(value);
}

export function plural(value: number, one: string, many = `${one}s`): string {
  return `${number(value)} ${value === 1 ? one : many}`;
}

/** `1 Dec` */
export function day(at: number): string {
  return dayOfThisYear().format(at);
}

/** `14:05`, with the day where it isn't today, and with the year where it isn't this one. */
export function time(at: number | string, now: number): string {
  return dated(at, now, clock());
}

/** `14:05:09`, with the day where it isn't today. */
export function exactTime(at: number | string, now: number): string {
  return dated(at, now, exactClock());
}

/**
 * The moments of a time on stores' clocks, as the reader's clock tells them: `30 Nov, 22:00 to 1 Dec, 06:00`, or one where
 * they are the same; undefined where it reads what the stores' clocks read.
 */
export function timesHere(
  moments: { first: number; last: number } | undefined,
  local: string,
  now: number,
): string | undefined {
  if (moments === undefined) return undefined;
  const { first, last } = moments;
  // Without a zone, it is read as the reader's own time.
  if (first === last && first === Date.parse(local)) return undefined;
  return first === last ? time(first, now) : `${time(first, now)} to ${time(last, now)}`;
}

/** `15:05` on the clock of a zone; undefined where the reader's clock reads the same, or doesn't know the zone. */
export function timeThere(at: number, timeZone: string): string | undefined {
  try {
    const there = new Date(at).toLocaleTimeString(undefined, { ...CLOCK, timeZone });
    return there === clock().format(at) ? undefined : there;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function dated(at: number | string, now: number, format: Intl.DateTimeFormat): string {
  const date = new Date(at);
  const text = format.format(date);
  const today = dayOfYear().format(now);
  if (dayOfYear().format(date) === today) return text;
  const isThisYear = date.getFullYear() === new Date(now).getFullYear();
  return `${(isThisYear ? dayOfThisYear() : dayOfYear()).format(date)}, ${text}`;
}

/** `Europe/Berlin (GMT+1)`, with the offset that it has at a moment. */
export function zoneName(at: number): string {
  const timeZone = zoneNow();
  const name = offsetName(at);
  return name === timeZone || timeZone === 'UTC' ? timeZone : `${timeZone} (${name})`;
}

/** `GMT+1`: how far this device's clock is ahead at a moment. */
export function offsetName(at: number): string {
  return (
    offset()
      .formatToParts(at)
      .find(({ type }) => type === 'timeZoneName')?.value ?? ''
  );
}

/** `340 ms`, `4.2 s`, `3 min`, `5 h` */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} min`;
  return ms < 172_800_000 ? `${Math.round(ms / 3_600_000)} h` : `${Math.round(ms / 86_400_000)} days`;
}

/** `+4.2%` of a share of one, signed. */
export function percent(share: number): string {
  return signed.format(share);
}

/** `25%` of a share of one. */
export function share(of: number): string {
  return unsigned.format(of);
}

/** `1 Dec 2026, 06:00 GMT+1`: for what is decided by it. */
export function moment(at: number | string): string {
  return wholeMoment().format(new Date(at));
}

/** `+4.2%`; undefined where there is nothing to compare with. */
export function change(now: number, before: number): string | undefined {
  return before <= 0 ? undefined : percent((now - before) / before);
}
