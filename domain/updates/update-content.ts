/** What updates say, by their kind, read tolerantly: what a newer chain adds is passed over. */
import * as v from 'valibot';
import { Name } from '../names.ts';
import { LocalTime } from '../retail/local-time.ts';
import { RetailOffer } from '../retail/offer.ts';
import { RetailPrice } from '../retail/price.ts';
import { Timestamp } from '../time.ts';
import { messageEntries } from './topics.ts';

/** Prices of one update that a withdrawal may bring back into force, with their own times and channels. */
export const RestoredPrices = v.object({
  updateId: v.string(),
  publishedAt: Timestamp,
  validFrom: v.nullable(Timestamp),
  validUntil: v.nullable(Timestamp),
  validFromLocal: v.exactOptional(LocalTime),
  validUntilLocal: v.exactOptional(LocalTime),
  channels: v.array(v.string()),
  prices: v.array(RetailPrice),
});
export type RestoredPrices = v.InferOutput<typeof RestoredPrices>;

/** By kind: the `data` of an update. */
export const updateData = {
  'price.changed': v.object({ prices: v.array(RetailPrice, 'must be a list') }),
  'price.withdrawn': v.object({
    updates: v.array(Name, 'must be a list'),
    /** Those of their SKUs that it is about; other parts of the same withdrawal have the rest. Left out, all of them. */
    skus: v.exactOptional(v.array(Name)),
    restored: v.optional(v.array(RestoredPrices), []),
  }),
  'offer.published': RetailOffer,
  'offer.withdrawn': v.object({ offerId: Name }),
  'message.published': v.object(messageEntries),
} as const;

export type UpdateKind = keyof typeof updateData;
export type UpdateData<K extends UpdateKind> = v.InferOutput<(typeof updateData)[K]>;

/** What an update of any kind says. */
export type UpdateContent = { [K in UpdateKind]: { kind: K; data: UpdateData<K> } }[UpdateKind];

const UpdateContent = v.variant('kind', [
  v.object({ kind: v.literal('price.changed'), data: updateData['price.changed'] }),
  v.object({ kind: v.literal('price.withdrawn'), data: updateData['price.withdrawn'] }),
  v.object({ kind: v.literal('offer.published'), data: updateData['offer.published'] }),
  v.object({ kind: v.literal('offer.withdrawn'), data: updateData['offer.withdrawn'] }),
  v.object({ kind: v.literal('message.published'), data: updateData['message.published'] }),
]);

/** @returns undefined for a kind that this version doesn't know, or for data that isn't what its kind says */
export function readContent(kind: string, data: unknown): UpdateContent | undefined {
  const parsed = v.safeParse(UpdateContent, { kind, data });
  return parsed.success ? parsed.output : undefined;
}
