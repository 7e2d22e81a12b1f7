/** What the lines of a basket cost before all offers. */
import { scaled } from '../decimal.ts';
import { PIECES, QUANTITY_PLACES } from '../retail/quantity.ts';
import { priceOf } from './pieces.ts';

export interface BasketLine {
  sku: string;
  /** Of the price's unit, with up to three decimals; above 0: what comes back has the price at which it was sold. */
  quantity: number;
  /** Must be the price's, where given. */
  unit?: string | undefined;
}

/** What one unit of a SKU costs. */
export interface BasketPrice {
  /** Minor units. */
  amount: number;
  currency: string;
  /** @default 'C62' */
  unit?: string | undefined;
}

export type QuoteErrorCode =
  | 'no_price'
  | 'mixed_currencies'
  | 'wrong_unit'
  | 'invalid_quantity'
  | 'too_large';

/** A basket that can't be priced. */
export class QuoteError extends Error {
  override readonly name = 'QuoteError';
  readonly code: QuoteErrorCode;
  readonly sku: string;
  constructor(code: QuoteErrorCode, sku: string, message: string) {
    super(message);
    this.code = code;
    this.sku = sku;
  }
}

export interface PricedLine {
  sku: string;
  currency: string;
  unit: string;
  unitPrice: number;
  /** The quantity in thousandths. */
  thousandths: number;
  /** Minor units. */
  amount: number;
  /** Whole pieces, which offers count; undefined for what is weighed or measured. */
  pieces: number | undefined;
}

/** @throws QuoteError */
export function priceLine(line: BasketLine, price: BasketPrice | undefined): PricedLine {
  const { sku, quantity } = line;
  if (price === undefined) throw new QuoteError('no_price', sku, `${sku} has no price`);
  const { amount: unitPrice, currency, unit = PIECES } = price;
  if (line.unit !== undefined && line.unit !== unit) {
    throw new QuoteError('wrong_unit', sku, `${sku} is sold in ${line.unit}, its price is for ${unit}`);
  }
  const thousandths = scaled(quantity, QUANTITY_PLACES);
  if (thousandths === undefined || quantity <= 0) {
    const message = `the quantity of ${sku} is ${quantity}: it must be above 0, with at most three decimals`;
    throw new QuoteError('invalid_quantity', sku, message);
  }
  const isPieces = unit === PIECES && Number.isInteger(quantity);
  const amount = isPieces ? quantity * unitPrice : priceOf(unitPrice, Number(thousandths));
  if (typeof thousandths === 'bigint' || !Number.isSafeInteger(amount)) throw tooLarge(sku);
  return { sku, currency, unit, unitPrice, thousandths, amount, pieces: isPieces ? quantity : undefined };
}

/**
 * The currency of all lines and the sum of their amounts; no currency where there are no lines.
 *
 * @throws QuoteError
 */
export function sumOf(lines: readonly PricedLine[]): { currency: string | undefined; amount: number } {
  const currency = lines[0]?.currency;
  let sum = 0;
  for (const { sku, amount, currency: own } of lines) {
    if (own !== currency) {
      throw new QuoteError('mixed_currencies', sku, `${sku} is priced in ${own}, other lines in ${currency}`);
    }
    sum += amount;
    if (!Number.isSafeInteger(sum)) throw tooLarge(sku);
  }
  return { currency, amount: sum };
}

function tooLarge(sku: string): QuoteError {
  return new QuoteError('too_large', sku, `with ${sku} the basket is too large to be added up`);
}
