/**
 * What the store's book lists for the lines of a sale: it goes with the sale, so that the chain sees where a till charges
 * another price than was published.
 */

import type { PriceBook } from '../../domain/book/price-book.ts';
import { PIECES } from '../../domain/retail/quantity.ts';
import { auditedLines } from '../../domain/sales/price-audit.ts';
import type { Sale } from '../../domain/sales/sale.ts';

type SaleLine = Sale['lines'][number];

/** The book forgets what is over for longer than this (store-updates.ts): an older sale is compared with nothing. */
const REMEMBERED_MS = 15 * 60_000;

/**
 * The sale with what was listed for a unit of each line at `soldAt`; lines that say so themselves, and those for which the
 * book has nothing, stay as they are.
 *
 * @param now the chain's time: of a till whose clock is ahead of it the price that really holds is listed
 */
export function withListedPrices(sale: Sale, book: Pick<PriceBook, 'price' | 'prices'>, now: number): Sale {
  const at = Math.min(Date.parse(sale.soldAt), now);
  if (at < now - REMEMBERED_MS) return sale;
  const audited = new Set(auditedLines(sale));
  const lines = sale.lines.map(line => {
    if (line.listed !== undefined || !audited.has(line)) return line;
    const listed = listedFor(line, sale.currency, book, at);
    return listed === undefined ? line : { ...line, listed };
  });
  return { ...sale, lines };
}

/** A price for members is listed where it is charged: the till alone knows who buys. */
function listedFor(
  { sku, unit = PIECES, unitPrice }: SaleLine,
  currency: string,
  book: Pick<PriceBook, 'price' | 'prices'>,
  at: number,
): number | undefined {
  const article = { sku, currency };
  const members = book
    .prices(article, at)
    .find(({ amount, priceType }) => priceType === 'member' && amount === unitPrice);
  const price = members ?? book.price(article, at);
  return price !== undefined && (price.unit ?? PIECES) === unit ? price.amount : undefined;
}
