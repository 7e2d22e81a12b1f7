/** A new price beside the one that it takes the place of, and what of it looks like a slip of the pen. */
import { minorUnitDigits } from '../../domain/money.ts';
import type { RetailPrice } from '../../domain/retail/price.ts';
import type { HeldPrice } from './held-prices.ts';

export interface CheckedPrice {
  price: RetailPrice;
  /** What holds now, the most common first. */
  held: readonly HeldPrice[];
  /** The largest change at any store, as a share of the price now; undefined where none is known. */
  change: number | undefined;
  /** Why somebody should look twice; undefined where nothing is odd. */
  unusual: string | undefined;
}

/** Half off happens; past that it is more often a misplaced point. */
const LARGEST_CHANGE = 0.5;
/** In major units, of an article whose price is not known. */
const DEAR = 100_000;

export function checkPrice(price: RetailPrice, held: readonly HeldPrice[]): CheckedPrice {
  const changes = held.flatMap(({ price: now }) =>
    now === undefined || now.amount === 0 ? [] : [price.amount / now.amount - 1],
  );
  const change = changes.sort((a, b) => Math.abs(b) - Math.abs(a))[0];
  return { price, held, change, unusual: oddity(price, change) };
}

function oddity({ amount, currency }: RetailPrice, change: number | undefined): string | undefined {
  if (amount === 0) return 'free of charge';
  if (change === undefined) return amount >= DEAR * 10 ** minorUnitDigits(currency) ? 'very dear' : undefined;
  if (change > LARGEST_CHANGE) return 'a large rise';
  return change < -LARGEST_CHANGE ? 'a large cut' : undefined;
}
