/** A price as marketing publishes it. Of a SKU one price holds for each currency and price type. */
import * as v from 'valibot';
import { Gtin } from './gtin.ts';
import { plainPriceEntries, Title } from './plain-fields.ts';
import { Unit } from './unit.ts';

export const PriceType = v.picklist(
  ['regular', 'promotional', 'member'],
  'must be regular, promotional or member',
);
export type PriceType = v.InferOutput<typeof PriceType>;

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
