/** An offer as marketing publishes it: what it gives, on which SKUs, and on what conditions. domain/basket.ts applies it. */
import * as v from 'valibot';
import { Amount, Currency } from '../money.ts';
import { OfferHours, StrictOfferHours } from './offer-hours.ts';
import { byAmount, byPercent, plainOfferEntries } from './plain-fields.ts';
import { isInOrder, isOneForm, OUT_OF_ORDER, TWO_FORMS, type Validity, validityEntries } from './validity.ts';

/** Pieces that an offer takes together, at most twice. */
const MOST_PIECES = 100;

const Pieces = v.pipe(
  v.number('must be a whole number'),
  v.safeInteger('must be a whole number'),
  v.minValue(1, 'must be at least 1'),
  v.maxValue(MOST_PIECES, `must be at most ${MOST_PIECES}`),
);
const WholeNumber = v.pipe(v.number('must be a whole number'), v.safeInteger('must be a whole number'));
const IsIt = v.boolean('must be true or false');

const byPrice = { price: Amount, currency: Currency };
const buy = { quantity: Pieces, get: Pieces };
const bundle = { quantity: Pieces, ...byPrice };
const minimum = byAmount;

const DISCOUNT_RULE =
  'must be {"percent": above 0, at most 100}, {"amount": minor units, "currency"} or {"price": minor units, "currency"}';
const StrictDiscount = v.union(
  [v.strictObject(byPercent), v.strictObject(byAmount), v.strictObject(byPrice)],
  DISCOUNT_RULE,
);
const Discount = v.union([v.object(byPercent), v.object(byAmount), v.object(byPrice)], DISCOUNT_RULE);
/** Off each unit: a percentage, an amount, or all that is above a price. */
export type Discount = v.InferOutput<typeof Discount>;

const list = <T extends v.GenericSchema>(item: T) =>
  v.pipe(v.array(item, 'must be a list'), v.minLength(1, 'must hold at least one entry'));

const entries = {
  ...plainOfferEntries,
  /** Whether it is for members alone. @default false */
  member: v.optional(IsIt),
  /** The code that the customer must bring. */
  coupon: v.optional(
    v.pipe(
      v.string('must be a string'),
      v.minLength(1, 'must not be empty'),
      v.maxLength(64, 'must have at most 64 characters'),
    ),
  ),
  /** The higher one goes first. @default 0 */
  priority: v.optional(WholeNumber),
  /** Whether other combinable offers may take the same units. @default false */
  combinable: v.optional(IsIt),
};

/** As an event is read, without its validity: an unknown property is a misspelt one. */
export const strictOfferEntries = {
  ...entries,
  /** Left out only where a `bundle` says what is paid. */
  discount: v.optional(StrictDiscount),
  /** Of each `quantity` + `get` pieces the cheapest `get` are discounted. */
  buy: v.optional(v.strictObject(buy)),
  /** Each `quantity` pieces cost `price` together. */
  bundle: v.optional(v.strictObject(bundle)),
  /** What the whole basket must come to before all offers. */
  minimum: v.optional(v.strictObject(minimum)),
  hours: v.optional(list(StrictOfferHours)),
};

/** As a store reads it: what a newer chain adds passes. */
export const RetailOffer = v.object({
  ...entries,
  discount: v.optional(Discount),
  buy: v.optional(v.object(buy)),
  bundle: v.optional(v.object(bundle)),
  minimum: v.optional(v.object(minimum)),
  hours: v.optional(list(OfferHours)),
});
export type RetailOffer = v.InferOutput<typeof RetailOffer>;

/** An offer with its validity, as an event is read. */
export const StrictRetailOffer = v.pipe(
  v.strictObject({ ...strictOfferEntries, ...validityEntries }),
  v.check(
    offer => faultOf(offer) === undefined,
    ({ input }) => faultOf(input) ?? '',
  ),
);

/** What parts of an offer say against each other; undefined if nothing. */
export function faultOf(
  offer: Pick<RetailOffer, 'discount' | 'buy' | 'bundle'> & Validity,
): string | undefined {
  if (offer.discount === undefined && offer.bundle === undefined) return 'discount or bundle must be given';
  if (offer.buy !== undefined && offer.bundle !== undefined) return 'buy and bundle exclude each other';
  if (!isOneForm(offer)) return TWO_FORMS;
  if (!offer.validUntil && !offer.validUntilLocal) return 'validUntil or validUntilLocal must be given';
  return isInOrder(offer) ? undefined : OUT_OF_ORDER;
}
