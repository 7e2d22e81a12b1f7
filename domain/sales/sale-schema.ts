/** The fields of a sale, as a till sends them. Fields that are not here are let pass: sale.ts keeps them as they were sent. */
import * as v from 'valibot';
import { scaled } from '../decimal.ts';
import { Amount, Currency } from '../money.ts';
import { Name } from '../names.ts';
import { Gtin } from '../retail/gtin.ts';
import { QUANTITY_PLACES } from '../retail/quantity.ts';
import { Unit } from '../retail/unit.ts';
import { Timestamp } from '../time.ts';

/** Decimal places of a unit price beside an amount. */
const UNIT_PRICE_PLACES = 4;

/** Minor units, negative for what is paid back. */
const Money = v.pipe(
  v.number('must be an integer of minor units'),
  v.safeInteger('must be an integer of minor units'),
);
const Text = v.pipe(
  v.string('must be a string'),
  v.minLength(1, 'must not be empty'),
  v.maxLength(200, 'must have at most 200 characters'),
);

const Discount = v.object({
  /** Minor units that it takes off. */
  amount: v.pipe(Amount, v.minValue(1, 'must be above 0')),
  offerId: v.optional(Name),
  reason: v.optional(Text),
});
const Discounts = v.array(Discount, 'must be a list');

const Line = v.object({
  sku: Name,
  /** Of `unit`, with up to three decimals; negative for what comes back. */
  quantity: v.pipe(
    v.number('must be a number'),
    v.check(quantity => scaled(quantity, QUANTITY_PLACES) !== undefined, 'must have at most three decimals'),
    v.check(quantity => quantity !== 0, 'must not be 0'),
  ),
  unit: v.optional(Unit),
  /** Minor units; with up to four decimals beside an `amount`. */
  unitPrice: v.pipe(
    v.number('must be a number of minor units'),
    v.minValue(0, 'must not be negative'),
    v.check(price => scaled(price, UNIT_PRICE_PLACES) !== undefined, 'must have at most four decimals'),
  ),
  /** What the line comes to before its discounts; left out, it is quantity times unitPrice. */
  amount: v.optional(Money),
  discounts: v.optional(Discounts),
  gtin: v.optional(Gtin),
  /** A code of the sale's `taxes`. */
  tax: v.optional(Text),
  /** The price of a unit that the store's book had in force at `soldAt`. */
  listed: v.optional(Amount),
});

const Tax = v.object({
  code: Text,
  percent: v.pipe(
    v.number('must be a number'),
    v.finite('must be a number'),
    v.minValue(0, 'must not be negative'),
  ),
  /** What it is computed from, and what it comes to; the till rounds, so neither is computed again. */
  base: Money,
  amount: Money,
  /** Whether the lines' amounts hold it already. */
  included: v.boolean('must be true or false'),
});

const Tender = v.object({
  type: v.picklist(['cash', 'card', 'voucher', 'other'], 'must be cash, card, voucher or other'),
  /** Negative for change and for what is paid back. */
  amount: Money,
});

/** A date, such as `2026-12-01`. */
export const BusinessDay = v.pipe(
  v.string('must be a date'),
  v.check(isDate, 'must be a date, such as 2026-12-01'),
);

export const SaleSchema = v.object({
  saleId: Name,
  soldAt: Timestamp,
  currency: Currency,
  total: Money,
  lines: v.pipe(v.array(Line, 'must be a list'), v.minLength(1, 'must hold at least one line')),
  /** Part of the sale's identity: two tills may both count from 1. */
  till: v.optional(Name),
  sequence: v.optional(
    v.pipe(
      v.number('must be a whole number'),
      v.safeInteger('must be a whole number'),
      v.minValue(0, 'must not be negative'),
    ),
  ),
  type: v.optional(v.picklist(['sale', 'return', 'void'], 'must be sale, return or void')),
  /** The sale that a return or a void refers to. */
  original: v.optional(
    v.object({ storeId: v.optional(Name), saleId: Name, till: v.optional(Name) }, 'must be an object'),
  ),
  businessDay: v.optional(BusinessDay),
  operator: v.optional(Text),
  discounts: v.optional(Discounts),
  taxes: v.optional(v.array(Tax, 'must be a list')),
  tenders: v.optional(v.array(Tender, 'must be a list')),
  /** Minor units that cash rounding added. */
  rounding: v.optional(Money),
});

function isDate(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN;
  // Date.parse rolls 31 February over into March.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
