/** What updates say, by their kind, read tolerantly: what a newer chain adds is passed over. */
import * as v from 'valibot';
import { Name } from '../names.ts';
import { RetailOffer } from '../retail/offer.ts';
import { RetailPrice } from '../retail/price.ts';

/** By kind: the `data` of an update. */
export const updateData = {
  'price.changed': v.object({ prices: v.array(RetailPrice, 'must be a list') }),
  'offer.published': RetailOffer,
  'offer.withdrawn': v.object({ offerId: Name }),
} as const;

export type UpdateKind = keyof typeof updateData;
export type UpdateData<K extends UpdateKind> = v.InferOutput<(typeof updateData)[K]>;

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
