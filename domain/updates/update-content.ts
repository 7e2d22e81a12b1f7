/**
 * What updates say: a price, a discount, an offer, each defined once. An event is read strictly, so that a misspelt
 * property is refused; an update is read tolerantly, so that a newer chain's fields pass an older till.
 */
import * as v from 'valibot';
import { Amount, Currency } from '../money.ts';
import { Name } from '../names.ts';

const price = { sku: Name, amount: Amount, currency: Currency };
export const StrictPrice = v.strictObject(price, 'must be {sku, amount, currency}');
const Price = v.object(price);
/** What an article costs from now on, in minor units. */
export type Price = v.InferOutput<typeof Price>;

const byPercent = {
  percent: v.pipe(
    v.number('must be a number'),
    v.gtValue(0, 'must be above 0'),
    v.maxValue(100, 'must be at most 100'),
  ),
};
const byAmount = { amount: v.pipe(Amount, v.minValue(1, 'must be above 0')), currency: Currency };
const DISCOUNT_RULE = 'must be {"percent": above 0, at most 100} or {"amount": minor units, "currency"}';
export const StrictDiscount = v.union([v.strictObject(byPercent), v.strictObject(byAmount)], DISCOUNT_RULE);
const Discount = v.union([v.object(byPercent), v.object(byAmount)], DISCOUNT_RULE);
/** What an offer takes off the price of each of its articles. */
export type Discount = v.InferOutput<typeof Discount>;

/** The fields of an offer but its discount, which events and updates read differently. */
export const offerTerms = {
  offerId: Name,
  title: v.pipe(
    v.string(),
    v.trim(),
    v.minLength(1, 'must not be empty'),
    v.maxLength(200, 'must have at most 200 characters'),
  ),
  skus: v.pipe(
    v.array(Name, 'must be a list of SKUs'),
    v.minLength(1, 'must name at least one SKU'),
    v.check(skus => new Set(skus).size === skus.length, 'names a SKU twice'),
  ),
};

/** By kind: the `data` of an update. */
export const updateData = {
  'price.changed': v.object({ prices: v.array(Price, 'must be a list') }),
  'offer.published': v.object({ ...offerTerms, discount: Discount }),
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
