/** An offer as marketing publishes it: what it gives, on which SKUs, and on what conditions. domain/basket.ts applies it. */
import * as v from 'valibot';
import { Amount, Currency } from '../money.ts';
import { Name } from '../names.ts';
import { OfferHours } from './offer-hours.ts';
import { isInOrder, isOneForm, validityEntries } from './validity.ts';

/** Pieces that an offer takes together. */
const MOST_PIECES = 100;

const Pieces = v.pipe(
  v.number('must be a whole number'),
  v.safeInteger('must be a whole number'),
  v.minValue(1, 'must be at least 1'),
  v.maxValue(MOST_PIECES, `must be at most ${MOST_PIECES}`),
);
const Money = v.strictObject({
  amount: v.pipe(Amount, v.minValue(1, 'must be above 0')),
  currency: Currency,
});
const Percent = v.pipe(
  v.number('must be a number'),
  v.gtValue(0, 'must be above 0'),
  v.maxValue(100, 'must be at most 100'),
);

/** Off each unit: a percentage, an amount, or all that is above a price. */
export const Discount = v.union(
  [v.strictObject({ percent: Percent }), Money, v.strictObject({ price: Amount, currency: Currency })],
  'must be {"percent": above 0, at most 100}, {"amount": minor units, "currency"} or {"price": minor units, "currency"}',
);
export type Discount = v.InferOutput<typeof Discount>;

/** Of each `quantity` + `get` pieces the cheapest `get` are discounted. */
export const Buy = v.strictObject({ quantity: Pieces, get: Pieces });
/** Each `quantity` pieces cost `price` together. */
export const Bundle = v.strictObject({ quantity: Pieces, price: Amount, currency: Currency });

export const offerEntries = {
  offerId: Name,
  title: v.pipe(
    v.string('must be a string'),
    v.trim(),
    v.minLength(1, 'must not be empty'),
    v.maxLength(200, 'must have at most 200 characters'),
  ),
  skus: v.pipe(
    v.array(Name, 'must be a list of SKUs'),
    v.minLength(1, 'must name at least one SKU'),
    v.check(skus => new Set(skus).size === skus.length, 'names a SKU twice'),
  ),
  /** Left out only where a `bundle` says what is paid. */
  discount: v.optional(Discount),
  buy: v.optional(Buy),
  bundle: v.optional(Bundle),
  /** What the whole basket must come to before all offers. */
  minimum: v.optional(Money),
  /** Whether it is for members alone. */
  member: v.optional(v.boolean('must be true or false')),
  /** The code that the customer must bring. */
  coupon: v.optional(
    v.pipe(
      v.string('must be a string'),
      v.minLength(1, 'must not be empty'),
      v.maxLength(64, 'must have at most 64 characters'),
    ),
  ),
  hours: v.optional(
    v.pipe(v.array(OfferHours, 'must be a list'), v.minLength(1, 'must hold at least one entry')),
  ),
  /** The higher one goes first. @default 0 */
  priority: v.optional(v.pipe(v.number('must be a whole number'), v.safeInteger('must be a whole number'))),
  /** Whether other combinable offers may take the same units. @default false */
  combinable: v.optional(v.boolean('must be true or false')),
};

/** The content of an offer with its validity. */
export const RetailOffer = v.pipe(
  v.strictObject({ ...offerEntries, ...validityEntries }),
  v.check(
    ({ discount, bundle }) => discount !== undefined || bundle !== undefined,
    'discount or bundle must be given',
  ),
  v.check(
    ({ buy, bundle }) => buy === undefined || bundle === undefined,
    'buy and bundle exclude each other',
  ),
  v.check(
    offer => isOneForm(offer),
    'validFrom and validFromLocal, validUntil and validUntilLocal exclude each other',
  ),
  v.check(
    ({ validUntil, validUntilLocal }) => (validUntil ?? validUntilLocal) !== undefined,
    'validUntil or validUntilLocal must be given',
  ),
  v.check(offer => isInOrder(offer), 'validUntil must be later than validFrom'),
);
export type RetailOffer = v.InferOutput<typeof RetailOffer>;
