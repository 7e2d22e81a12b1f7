/** An offer as its price tag will tell it. */
import { money } from '../../format.ts';
import { oddOffer, offerConditions, offerGives, type Terms } from '../../model/offer-words.ts';

export function OfferReview({ detail }: { detail: Record<string, unknown> }) {
  const terms = detail as unknown as Terms & { offerId: string; title: string; skus: readonly string[] };
  const unusual = oddOffer(terms);
  return (
    <dl class="terms">
      <dt>Offer</dt>
      <dd>
        <b>{terms.title}</b> ({terms.offerId})
      </dd>
      <dt>Gives</dt>
      <dd>
        {[offerGives(terms, money), ...offerConditions(terms, money)].join(', ')}
        {unusual !== undefined && <span class="mark">{unusual}</span>}
      </dd>
      <dt>On</dt>
      <dd>{terms.skus.join(', ')}</dd>
    </dl>
  );
}
