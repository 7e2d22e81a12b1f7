/**
 * What a basket costs under the offers in force: line by line, with the discounts that a sale then carries. Exact integers of minor
 * units, and the same answer whatever the order of lines and offers. docs/retail.md states each rule; docs/vectors/quote.json has
 * baskets with their answers, for tills in other languages.
 */
import { type BasketOffer, type Occasion, offersThatHold, priorityOf } from './basket/basket-offer.ts';
import { cutsByLine, stockOf } from './basket/line-pieces.ts';
import {
  type BasketLine,
  type BasketPrice,
  type PricedLine,
  priceLine,
  sumOf,
} from './basket/priced-line.ts';
import { applyLevel } from './basket/priority-level.ts';
import { isSetOffer } from './basket/sets.ts';
import { PIECES } from './retail/quantity.ts';

export type { BasketOffer } from './basket/basket-offer.ts';
export { type BasketLine, type BasketPrice, QuoteError, type QuoteErrorCode } from './basket/priced-line.ts';

export interface QuoteOptions extends Occasion {
  /** The price that is in force for this customer; undefined if there is none. */
  price: (sku: string) => BasketPrice | undefined;
  /** Those of the store's book; the ones that don't hold are passed over. */
  offers: readonly BasketOffer[];
}

/** A line as a sale has it: all that came in, and what it costs. */
export type QuotedLine<L extends BasketLine = BasketLine> = L & {
  unitPrice: number;
  /** Before its discounts, in minor units. */
  amount: number;
  discounts?: { amount: number; offerId: string }[];
};

export interface Quote<L extends BasketLine = BasketLine> {
  /** Undefined for an empty basket. */
  currency: string | undefined;
  lines: QuotedLine<L>[];
  /** The lines' amounts less their discounts, in minor units. */
  total: number;
}

/**
 * Prices a basket.
 *
 * @throws QuoteError if a SKU has no price, the prices are of several currencies, a quantity is not above 0 or not of its price's
 * unit, or the basket is too large to be added up
 * @throws RangeError if an offer has local times or hours and the time zone is unknown
 * @example
 * const { lines, total, currency } = quote([{ sku: 'COLA', quantity: 3 }], { at, price: sku => book.price(sku), offers });
 */
export function quote<L extends BasketLine>(lines: readonly L[], options: QuoteOptions): Quote<L> {
  const priced = lines.map(line => priceLine(line, options.price(line.sku)));
  const { currency, amount } = sumOf(priced);
  if (currency === undefined) return { currency, lines: [], total: 0 };
  const skus = new Set(priced.map(({ sku }) => sku));
  const offers = offersThatHold(options.offers, options, { skus, currency, undiscounted: amount });
  const stocks = stockOf(priced, new Set(offers.filter(isSetOffer).flatMap(offer => [...offer.skus])));
  const pieces = stocks.flatMap(stock => stock.pieces);
  for (const priority of new Set(offers.map(priorityOf))) {
    applyLevel(
      offers.filter(offer => priorityOf(offer) === priority),
      pieces,
    );
  }
  const cuts = cutsByLine(stocks, priced);
  const quoted = lines.map((line, index) => quotedLine(line, priced[index], cuts[index], offers));
  const off = quoted
    .flatMap(({ discounts = [] }) => discounts)
    .reduce((sum, discount) => sum + discount.amount, 0);
  return { currency, lines: quoted, total: amount - off };
}

function quotedLine<L extends BasketLine>(
  line: L,
  priced: PricedLine | undefined,
  cuts: ReadonlyMap<string, number> | undefined,
  offers: readonly { offerId: string }[],
): QuotedLine<L> {
  const { unit = PIECES, unitPrice = 0, amount = 0 } = priced ?? {};
  const discounts = offers.flatMap(({ offerId }) => {
    const cut = cuts?.get(offerId);
    return cut === undefined ? [] : [{ amount: cut, offerId }];
  });
  return {
    ...line,
    ...(unit === PIECES ? {} : { unit }),
    unitPrice,
    amount,
    ...(discounts.length === 0 ? {} : { discounts }),
  };
}
