/** Puts a book's changes back into what was saved before them. */
import type { Price } from './book-prices.ts';
import type { BookChanges, PriceBookSnapshot } from './price-book.ts';
import { withChanged } from './tracked-map.ts';

/** The book that these changes leave, one after the other. */
export function withChanges(book: PriceBookSnapshot, changes: readonly BookChanges[]): PriceBookSnapshot {
  if (changes.length === 0) return book;
  const { offers, paid = {}, prices, withdrawn = [] } = book;
  return {
    prices: [
      ...withChanged(
        bySku(prices),
        changes.flatMap(change => change.prices),
      ).values(),
    ].flat(),
    withdrawn: [
      ...withChanged(
        withdrawn.map(entry => [entry.updateId, entry]),
        changes.flatMap(change => change.withdrawn),
      ).values(),
    ],
    paid: Object.fromEntries(
      withChanged(
        Object.entries(paid),
        changes.flatMap(change => change.paid),
      ),
    ),
    offers: [
      ...withChanged(
        offers.map(entry => [entry.offerId, entry]),
        changes.flatMap(change => change.offers),
      ).values(),
    ],
  };
}

function bySku(prices: readonly Price[]): Map<string, Price[]> {
  const result = new Map<string, Price[]>();
  for (const price of prices) {
    const others = result.get(price.sku);
    if (others === undefined) result.set(price.sku, [price]);
    else others.push(price);
  }
  return result;
}
