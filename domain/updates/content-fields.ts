/**
 * The fields of what updates say, each defined once: of a price, a discount, an offer. An event is read strictly, so that
 * a misspelt property is refused; an update is read tolerantly (update-content.ts), so that a newer chain's fields pass an
 * older till.
 */
import * as v from 'valibot';
import { Amount, Currency } from '../money.ts';
import { Name } from '../names.ts';

export const price = { sku: Name, amount: Amount, currency: Currency };
export const StrictPrice = v.strictObject(price, 'must be {sku, amount, currency}');

export const byPercent = {
  percent: v.pipe(
    v.number('must be a number'),
    v.gtValue(0, 'must be above 0'),
    v.maxValue(100, 'must be at most 100'),
  ),
};
export const byAmount = { amount: v.pipe(Amount, v.minValue(1, 'must be above 0')), currency: Currency };
export const DISCOUNT_RULE =
  'must be {"percent": above 0, at most 100} or {"amount": minor units, "currency"}';
export const StrictDiscount = v.union([v.strictObject(byPercent), v.strictObject(byAmount)], DISCOUNT_RULE);

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
