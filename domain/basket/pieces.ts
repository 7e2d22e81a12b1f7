/**
 * What offers take: pieces of a SKU, or one weighing. Each is in one offer, or in several that combine, and what an offer takes off
 * is an integer of minor units a piece, so it is the same however the pieces lie on the lines.
 */

import { dividedHalfUp } from '../decimal.ts';
import type { Discount } from '../retail/offer.ts';

export interface Piece {
  readonly sku: string;
  /** Pieces alike; 1 where an offer may tell them apart. */
  readonly count: number;
  /** Thousandths of the unit, for what is weighed or measured: it is one piece of that price. */
  readonly thousandths: number | undefined;
  /** What is left of the price of one, in minor units. */
  remaining: number;
  /** `combined`: open to further offers that combine; `closed`: to none. */
  state: 'open' | 'combined' | 'closed';
  /** What each offer takes off one, by its id. */
  readonly cuts: Map<string, number>;
}

/** Percentages are taken to six decimals. */
const PERCENT_PLACES = 6;
const WHOLE = 100n * 10n ** BigInt(PERCENT_PLACES);

/** What a discount takes off one piece, half up, and never more than is left of it. */
export function cutOf(discount: Discount, { remaining, thousandths = 1_000 }: Piece): number {
  if ('percent' in discount) {
    const percent = BigInt(Math.round(discount.percent * 10 ** PERCENT_PLACES));
    return Number(dividedHalfUp(BigInt(remaining) * percent, WHOLE));
  }
  if ('amount' in discount) return Math.min(remaining, priceOf(discount.amount, thousandths));
  return Math.max(0, remaining - priceOf(discount.price, thousandths));
}

/** What so many thousandths of a unit cost, half up. */
export function priceOf(unitPrice: number, thousandths: number): number {
  if (thousandths === 1_000) return unitPrice;
  return Number(dividedHalfUp(BigInt(unitPrice) * BigInt(thousandths), 1_000n));
}

/** Gives a piece to an offer, which takes so much off it. */
export function take(piece: Piece, offerId: string, combinable: boolean | undefined, cut: number): void {
  piece.state = combinable === true ? 'combined' : 'closed';
  piece.remaining -= cut;
  piece.cuts.set(offerId, cut);
}

/** Whether the same offers take as much off both. */
export function isAlike(one: Piece, other: Piece): boolean {
  const { sku, count, thousandths, remaining, state } = other;
  return (
    one.sku === sku &&
    one.count === count &&
    one.thousandths === thousandths &&
    one.remaining === remaining &&
    one.state === state
  );
}

export function copyOf(piece: Piece): Piece {
  return { ...piece, cuts: new Map(piece.cuts) };
}

/** What pieces still cost, all together. */
export function remainingOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { remaining, count }) => sum + remaining * count, 0);
}
