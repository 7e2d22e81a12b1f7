/** The pieces of a basket's lines, and the discounts of the pieces back on the lines. */
import type { Piece } from './pieces.ts';
import { type PricedLine, QuoteError } from './priced-line.ts';

/** Pieces that sets may tell apart, in one basket. */
const MOST_PIECES = 10_000;

/** The pieces of a SKU, whatever its lines; each weighing by itself. */
interface Stock {
  /** Indexes of the lines, the largest first. */
  lines: number[];
  pieces: Piece[];
}

/** @param apart the SKUs of whose pieces some may be in a set and others not @throws QuoteError */
export function stockOf(lines: readonly PricedLine[], apart: ReadonlySet<string>): Stock[] {
  const weighed: Stock[] = [];
  const counted = new Map<string, { unitPrice: number; count: number; lines: number[] }>();
  for (const [index, { sku, amount, unitPrice, thousandths, pieces }] of lines.entries()) {
    if (pieces === undefined) {
      weighed.push({ lines: [index], pieces: [pieceOf(sku, 1, amount, thousandths)] });
      continue;
    }
    const known = counted.get(sku) ?? { unitPrice, count: 0, lines: [] };
    counted.set(sku, { unitPrice, count: known.count + pieces, lines: [...known.lines, index] });
  }
  let inSets = 0;
  const stocks = [...counted].map(([sku, { unitPrice, count, lines: own }]): Stock => {
    own.sort((a, b) => (lines[b]?.pieces ?? 0) - (lines[a]?.pieces ?? 0));
    if (!apart.has(sku)) return { lines: own, pieces: [pieceOf(sku, count, unitPrice)] };
    inSets += count;
    if (inSets > MOST_PIECES) {
      const message = `with ${sku} sets would be made of more than ${MOST_PIECES} pieces`;
      throw new QuoteError('too_large', sku, message);
    }
    return { lines: own, pieces: Array.from({ length: count }, () => pieceOf(sku, 1, unitPrice)) };
  });
  return [...stocks, ...weighed];
}

/**
 * What each offer takes off each line, by the line's index. The most discounted pieces of a SKU go to its largest line, so that it
 * doesn't hang on the order of the lines.
 */
export function cutsByLine(stocks: readonly Stock[], lines: readonly PricedLine[]): Map<string, number>[] {
  const cuts = lines.map(() => new Map<string, number>());
  for (const stock of stocks) {
    const room = stock.lines.map(line => ({ line, left: lines[line]?.pieces ?? 1 }));
    for (const piece of room.length > 1 ? mostDiscountedFirst(stock.pieces) : stock.pieces) {
      for (let count = piece.count; count > 0; ) {
        const [first] = room;
        if (first === undefined) break;
        const taken = Math.min(count, first.left);
        for (const [offerId, cut] of piece.cuts) add(cuts[first.line], offerId, cut * taken);
        count -= taken;
        first.left -= taken;
        if (first.left === 0) room.shift();
      }
    }
  }
  return cuts;
}

function mostDiscountedFirst(pieces: readonly Piece[]): Piece[] {
  return pieces
    .map(piece => ({ piece, text: described(piece) }))
    .sort((a, b) => a.piece.remaining - b.piece.remaining || (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ piece }) => piece);
}

/** Its offers and what they take off: tells apart what costs the same by different offers. */
function described({ cuts }: Piece): string {
  return [...cuts]
    .map(([offerId, cut]) => `${offerId} ${cut}`)
    .sort()
    .join(' ');
}

function pieceOf(sku: string, count: number, remaining: number, thousandths?: number): Piece {
  return { sku, count, thousandths, remaining, state: 'open', cuts: new Map() };
}

function add(cuts: Map<string, number> | undefined, offerId: string, cut: number): void {
  if (cut > 0) cuts?.set(offerId, (cuts.get(offerId) ?? 0) + cut);
}
