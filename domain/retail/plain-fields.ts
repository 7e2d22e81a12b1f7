/** What every price and every offer has; the rest of the retail model is in price.ts and offer.ts. */
import * as v from 'valibot';
import { Amount, Currency } from '../money.ts';
import { Name } from '../names.ts';
import { isPlainText } from '../text.ts';

/** What people call an article or an offer. */
export const Title = v.pipe(
  v.string('must be a string'),
  v.trim(),
  v.minLength(1, 'must not be empty'),
  v.maxLength(200, 'must have at most 200 characters'),
  v.check(isPlainText, 'must be well-formed text without control characters'),
);

/** What every price has. */
export const plainPriceEntries = {
  sku: Name,
  /** Minor units, for one unit. */
  amount: Amount,
  currency: Currency,
};

/** What a discount takes off each unit. */
export const byPercent = {
  percent: v.pipe(
    v.number('must be a number'),
    v.gtValue(0, 'must be above 0'),
    v.maxValue(100, 'must be at most 100'),
  ),
};
export const byAmount = { amount: v.pipe(Amount, v.minValue(1, 'must be above 0')), currency: Currency };
/** What every offer has, besides its discount. */
export const plainOfferEntries = {
  offerId: Name,
  title: Title,
  skus: v.pipe(
    v.array(Name, 'must be a list of SKUs'),
    v.minLength(1, 'must name at least one SKU'),
    v.check(skus => new Set(skus).size === skus.length, 'names a SKU twice'),
  ),
};
