/** What a basket can save at most, found by trying everything: the other opinion on a quote of few pieces. */
import type { BasketOffer } from '../../domain/basket.ts';

interface Piece {
  sku: string;
  amount: number;
}

/** @param offers of one priority, of which none combines */
export function bestByTrial(pieces: readonly Piece[], offers: readonly BasketOffer[]): number {
  const [first, ...rest] = pieces;
  if (first === undefined) return 0;
  let best = bestByTrial(rest, offers);
  for (const offer of offers) {
    const size = sizeOf(offer);
    for (const others of combinations(rest, size - 1)) {
      const set = [first, ...others];
      if (!set.every(({ sku }) => offer.skus.includes(sku))) continue;
      const left = rest.filter(piece => !others.includes(piece));
      best = Math.max(best, savingOf(offer, set) + bestByTrial(left, offers));
    }
  }
  return best;
}

function sizeOf({ buy, bundle }: BasketOffer): number {
  if (bundle !== undefined) return bundle.quantity;
  return buy === undefined ? 1 : buy.quantity + buy.get;
}

function savingOf({ buy, bundle, discount }: BasketOffer, set: readonly Piece[]): number {
  const amounts = set.map(({ amount }) => amount).sort((a, b) => a - b);
  if (bundle !== undefined) return amounts.reduce((sum, amount) => sum + amount, 0) - bundle.price;
  const discounted = buy === undefined ? amounts : amounts.slice(0, buy.get);
  return discounted.reduce((sum, amount) => sum + cutOf(discount, amount), 0);
}

function cutOf(discount: BasketOffer['discount'], amount: number): number {
  if (discount === undefined) return 0;
  if ('percent' in discount) return Math.floor((amount * discount.percent) / 100 + 0.5);
  return 'amount' in discount ? Math.min(amount, discount.amount) : Math.max(0, amount - discount.price);
}

function combinations<T>(items: readonly T[], size: number): T[][] {
  if (size === 0) return [[]];
  return items.flatMap((item, index) =>
    combinations(items.slice(index + 1), size - 1).map(others => [item, ...others]),
  );
}
