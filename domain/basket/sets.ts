/**
 * Offers that take several pieces together: `buy` (of each `quantity` + `get` pieces the cheapest `get` are discounted) and `bundle`
 * (each `quantity` pieces cost `price`). Which pieces go into which sets is chosen so that the customer saves most.
 */
import type { HoldingOffer } from './basket-offer.ts';
import { bestFill, type Gains, type Step } from './best-fill.ts';
import { cutOf, isAlike, type Piece, take } from './pieces.ts';

export type SetOffer = HoldingOffer & ({ buy: object } | { bundle: object });

/** Steps of a walk for several offers together. */
const MOST_STEPS = 50_000;

export function isSetOffer(offer: HoldingOffer): offer is SetOffer {
  return offer.buy !== undefined || offer.bundle !== undefined;
}

/** How many pieces it takes together. */
export function sizeOf({ buy, bundle }: HoldingOffer): number {
  return bundle?.quantity ?? (buy === undefined ? 1 : buy.quantity + buy.get);
}

/**
 * Gives pieces to sets where that saves more than leaving them. Where the offers are too many to be tried together, they go one after
 * another: the one first that would save most alone, the lower id first among equal ones.
 *
 * @param pieces from the dearest to the cheapest
 * @param otherwise what a piece saves that is in no set
 */
export function takeSets(
  offers: readonly SetOffer[],
  pieces: readonly Piece[],
  otherwise: (piece: Piece) => number,
): void {
  const fitting = offers.filter(offer => piecesFor([offer], pieces).length >= sizeOf(offer));
  const own = piecesFor(fitting, pieces);
  const steps = fitting.reduce((product, offer) => product * sizeOf(offer), own.length);
  if (fitting.length <= 1 || steps <= MOST_STEPS) {
    fill(fitting, own, otherwise);
    return;
  }
  const alone = fitting.map(offer => {
    const walk = stepsOf([offer], piecesFor([offer], own), otherwise);
    const unfilled = walk.reduce((sum, { left }) => sum + left, 0);
    return { offer, saved: bestFill([sizeOf(offer)], walk).gain - unfilled };
  });
  for (const { offer } of alone.sort((a, b) => b.saved - a.saved)) {
    fill([offer], piecesFor([offer], own), otherwise);
  }
}

function fill(
  offers: readonly SetOffer[],
  pieces: readonly Piece[],
  otherwise: (piece: Piece) => number,
): void {
  const { chosen } = bestFill(offers.map(sizeOf), stepsOf(offers, pieces, otherwise));
  for (const [index, offer] of offers.entries()) {
    const own = pieces.filter((_, place) => chosen[place] === index);
    for (let at = 0; at < own.length; at += sizeOf(offer)) takeSet(offer, own.slice(at, at + sizeOf(offer)));
  }
}

function piecesFor(offers: readonly SetOffer[], pieces: readonly Piece[]): Piece[] {
  return pieces.filter(piece => offers.some(offer => mayTake(offer, piece)));
}

function mayTake(offer: SetOffer, { sku, count, thousandths, state }: Piece): boolean {
  const isFree = state === 'open' || (state === 'combined' && offer.combinable === true);
  return isFree && count === 1 && thousandths === undefined && offer.skus.has(sku);
}

/** Pieces that are alike stand side by side, and are judged once. */
function stepsOf(
  offers: readonly SetOffer[],
  pieces: readonly Piece[],
  otherwise: (piece: Piece) => number,
): Step[] {
  let last: { piece: Piece; step: Step } | undefined;
  return pieces.map(piece => {
    if (last === undefined || !isAlike(piece, last.piece)) {
      const gains = offers.map(offer => (mayTake(offer, piece) ? gainsOf(offer, piece) : undefined));
      last = { piece, step: { left: otherwise(piece), gains } };
    }
    return last.step;
  });
}

function gainsOf({ buy, bundle, discount }: SetOffer, piece: Piece): Gains {
  if (bundle !== undefined) {
    const { quantity, price } = bundle;
    return Array.from(
      { length: quantity },
      (_, held) => piece.remaining - (held + 1 === quantity ? price : 0),
    );
  }
  const [quantity = 0, get = 0] = [buy?.quantity, buy?.get];
  const cut = discount === undefined ? 0 : cutOf(discount, piece);
  return Array.from({ length: quantity + get }, (_, held) => (held < quantity ? 0 : cut));
}

/** @param set from the dearest to the cheapest */
function takeSet({ offerId, combinable, buy, bundle, discount }: SetOffer, set: readonly Piece[]): void {
  const cuts =
    bundle === undefined
      ? set.map((piece, held) =>
          discount !== undefined && held >= (buy?.quantity ?? 0) ? cutOf(discount, piece) : 0,
        )
      : shares(set, bundle.price);
  for (const [index, piece] of set.entries()) take(piece, offerId, combinable, cuts[index] ?? 0);
}

/**
 * What a bundle takes off each of its pieces: in proportion to their prices, rounded down, and the minor units that are left over
 * one by one to the largest remainders, the dearer piece first among equal ones.
 */
function shares(set: readonly Piece[], price: number): number[] {
  const whole = BigInt(set.reduce((sum, { remaining }) => sum + remaining, 0));
  const saving = whole - BigInt(price);
  const exact = set.map(({ remaining }, index) => {
    const product = saving * BigInt(remaining);
    return { index, cut: Number(product / whole), remainder: product % whole };
  });
  let leftOver = Number(saving) - exact.reduce((sum, { cut }) => sum + cut, 0);
  const byRemainder = [...exact].sort((a, b) =>
    a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1,
  );
  for (const share of byRemainder) {
    if (leftOver === 0) break;
    share.cut += 1;
    leftOver -= 1;
  }
  return exact.map(({ cut }) => cut);
}
