/** A price as marketing publishes it. Of a SKU one price holds for each currency and price type. */
import * as v from 'valibot';
import { Amount, Currency } from '../money.ts';
import { Name } from '../names.ts';
import { Gtin } from './gtin.ts';
import { Unit } from './unit.ts';

/** What people call an article or an offer. */
export const Title = v.pipe(
  v.string('must be a string'),
  v.trim(),
  v.minLength(1, 'must not be empty'),
  v.maxLength(200, 'must have at most 200 characters'),
);

export const PriceType = v.picklist(
  ['regular', 'promotional', 'member'],
  'must be regular, promotional or member',
);
export type PriceType = v.InferOutput<typeof PriceType>;

/** What every price has. */
export const plainPriceEntries = {
  sku: Name,
  /** Minor units, for one unit. */
  amount: Amount,
  currency: Currency,
};

const entries = {
  ...plainPriceEntries,
  /** Left out, `regular`. */
  priceType: v.optional(PriceType),
  /** Left out, pieces. */
  unit: v.optional(Unit),
  gtin: v.optional(Gtin),
  name: v.optional(Title),
};

/** As an event is read: an unknown property is a misspelt one. */
export const StrictRetailPrice = v.strictObject(entries, 'must be {sku, amount, currency}');
/** As a store reads it: what a newer chain adds passes. */
export const RetailPrice = v.object(entries);
export type RetailPrice = v.InferOutput<typeof RetailPrice>;

/** Tells a price from all others that hold beside it; names hold no slash. */
export function priceKey({
  sku,
  currency,
  priceType = 'regular',
}: Pick<RetailPrice, 'sku' | 'currency' | 'priceType'>): string {
  return `${sku}/${currency}/${priceType}`;
}
