/**
 * The items of the `current` table: by channel and subject (`price#SKU#validFrom`, `offer#ID`), the part of an update
 * that is about this subject alone. The partitions `newest` and `offers` hold each channel's newest position and each
 * offer's end; no channel has their names.
 */
import type { ChannelEntry } from '../../domain/updates/catch-up-page.ts';
import { effectiveTime, toFrame, type Update } from '../../domain/updates/update.ts';
import { expiry, json, number, text } from '../aws/codecs.ts';
import { ItemSchema, optional, type RecordOf } from '../aws/item-schema.ts';

const CURRENT = 'current';
const currentKey = { channel: text, subject: text };

/** What is or will be in force; the index `byPosition` is the channel and the position. */
export const statePart = new ItemSchema(CURRENT, currentKey, {
  position: number,
  /** When the update was published, and its id: of two with one subject, the higher version stays. */
  version: text,
  update: json<Update>(),
  expiresAt: optional(expiry),
});
export type StatePart = RecordOf<typeof statePart>;

/** Each channel's newest position; the subject is the channel's name. */
export const newestPosition = new ItemSchema(CURRENT, currentKey, { position: number });
export const NEWEST = 'newest';

/** When an offer is over for good; the subject is its id. */
export const offerEnd = new ItemSchema(CURRENT, currentKey, { expiresAt: expiry });
export const OFFERS = 'offers';

/** An update for each of its subjects, cut down to it. */
export function subjectParts(update: Update): { subject: string; part: Update }[] {
  const bare: Update = { ...update, audience: undefined, priceList: undefined };
  if (bare.kind !== 'price.changed') return [{ subject: `offer#${bare.data.offerId}`, part: bare }];
  return bare.data.prices.map(price => ({
    subject: `price#${price.sku}#${bare.validFrom ?? ''}`,
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

/** How the subjects of all prices of a SKU begin. */
export function skuPrefix(subject: string): string {
  return subject.slice(0, subject.lastIndexOf('#') + 1);
}

/** Of the prices of a SKU that are in force at a time, those that the newest has replaced. */
export function superseded(prices: readonly StatePart[], now: number): StatePart[] {
  const inForce = prices.filter(({ update }) => effectiveTime(update) <= new Date(now).toISOString());
  const ranked = inForce.sort((a, b) => (rankOf(a) < rankOf(b) ? 1 : -1));
  return ranked.slice(1);
}

function rankOf({ update, version }: StatePart): string {
  return `${effectiveTime(update)}#${version}`;
}
