/**
 * Which prices of one SKU, currency and type stores are sent, and which stay hidden for a while: what replaced them may be
 * withdrawn. One channel at a time.
 */
import { ZONES_MS } from '../../../domain/retail/local-time.ts';
import { effectiveTime, isOver, periodOnEarth } from '../../../domain/retail/validity.ts';
import type { Update } from '../../../domain/updates/update.ts';
import { type StatePart, validityKey } from '../current-items.ts';

/** An update can be withdrawn so long after it took effect. */
export const WITHDRAWABLE_DAYS = 30;
const DAY_MS = 86_400_000;
/**
 * A price stays so long after its end: it may be asked for 30 days later, and with it the lowest of the 30 days before that; and
 * what replaced it may be withdrawn.
 */
const KEPT_MS = 61 * DAY_MS;

export interface Standing {
  part: StatePart;
  /** No store needs it, as things are. */
  isHidden: boolean;
  /** Undefined as long as it may hold for good. */
  expiresAt: number | undefined;
  /** What replaced it first. */
  by: StatePart | undefined;
}

/** @param prices all of one SKU, currency and type that count in a channel */
export function standings(prices: readonly StatePart[], now: number): Standing[] {
  return prices.map(part => {
    const [by] = prices
      .filter(other => replaces(other, part, now))
      .sort((a, b) => effectOf(a.update) - effectOf(b.update));
    // Once what replaced it first can't be withdrawn any more, nothing brings it back.
    const end = Math.min(
      endOf(part.update),
      by === undefined ? Infinity : wholeSecond(effectOf(by.update) + KEPT_MS),
    );
    const expiresAt = Number.isFinite(end) ? end : undefined;
    return { part, isHidden: by !== undefined || isOver(part.update, now), expiresAt, by };
  });
}

/** Until when it stays though nothing replaces it. */
export function endOf(update: Update): number {
  return wholeSecond(periodOnEarth(update).until + KEPT_MS);
}

/** As the table keeps it, so that what is read can be held against it. */
function wholeSecond(ms: number): number {
  return Math.ceil(ms / 1000) * 1000;
}

/** Until when an update can be taken back; never, unless it is of prices. */
export function withdrawableUntil(update: Update): number {
  return update.kind === 'price.changed' ? effectOf(update) + WITHDRAWABLE_DAYS * DAY_MS : -Infinity;
}

/** When it has taken effect in every store. */
function effectOf(update: Update): number {
  return effectiveTime(update, spreadOf(update).from.latest);
}

/** Whether the older one is no store's price any more: the newer one is in force everywhere, wins, and ends no earlier. */
function replaces(newer: StatePart, older: StatePart, now: number): boolean {
  if (newer === older) return false;
  // Prices of the same times replace each other at once; others may come into force again.
  if (validityKey(newer.update) === validityKey(older.update)) return newer.version > older.version;
  const [own, others] = [spreadOf(newer.update), spreadOf(older.update)];
  if (own.from.latest > now || own.until.earliest < others.until.latest) return false;
  const difference =
    effectiveTime(newer.update, own.from.earliest) - effectiveTime(older.update, others.from.latest);
  return difference === 0 ? newer.version > older.version : difference > 0;
}

/** A local time is another moment in each time zone. */
function spreadOf(update: Update) {
  const { from, until } = periodOnEarth(update);
  const { validFromLocal, validUntilLocal } = update;
  return {
    from: { earliest: from, latest: from + (validFromLocal === undefined ? 0 : ZONES_MS) },
    until: { earliest: until - (validUntilLocal === undefined ? 0 : ZONES_MS), latest: until },
  };
}
