/** The way back from prices that were just published: exactly these updates are taken back, as if they had never been. */
import { chunks } from '../../domain/chunks.ts';
import type { CheckedPrice } from './checked-price.ts';
import type { Publication } from './publication.ts';

export interface PutBack {
  /** Of updates, or of rollouts where it went out in waves. */
  ids: readonly string[];
  inWaves: boolean;
  /** What was published, which says whom it reached. */
  publications: readonly Publication[];
  /** With what held before. */
  prices: readonly CheckedPrice[];
}

/** A withdrawal names no more. */
const MOST_UPDATES = 100;

export function withdrawalsOf(ids: readonly string[]): Publication[] {
  return chunks(ids, MOST_UPDATES).map(updates => ({ type: 'PriceWithdrawn', detail: { updates } }));
}
