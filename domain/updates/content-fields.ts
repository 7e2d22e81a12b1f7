/**
 * What events may say of a price and a discount today, a part of the retail model: read strictly, so that a misspelt property is
 * refused. Updates are read tolerantly (update-content.ts), so that a newer chain's fields pass an older till.
 */
import * as v from 'valibot';
import { byAmount, byPercent, plainPriceEntries } from '../retail/plain-fields.ts';

export const StrictPrice = v.strictObject(plainPriceEntries, 'must be {sku, amount, currency}');
export const DISCOUNT_RULE =
  'must be {"percent": above 0, at most 100} or {"amount": minor units, "currency"}';
export const StrictDiscount = v.union([v.strictObject(byPercent), v.strictObject(byAmount)], DISCOUNT_RULE);
