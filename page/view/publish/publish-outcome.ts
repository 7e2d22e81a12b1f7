/** What is told of a publication, and the way back from it. */

import type { CheckedPrice } from '../../drafts/checked-price.ts';
import { type Publication, reachOfAll } from '../../drafts/publication.ts';
import { type PutBack, putBack } from '../../drafts/put-back.ts';
import { plural } from '../../format.ts';
import type { Chain } from '../use-chain.ts';

export interface Published {
  updateIds: readonly string[];
  words: string;
  /** Undefined where it isn't prices that were published. */
  back?: PutBack;
}

/** @param before the prices that held, for each publication */
export function saidOf(
  publications: readonly Publication[],
  before: readonly CheckedPrice[][],
  { model, now }: Chain,
): Omit<Published, 'updateIds'> {
  const isOfPrices = publications.every(({ type }) => type === 'PriceChanged');
  const stores = plural(reachOfAll(publications, model.stores), 'store');
  const words = `${isOfPrices ? 'The prices are' : 'The offer is'} published and on the way to ${stores}.`;
  if (!isOfPrices) return { words };
  const published = publications.map((publication, index) => ({ publication, prices: before[index] ?? [] }));
  return { words, back: putBack(published, now()) };
}
