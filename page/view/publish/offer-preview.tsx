/** How an offer will be told, as soon as its form says enough for the chain to take it. */

import { DraftError } from '../../drafts/draft-fields.ts';
import type { Publication } from '../../drafts/publication.ts';
import { money } from '../../format.ts';
import { offerConditions, offerGives, type Terms } from '../../model/offer-words.ts';

export function OfferPreview({ publication }: { publication: () => Publication }) {
  const words = wordsOf(publication);
  return words === undefined ? null : (
    <p class="reach" role="status">
      <b>{words[0]}</b>
      {words.length > 1 && `, ${words.slice(1).join(', ')}`}
    </p>
  );
}

function wordsOf(publication: () => Publication): string[] | undefined {
  try {
    const terms = publication().detail as Terms;
    return [offerGives(terms, money), ...offerConditions(terms, money)];
  } catch (error) {
    if (error instanceof DraftError) return undefined;
    throw error;
  }
}
