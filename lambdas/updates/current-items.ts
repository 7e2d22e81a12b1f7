/**
 * The items of the `current` table: by channel and subject (`price#SKU/CURRENCY/TYPE#from#until`, `offer#ID`), the part of an update
 * that is about this subject alone. The partitions `newest` and `offers` hold each channel's newest position and each
 * offer's end; no channel has their names.
 */
import { ZONES_MS } from '../../domain/retail/local-time.ts';
import { priceKey } from '../../domain/retail/price.ts';
import { periodOnEarth } from '../../domain/retail/validity.ts';
import type { ChannelEntry } from '../../domain/updates/catch-up-page.ts';
import { toFrame, type Update } from '../../domain/updates/update.ts';
import { expiry, json, mapOf, number, text } from '../aws/codecs.ts';
import { ItemSchema, optional, type RecordOf } from '../aws/item-schema.ts';

/** The state keeps what a price had replaced so long after the replacement took effect. */
export const WITHDRAWABLE_DAYS = 30;
const CURRENT = 'current';
const currentKey = { channel: text, subject: text };

/** What is or will be in force; the index `byPosition` is the channel and the position. */
export const statePart = new ItemSchema(CURRENT, currentKey, {
  position: number,
  /** When the update was published, and its id: of two with one subject, the higher version stays. */
  version: text,
  update: json<Update>(),
  /** The price that replaced it; it stays for a while, in case that one is withdrawn. */
  supersededBy: optional(text),
  expiresAt: optional(expiry),
});
export type StatePart = RecordOf<typeof statePart>;

/** Each channel's newest position; the subject is the channel's name. */
export const newestPosition = new ItemSchema(CURRENT, currentKey, { position: number });
export const NEWEST = 'newest';

/** An update whose prices are withdrawn; the subject is its id. */
export const withdrawnUpdate = new ItemSchema(CURRENT, currentKey, { withdrawnBy: text });
export const WITHDRAWN = 'withdrawn';

/** When an offer is over for good, and the channels that have entries of it; the subject is its id. */
export const offerEnd = new ItemSchema(CURRENT, currentKey, { expiresAt: expiry, channels: mapOf(number) });
export const OFFERS = 'offers';

/** An update for each of its subjects, cut down to it. */
export function subjectParts(update: Update): { subject: string; part: Update }[] {
  const bare: Update = { ...update, audience: undefined, priceList: undefined };
  if (bare.kind === 'price.withdrawn') return [];
  if (bare.kind !== 'price.changed') return [{ subject: offerSubject(bare.data.offerId), part: bare }];
  return bare.data.prices.map(price => ({
    subject: `price#${priceKey(price)}#${validityKey(bare)}#${bare.id}`,
    part: { ...bare, data: { ...bare.data, prices: [price] } },
  }));
}

/** Puts the price parts of each update together again, in the order of positions. */
export function reassemble(channel: string, parts: readonly StatePart[]): ChannelEntry[] {
  const whole = new Map<string, { position: number; update: Update }>();
  for (const { position, update } of parts) {
    const known = whole.get(update.id)?.update;
    if (known?.kind === 'price.changed' && update.kind === 'price.changed')
      known.data.prices.push(...update.data.prices);
    else whole.set(update.id, { position, update });
  }
  return [...whole.values()].map(({ position, update }) => ({
    position,
    update: toFrame(update, { [channel]: position }),
  }));
}

/** ISO 8601 times of one length compare as text, so versions do too. */
export function versionOf({ publishedAt, id }: Pick<Update, 'publishedAt' | 'id'>): string {
  return `${publishedAt}#${id}`;
}

function validityKey(update: Update): string {
  const { validFrom, validFromLocal, validUntil, validUntilLocal } = update;
  return `${validFrom ?? validFromLocal ?? ''}#${validUntil ?? validUntilLocal ?? ''}`;
}

export function offerSubject(offerId: string): string {
  return `offer#${offerId}`;
}

/** The SKU, currency and type of a price's subject. */
export function priceKeyOf(subject: string): string {
  return subject.split('#', 2)[1] ?? '';
}

/**
 * Of the prices of one SKU, currency and type those that are no store's price any more: another one is in force everywhere,
 * wins, and ends no earlier.
 */
export function superseded(prices: readonly StatePart[], now: number): { price: StatePart; by: StatePart }[] {
  return prices.flatMap(price => {
    const by = prices.find(other => replaces(other, price, now));
    return by === undefined ? [] : [{ price, by }];
  });
}

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

/** A price that was to hold from an earlier time counts from its publication. */
function effectiveTime({ publishedAt }: Update, from: number): number {
  return Math.max(from, Date.parse(publishedAt));
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
