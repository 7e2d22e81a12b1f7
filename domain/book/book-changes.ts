/** Puts a book's changes back into what was saved before them. */
import type { BookChanges, PriceBookSnapshot } from './price-book.ts';
import { withChanged } from './tracked-map.ts';

/** The book that these changes leave, one after the other. */
export function withChanges(book: PriceBookSnapshot, changes: readonly BookChanges[]): PriceBookSnapshot {
  const part = <Part extends keyof BookChanges>(name: Part) => changes.map(change => change[name]);
  const { offers, paid = {}, prices, withdrawn = [] } = book;
  return {
    prices: withChanged(prices, part('prices'), ({ sku }) => sku),
    withdrawn: withChanged(withdrawn, part('withdrawn'), ({ updateId }) => updateId),
    paid: Object.fromEntries([...new Map([...Object.entries(paid), ...part('paid').flat()])].filter(hasSome)),
    offers: withChanged(offers, part('offers'), ({ offerId }) => offerId),
  };
}

function hasSome([, entries]: readonly [string, readonly unknown[]]): boolean {
  return entries.length > 0;
}
