/** What a sale comes to: integers of minor units, computed exactly or not at all. */
import { scaled } from '../decimal.ts';
import { QUANTITY_PLACES } from '../retail/quantity.ts';

interface Discounted {
  discounts?: { amount: number }[] | undefined;
}

interface LineAmounts extends Discounted {
  quantity: number;
  unitPrice: number;
  amount?: number | undefined;
}

interface SaleAmounts extends Discounted {
  lines: LineAmounts[];
  taxes?: { amount: number; included: boolean }[] | undefined;
  rounding?: number | undefined;
}

/** Sums of a sale in minor units: `total` is lines - discounts + taxes + rounding. */
export interface SaleSums {
  lines: number;
  /** Of the lines and of the whole. */
  discounts: number;
  /** Those that the lines' amounts don't hold. */
  taxes: number;
  rounding: number;
  total: number;
}

/** An amount that can't be told exactly; `place` is its path in the sale. */
export class InexactAmountError extends Error {
  override readonly name = 'InexactAmountError';
  readonly place: string;
  constructor(place: string, message: string) {
    super(message);
    this.place = place;
  }
}

/** @throws InexactAmountError where a line has no whole amount, or a sum is past what a double holds exactly */
export function sumsOf(sale: SaleAmounts): SaleSums {
  let [lines, discounts, taxes] = [0, 0, 0];
  for (const [index, line] of sale.lines.entries()) {
    lines = exact(lines + lineAmount(line, `lines.${index}`), 'lines');
    discounts = exact(discounts + discountOf(line), `lines.${index}.discounts`);
  }
  discounts = exact(discounts + discountOf(sale), 'discounts');
  for (const tax of sale.taxes ?? []) if (!tax.included) taxes = exact(taxes + tax.amount, 'taxes');
  const { rounding = 0 } = sale;
  const total = exact(exact(exact(lines - discounts, 'lines') + taxes, 'taxes') + rounding, 'rounding');
  return { lines, discounts, taxes, rounding, total };
}

/**
 * What a line comes to before its discounts, in minor units.
 *
 * @param place the line's, for the error
 * @throws InexactAmountError if it has no amount, and quantity times unitPrice is no whole number that a double holds exactly
 */
export function lineAmount({ quantity, unitPrice, amount }: LineAmounts, place = 'line'): number {
  if (amount !== undefined) return amount;
  if (!Number.isInteger(unitPrice)) {
    throw new InexactAmountError(
      `${place}.unitPrice`,
      'must be an integer of minor units where the line has no amount',
    );
  }
  const product = quantity * unitPrice;
  if (Number.isInteger(quantity)) return exact(product, place);
  return exact(wholeProduct(quantity, unitPrice, place), place);
}

/** What a line was sold for, in minor units: its amount less its discounts. */
export function netAmount(line: LineAmounts): number {
  return lineAmount(line) - discountOf(line);
}

/** The product of a quantity with decimals; as doubles, 0.29 times 100 is 28.999999999999996. */
function wholeProduct(quantity: number, unitPrice: number, place: string): number {
  const factor = 10n ** BigInt(QUANTITY_PLACES);
  const product = BigInt(scaled(quantity, QUANTITY_PLACES) ?? 0) * BigInt(unitPrice);
  if (product % factor !== 0n) {
    throw new InexactAmountError(
      `${place}.amount`,
      `must be given, since quantity ${quantity} times unitPrice ${unitPrice} is not a whole number`,
    );
  }
  return Number(product / factor);
}

function discountOf({ discounts = [] }: Discounted): number {
  let sum = 0;
  for (const { amount } of discounts) sum = exact(sum + amount, 'discounts');
  return sum;
}

function exact(sum: number, place: string): number {
  if (!Number.isSafeInteger(sum)) throw new InexactAmountError(place, 'too large to be added up');
  return sum;
}
