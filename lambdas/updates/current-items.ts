/**
 * The items of the `current` table: by channel and subject (`price#SKU/CURRENCY/TYPE#from#until`, `offer#ID`), the part of an update
 * that is about this subject alone. The partitions `newest` and `offers` hold each channel's newest position and each
 * offer's end; no channel has their names.
 */
import { priceKey } from '../../domain/retail/price.ts';
import { periodOnEarth } from '../../domain/retail/validity.ts';
import type { ChannelEntry } from '../../domain/updates/catch-up-page.ts';
import { toFrame, type Update } from '../../domain/updates/update.ts';
import { expiry, json, mapOf, number, text } from '../aws/codecs.ts';
import { ItemSchema, optional, type RecordOf } from '../aws/item-schema.ts';

const CURRENT = 'current';
const currentKey = { channel: text, subject: text };

/**
 * What is or will be in force, and for a month the prices that were; the index `byPosition` is the channel and the position,
 * so it has what stores are sent, and nothing else.
 */
export const statePart = new ItemSchema(CURRENT, currentKey, {
  /** Its place in the channel; undefined while it is hidden. */
  position: optional(number),
  /** The same of a price that another one has replaced: it holds again if that one is withdrawn. */
  hiddenPosition: optional(number),
  /** When the update was published, and its id: of two with one subject, the higher version stays. */
  version: text,
  update: json<Update>(),
  expiresAt: optional(expiry),
});
export type StatePart = RecordOf<typeof statePart>;

/** Each channel's newest position; the subject is the channel's name. */
export const newestPosition = new ItemSchema(CURRENT, currentKey, { position: number });
export const NEWEST = 'newest';

/** An update whose prices are withdrawn, as long as anybody may still bring them; the subject is its id. */
export const withdrawnUpdate = new ItemSchema(CURRENT, currentKey, { withdrawnBy: text, expiresAt: expiry });
export const WITHDRAWN = 'withdrawn';

/** When an offer is over for good, and the channels that have entries of it; the subject is its id. */
export const offerEnd = new ItemSchema(CURRENT, currentKey, { expiresAt: expiry, channels: mapOf(number) });
export const OFFERS = 'offers';

/** An update for each of its subjects, cut down to it. */
export function subjectParts(update: Update): { subject: string; part: Update }[] {
  const bare: Update = { ...update, audience: undefined, priceList: undefined };
  if (bare.kind === 'message.published') return [{ subject: `message#${bare.id}`, part: bare }];
  if (bare.kind === 'price.withdrawn') return [];
  if (bare.kind !== 'price.changed') return [{ subject: offerSubject(bare.data.offerId), part: bare }];
  return bare.data.prices.map(price => ({
    subject: `${priceSubjects(priceKey(price))}${validityKey(bare)}#${bare.id}`,
    part: { ...bare, data: { ...bare.data, prices: [price] } },
  }));
}

/** Puts the price parts of each update together again, in the order of positions. */
export function reassemble(channel: string, parts: readonly StatePart[]): ChannelEntry[] {
  const whole = new Map<string, { position: number; update: Update }>();
  for (const { position = 0, update } of parts) {
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

/** Equal for updates of the same times. */
export function validityKey(update: Update): string {
  const { validFrom, validFromLocal, validUntil, validUntilLocal } = update;
  return `${validFrom ?? validFromLocal ?? ''}#${validUntil ?? validUntilLocal ?? ''}`;
}

export function offerSubject(offerId: string): string {
  return `offer#${offerId}`;
}

/** A message that names no end is news: a store that is told the whole state hears of so many days. */
const MESSAGES_KEPT_MS = 30 * 86_400_000;

/** Until when an update is part of the state, in milliseconds since the epoch. */
export function keptUntil(update: Update): number {
  const { until } = periodOnEarth(update);
  const isNews = update.kind === 'message.published' && !Number.isFinite(until);
  return isNews ? Date.parse(update.publishedAt) + MESSAGES_KEPT_MS : until;
}

/** What the subjects of all prices of one SKU, currency and type begin with. */
export function priceSubjects(key: string): string {
  return `price#${key}#`;
}

/** The SKU, currency and type of a price's subject. */
export function priceKeyOf(subject: string): string {
  return subject.split('#', 2)[1] ?? '';
}

/** What the subjects of all prices of one SKU begin with; with an empty one, those of all. */
export function skuSubjects(sku: string): string {
  return sku === '' ? 'price#' : `price#${sku}/`;
}

/** The SKU of a price's subject. */
export function skuOf(subject: string): string {
  return priceKeyOf(subject).split('/', 1)[0] ?? '';
}
