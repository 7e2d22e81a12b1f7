/** From when until when something is valid: moments in UTC, or times on each store's own clock. */
import * as v from 'valibot';
import { Timestamp } from '../time.ts';
import { begunSomewhere, instantOf, LocalTime, overEverywhere, wallTimeOf, ZONES_MS } from './local-time.ts';

/** Entries for a schema; `isOneForm` and `isInOrder` check them together. */
export const validityEntries = {
  validFrom: v.optional(Timestamp),
  /** In place of `validFrom`: on each store's clock. */
  validFromLocal: v.optional(LocalTime),
  validUntil: v.optional(Timestamp),
  validUntilLocal: v.optional(LocalTime),
};

/** Null and left out mean the same: at once, or without end. */
export interface Validity {
  validFrom?: string | null | undefined;
  validFromLocal?: string | null | undefined;
  /** The first moment at which it is over. */
  validUntil?: string | null | undefined;
  validUntilLocal?: string | null | undefined;
}

export interface LocalTimes {
  validFromLocal?: string;
  validUntilLocal?: string;
}

/** Milliseconds since the epoch, `until` not in it; infinite where a side is open. */
export interface Period {
  from: number;
  until: number;
}

/** What is said of a validity that isn't `isOneForm`, or not `isInOrder`. */
export const TWO_FORMS = 'validFrom and validFromLocal, validUntil and validUntilLocal exclude each other';
export const OUT_OF_ORDER = 'validUntil must be later than validFrom';

/** Whether each side is given once at most. */
export function isOneForm({ validFrom, validFromLocal, validUntil, validUntilLocal }: Validity): boolean {
  return !(validFrom && validFromLocal) && !(validUntil && validUntilLocal);
}

/** Whether it is valid at some time in some store; true where a time can't be read, which is another fault. */
export function isInOrder(validity: Validity): boolean {
  const { validFromLocal, validUntilLocal } = validity;
  // On one clock they compare as they are; else a zone decides, and one in which it holds is enough.
  const { from, until } =
    validFromLocal && validUntilLocal
      ? { from: wallTimeOf(validFromLocal), until: wallTimeOf(validUntilLocal) }
      : periodOnEarth(validity);
  return !(from >= until);
}

/** When something takes effect: what was to hold from an earlier time counts from its publication. @param from milliseconds since the epoch */
export function effectiveTime({ publishedAt }: { publishedAt: string }, from: number): number {
  return Math.max(from, Date.parse(publishedAt));
}

/** When it is valid in a store. @throws RangeError if the time zone is unknown */
export function periodIn(timeZone: string, validity: Validity): Period {
  return periodOf(
    validity,
    local => instantOf(local, timeZone, 'start'),
    local => instantOf(local, timeZone, 'end'),
  );
}

/** From its beginning in the first time zone on earth to its end in the last one: what the chain, which serves all, goes by. */
export function periodOnEarth(validity: Validity): Period {
  return periodOf(validity, begunSomewhere, overEverywhere);
}

/**
 * Whether it is valid in a store.
 *
 * @param at milliseconds since the epoch
 * @throws RangeError if the time zone is unknown and needed
 */
export function isValidAt(validity: Validity, at: number, timeZone: string): boolean {
  const { from, until } = periodOnEarth(validity);
  if (at < from || at >= until) return false;
  // So far inside, it is valid in every zone, and none need be asked: that takes as long as all the rest of an offer.
  if (at >= from + ZONES_MS && at < until - ZONES_MS) return true;
  const own = periodIn(timeZone, validity);
  return at >= own.from && at < own.until;
}

/** Whether it is over in every store, so that it may no longer reach any. @param now milliseconds since the epoch */
export function isOver(validity: Validity, now: number): boolean {
  return periodOnEarth(validity).until <= now;
}

/** The sides that are on the stores' clocks; what is said in UTC has none of these properties. */
export function localTimesOf({ validFromLocal, validUntilLocal }: Validity): LocalTimes {
  return { ...(validFromLocal ? { validFromLocal } : {}), ...(validUntilLocal ? { validUntilLocal } : {}) };
}

function periodOf(
  { validFrom, validFromLocal, validUntil, validUntilLocal }: Validity,
  startOf: (local: string) => number,
  endOf: (local: string) => number,
): Period {
  return {
    from: validFrom
      ? Date.parse(validFrom)
      : validFromLocal
        ? startOf(validFromLocal)
        : Number.NEGATIVE_INFINITY,
    until: validUntil
      ? Date.parse(validUntil)
      : validUntilLocal
        ? endOf(validUntilLocal)
        : Number.POSITIVE_INFINITY,
  };
}
