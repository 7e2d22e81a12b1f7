/** Puts a book's changes back into what was saved before them. */
import type { Price } from './book-prices.ts';
import type { BookChanges, PriceBookSnapshot } from './price-book.ts';
import { withChanged } from './tracked-map.ts';

/** The book that these changes leave, one after the other. */
export function withChanges(book: PriceBookSnapshot, changes: readonly BookChanges[]): PriceBookSnapshot {
  if (changes.length === 0) return book;
  const { offers, paid = {}, prices, withdrawn = [] } = book;
  return {
    prices: [...withChanged(bySku(prices), changes, 'prices').values()].flat(),
    withdrawn: [...withChanged(keyed(withdrawn, 'updateId'), changes, 'withdrawn').values()],
    paid: Object.fromEntries(withChanged(Object.entries(paid), changes, 'paid')),
    offers: [...withChanged(keyed(offers, 'offerId'), changes, 'offers').values()],
  };
}

function keyed<Key extends string, Entry extends Record<Key, string>>(
  entries: readonly Entry[],
  key: Key,
): [string, Entry][] {
  return entries.map(entry => [entry[key], entry]);
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
