/**
 * Times on a store's wall clock, such as `2026-12-01T06:00`, and the moments that they are in its time zone (IANA, by `Intl`).
 *
 * Where a clock is set forward, an hour does not exist; where it is set back, one comes twice. A validity holds while the wall clock
 * reads a time in it: it begins with the first moment at which the clock reads its start or later (of a missing hour the moment of
 * the change, of a double hour the first pass), and is over after the last moment at which the clock reads less than its end (again
 * the moment of the change, but the second pass). docs/retail.md has examples.
 */
import * as v from 'valibot';

const HOUR_MS = 3_600_000;
/** No clock on earth is set by more at once: Samoa left out a day in 2011. */
const LARGEST_CHANGE_MS = 24 * HOUR_MS;
/** The last and the first zone on earth: UTC-12 and UTC+14. */
const LAST_ZONE_MS = 12 * HOUR_MS;
const FIRST_ZONE_MS = 14 * HOUR_MS;
/** A local time has passed everywhere so long after it first did somewhere. */
export const ZONES_MS = LAST_ZONE_MS + FIRST_ZONE_MS;

const LOCAL_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?$/;

/** A date and time without a zone, to the minute, second or millisecond; kept as it is written. */
export const LocalTime = v.pipe(
  v.string('must be a local date and time'),
  v.check(
    text => !Number.isNaN(wallTimeOf(text)),
    'must be a local date and time without a zone, such as 2026-12-01T06:00',
  ),
);

/** A name of the IANA time zone database that this runtime knows. */
export const TimeZone = v.pipe(
  v.string('must be an IANA time zone'),
  v.check(isTimeZone, 'must be an IANA time zone, such as Europe/Berlin'),
);

/** What a wall clock shows. */
export interface WallClock {
  /** 0 is Monday. */
  weekday: number;
  /** Milliseconds since midnight by the clock. */
  timeOfDay: number;
}

/**
 * The moment at which a validity begins or is over, in milliseconds since the epoch.
 *
 * @param edge `start`: the first moment that reads `local` or later; `end`: the first after all that read less
 * @throws RangeError if the zone is unknown or `local` is no local time
 */
export function instantOf(local: string, zone: string, edge: 'start' | 'end'): number {
  const wall = wallTimeOf(local);
  if (Number.isNaN(wall)) throw new RangeError(`'${local}' is no local date and time`);
  const earlier = offsetAt(wall - LARGEST_CHANGE_MS, zone);
  const later = offsetAt(wall + LARGEST_CHANGE_MS, zone);
  const moments = [wall - earlier, wall - later].filter(moment => moment + offsetAt(moment, zone) === wall);
  if (moments.length === 0) return changeIn(wall - LARGEST_CHANGE_MS, wall + LARGEST_CHANGE_MS, zone);
  return edge === 'start' ? Math.min(...moments) : Math.max(...moments);
}

/** When a local end is over in the last time zone on earth: until then it holds for some store. */
export function overEverywhere(local: string): number {
  return wallTimeOf(local) + LAST_ZONE_MS;
}

/** When a local start begins in the first time zone on earth. */
export function begunSomewhere(local: string): number {
  return wallTimeOf(local) - FIRST_ZONE_MS;
}

/** @param at milliseconds since the epoch @throws RangeError if the zone is unknown */
export function wallClockAt(at: number, zone: string): WallClock {
  const wall = at + offsetAt(at, zone);
  const day = Math.floor(wall / (24 * HOUR_MS));
  // The epoch was a Thursday.
  return { weekday: (((day + 3) % 7) + 7) % 7, timeOfDay: wall - day * 24 * HOUR_MS };
}

/** A local time in milliseconds, as if its zone were UTC: local times compare by it. NaN if it is none. */
export function wallTimeOf(local: string): number {
  const time = LOCAL_TIME.test(local) ? Date.parse(`${local}Z`) : Number.NaN;
  if (Number.isNaN(time)) return time;
  // Date.parse rolls 31 February over into March, and 24:00 into the next day.
  return new Date(time).toISOString().startsWith(local.slice(0, 13)) ? time : Number.NaN;
}

function isTimeZone(zone: string): boolean {
  // Offsets such as +01:00 are taken by some runtimes, but are no names.
  return /^[A-Za-z]/.test(zone) && formatOf(zone) !== undefined;
}

/** The first moment with the offset that holds at `to`; there is one change between them. */
function changeIn(from: number, to: number, zone: string): number {
  const after = offsetAt(to, zone);
  let [low, high] = [from, to];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle, zone) === after) high = middle;
    else low = middle;
  }
  return high;
}

/** By how many milliseconds a zone's clock is ahead of UTC. */
function offsetAt(at: number, zone: string): number {
  const format = formatOf(zone);
  if (format === undefined) throw new RangeError(`'${zone}' is no time zone that this runtime knows`);
  const seconds = Math.floor(at / 1_000);
  const parts = new Map(
    format.formatToParts(seconds * 1_000).map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  const wall = new Date(0);
  wall.setUTCFullYear(part('year'), part('month') - 1, part('day'));
  wall.setUTCHours(part('hour'), part('minute'), part('second'));
  return wall.getTime() - seconds * 1_000;
}

/** A format takes a hundred times as long to make as to use. Undefined for a zone that the runtime lacks. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat | undefined {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(zone, format);
    return format;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
