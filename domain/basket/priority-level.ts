/**
 * The offers of one priority on the pieces that they contend for. A piece goes to one offer that stands alone, or to all that
 * combine, whichever saves the customer more.
 */
import type { HoldingOffer } from './basket-offer.ts';
import { copyOf, cutOf, type Piece, remainingOf, take } from './pieces.ts';
import { isSetOffer, type SetOffer, takeSets } from './sets.ts';

type PieceOffer = HoldingOffer & { discount: NonNullable<HoldingOffer['discount']> };

interface Level {
  sets: SetOffer[];
  combinableSets: SetOffer[];
  singles: PieceOffer[];
  /** In the order in which they save most, each on what the ones before have left. */
  combinableSingles: PieceOffer[];
}

/** Applies offers of one priority; what they take and take off is noted in the pieces. @param offers in the order of their ids */
export function applyLevel(offers: readonly HoldingOffer[], pieces: readonly Piece[]): void {
  for (const contending of components(offers)) {
    const skus = new Set(contending.flatMap(offer => [...offer.skus]));
    applyBest(
      levelOf(contending),
      pieces.filter(piece => skus.has(piece.sku) && piece.state !== 'closed'),
    );
  }
}

/** Sets that combine go before or after all others, whichever saves more: one plan is tried on copies. */
function applyBest(level: Level, pieces: readonly Piece[]): void {
  if (level.combinableSets.length > 0) {
    const [first, last] = [true, false].map(setsFirst => {
      const copies = pieces.map(copyOf);
      apply(level, copies, setsFirst);
      return remainingOf(copies);
    });
    apply(level, pieces, (first ?? 0) <= (last ?? 0));
  } else apply(level, pieces, true);
}

function apply(level: Level, pieces: readonly Piece[], combinableSetsFirst: boolean): void {
  const takeCombinableSets = () => {
    for (const offer of level.combinableSets) takeSets([offer], dearestFirst(pieces), () => 0);
  };
  if (combinableSetsFirst) takeCombinableSets();
  takeSets(level.sets, dearestFirst(pieces), piece => bestSingles(level, piece).saved);
  for (const piece of pieces) {
    if (piece.state === 'closed') continue;
    for (const { offer, cut } of bestSingles(level, piece).cuts)
      take(piece, offer.offerId, offer.combinable, cut);
  }
  if (!combinableSetsFirst) takeCombinableSets();
}

/** The offers that save most on a piece by itself; none where none saves anything. */
function bestSingles(
  { singles, combinableSingles }: Level,
  piece: Piece,
): {
  saved: number;
  cuts: { offer: PieceOffer; cut: number }[];
} {
  if (piece.state === 'closed') return { saved: 0, cuts: [] };
  const left = { ...piece };
  const cuts = [];
  for (const offer of combinableSingles) {
    const cut = offer.skus.has(piece.sku) ? cutOf(offer.discount, left) : 0;
    if (cut === 0) continue;
    left.remaining -= cut;
    cuts.push({ offer, cut });
  }
  let best = { saved: (piece.remaining - left.remaining) * piece.count, cuts };
  for (const offer of piece.state === 'open' ? singles : []) {
    const cut = offer.skus.has(piece.sku) ? cutOf(offer.discount, piece) : 0;
    if (cut * piece.count > best.saved) best = { saved: cut * piece.count, cuts: [{ offer, cut }] };
  }
  return best;
}

function levelOf(offers: readonly HoldingOffer[]): Level {
  const sets = offers.filter(isSetOffer);
  const singles = offers.filter(
    (offer): offer is PieceOffer => !isSetOffer(offer) && offer.discount !== undefined,
  );
  return {
    sets: sets.filter(({ combinable }) => combinable !== true),
    combinableSets: sets.filter(({ combinable }) => combinable === true),
    singles: singles.filter(({ combinable }) => combinable !== true),
    combinableSingles: singles
      .filter(({ combinable }) => combinable === true)
      .sort((a, b) => rankOf(a) - rankOf(b)),
  };
}

/** A fixed price before a percentage, and an amount last: any other order saves less. */
function rankOf({ discount }: PieceOffer): number {
  return 'price' in discount ? 0 : 'percent' in discount ? 1 : 2;
}

function dearestFirst(pieces: readonly Piece[]): Piece[] {
  return [...pieces].sort(
    (a, b) => b.remaining - a.remaining || (a.sku < b.sku ? -1 : a.sku > b.sku ? 1 : 0),
  );
}

/** Offers that share a SKU, directly or by others between them; each component in the order of all. */
function components(offers: readonly HoldingOffer[]): HoldingOffer[][] {
  let found: HoldingOffer[][] = [];
  for (const offer of offers) {
    const touches = (other: HoldingOffer) => [...offer.skus].some(sku => other.skus.has(sku));
    const touching = found.filter(component => component.some(touches));
    found = [...found.filter(component => !touching.includes(component)), [...touching.flat(), offer]];
  }
  return found.map(component => offers.filter(offer => component.includes(offer)));
}
