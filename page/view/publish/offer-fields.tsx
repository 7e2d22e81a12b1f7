/** An offer: what it is called, what it gives on which SKUs, on what conditions, and from when until when. */
import type { OfferDraft } from '../../model/offer-draft.ts';
import { OfferConditionFields } from './offer-condition-fields.tsx';
import { OfferGivesFields } from './offer-gives-fields.tsx';
import { ValidityFields } from './validity-fields.tsx';

export interface OfferFieldsProps {
  draft: OfferDraft;
  change: (draft: OfferDraft) => void;
  now: number;
}

export function OfferFields({ draft, change, now }: OfferFieldsProps) {
  const field = (name: 'title' | 'offerId' | 'skus') => ({
    value: draft[name],
    onInput: (event: Event & { currentTarget: HTMLInputElement }) =>
      change({ ...draft, [name]: event.currentTarget.value }),
  });
  return (
    <>
      <div class="pair">
        <label>
          Title
          <input {...field('title')} maxLength={200} />
        </label>
        <label>
          Id of the offer
          <input {...field('offerId')} spellcheck={false} maxLength={64} />
        </label>
      </div>
      <label>
        SKUs, with commas between
        <input {...field('skus')} spellcheck={false} />
      </label>
      <OfferGivesFields draft={draft} change={change} />
      <OfferConditionFields draft={draft} change={change} />
      <ValidityFields
        times={draft}
        change={times => change({ ...draft, ...times })}
        hasToEnd={true}
        now={now}
      />
    </>
  );
}
