/** What is about to be published, checked once more by eye: what changes, when, at whom. Only its button publishes. */
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { RolloutPlan } from '../../../domain/updates/rollout-plan.ts';
import type { CheckedPrice } from '../../drafts/checked-price.ts';
import { audiencesOf, type Publication, reachOfAll } from '../../drafts/publication.ts';
import { plural } from '../../format.ts';
import { oddOffer, type Terms } from '../../model/offer-words.ts';
import type { Chain } from '../use-chain.ts';
import { OfferReview } from './offer-review.tsx';
import { PriceReview } from './price-review.tsx';
import { ReachPreview } from './reach-preview.tsx';
import { useCheckedPrices } from './use-checked-prices.ts';
import { wavesWords } from './waves-words.ts';
import { WhenWords } from './when-words.tsx';

export interface ReviewProps {
  chain: Chain;
  publications: readonly Publication[];
  /** Ids that were written and are left out. */
  leftOut: readonly string[];
  busy: boolean;
  failure: string | undefined;
  publish: (checked: readonly CheckedPrice[][]) => void;
  back: { label: string; go: () => void };
}

export function Review({ chain, publications, leftOut, busy, failure, publish, back }: ReviewProps) {
  const { model } = chain;
  const [isSure, setSure] = useState(false);
  const [isAsked, setAsked] = useState(false);
  const tick = useRef<HTMLInputElement>(null);
  const title = useRef<HTMLHeadingElement>(null);
  const id = useId();
  useLayoutEffect(() => title.current?.focus(), []);
  const checks = useCheckedPrices(chain, publications);
  const offers = publications.filter(({ type }) => type === 'OfferPublished');
  const odd = [
    ...(checks.prices ?? []).flat().filter(({ unusual }) => unusual !== undefined),
    ...offers.filter(({ detail }) => oddOffer(detail as Partial<Terms>) !== undefined),
  ].length;
  const stores = reachOfAll(publications, model.stores);
  // One form stages all of its parts alike.
  const rollout = publications[0]?.detail.rollout as RolloutPlan | undefined;
  const isReady = model.storesLoaded && checks.prices !== undefined;
  const confirm = () => {
    if (!isReady || busy) return;
    if (odd > 0 && !isSure) {
      setAsked(true);
      tick.current?.focus();
    } else publish(checks.prices ?? []);
  };
  return (
    <section class="review" aria-labelledby={`${id}-title`}>
      <h3 id={`${id}-title`} tabIndex={-1} ref={title}>
        Is it this?
      </h3>
      {checks.prices?.some(prices => prices.length > 0) && <PriceReview prices={checks.prices.flat()} />}
      {checks.prices === undefined && <p class="hint">Looking up the prices of now…</p>}
      {checks.failure !== undefined && (
        <p class="refusal">The prices of now are not known: {checks.failure}.</p>
      )}
      {offers.map(({ detail }) => (
        <OfferReview key={String(detail.offerId)} detail={detail} />
      ))}
      <WhenWords publications={publications} chain={chain} />
      {rollout !== undefined && <p>{wavesWords(rollout)}</p>}
      {audiencesOf(publications).map(audience => (
        <ReachPreview key={JSON.stringify(audience ?? null)} audience={audience} model={model} />
      ))}
      {leftOut.length > 0 && (
        <p class="warning">Left out, since no store has these ids: {leftOut.join(', ')}</p>
      )}
      {odd > 0 && (
        <label class="warning">
          <input
            type="checkbox"
            ref={tick}
            checked={isSure}
            aria-invalid={isAsked && !isSure}
            onChange={event => setSure(event.currentTarget.checked)}
          />{' '}
          I have looked at what is marked as unusual ({odd})
        </label>
      )}
      <p class="refusal" role="alert" id={id}>
        {isAsked && !isSure ? 'Tick that you have looked at what is unusual.' : failure}
      </p>
      <div class="actions">
        <button
          type="button"
          class="primary"
          aria-disabled={!isReady || busy}
          aria-describedby={id}
          onClick={confirm}
        >
          {busy
            ? 'Publishing…'
            : `Publish to ${plural(stores, 'store')}${rollout === undefined ? '' : ' in waves'}`}
        </button>
        <button type="button" onClick={back.go}>
          {back.label}
        </button>
      </div>
    </section>
  );
}
