/** What updates say, by their kind, read tolerantly: what a newer chain adds is passed over. */
import * as v from 'valibot';
import { Name } from '../names.ts';
import { byAmount, byPercent, plainOfferEntries, plainPriceEntries } from '../retail/plain-fields.ts';
import { DISCOUNT_RULE } from './content-fields.ts';

const Price = v.object(plainPriceEntries);
/** What an article costs from now on, in minor units. */
export type Price = v.InferOutput<typeof Price>;

const Discount = v.union([v.object(byPercent), v.object(byAmount)], DISCOUNT_RULE);
/** What an offer takes off the price of each of its articles. */
export type Discount = v.InferOutput<typeof Discount>;

/** By kind: the `data` of an update. */
export const updateData = {
  'price.changed': v.object({ prices: v.array(Price, 'must be a list') }),
  'offer.published': v.object({ ...plainOfferEntries, discount: Discount }),
  'offer.withdrawn': v.object({ offerId: Name }),
} as const;

export type UpdateKind = keyof typeof updateData;
export type UpdateData<K extends UpdateKind> = v.InferOutput<(typeof updateData)[K]>;
export type OfferTerms = UpdateData<'offer.published'>;

/** What an update of any kind says. */
export type UpdateContent = { [K in UpdateKind]: { kind: K; data: UpdateData<K> } }[UpdateKind];

const UpdateContent = v.variant('kind', [
  v.object({ kind: v.literal('price.changed'), data: updateData['price.changed'] }),
  v.object({ kind: v.literal('offer.published'), data: updateData['offer.published'] }),
  v.object({ kind: v.literal('offer.withdrawn'), data: updateData['offer.withdrawn'] }),
]);

/** @returns undefined for a kind that this version doesn't know, or for data that isn't what its kind says */
export function readContent(kind: string, data: unknown): UpdateContent | undefined {
  const parsed = v.safeParse(UpdateContent, { kind, data });
  return parsed.success ? parsed.output : undefined;
}
