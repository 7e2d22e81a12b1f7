/** What a basket costs by the book. */
import { type BasketLine, type Quote, quote } from '../../domain/basket.ts';
import type { PriceBook } from './price-book.ts';

/** Who buys, and when. */
export interface BasketOptions {
  /** Milliseconds since the epoch. @default now, by the chain's time */
  at?: number | undefined;
  /** Whether the customer is a member: for the member price, where that is lower, and offers for members. @default false */
  member?: boolean | undefined;
  /** The codes that the customer brings. */
  coupons?: readonly string[] | undefined;
  /** Where the book may hold prices in several. */
  currency?: string | undefined;
}

/** @throws QuoteError where the basket can't be priced */
export function quoteByBook<L extends BasketLine>(
  book: PriceBook,
  lines: readonly L[],
  { member, coupons, currency, at }: BasketOptions & { at: number },
): Quote<L> {
  const price = (sku: string) => {
    const article = { sku, currency };
    return member === true ? book.memberPrice(article, at) : book.price(article, at);
  };
  return quote(lines, { at, timeZone: book.timeZone, member, coupons, price, offers: book.offers(at) });
}
