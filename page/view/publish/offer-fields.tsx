/** An offer: what it is called, what it gives on which SKUs, on what conditions, and from when until when. */
import type { OfferDraft } from '../../drafts/offer-draft.ts';
import { Field } from '../fields/field.tsx';
import { ValidityFields } from '../fields/validity-fields.tsx';
import { OfferConditionFields } from './offer-condition-fields.tsx';
import { OfferGivesFields } from './offer-gives-fields.tsx';

export interface OfferFieldsProps {
  draft: OfferDraft;
  change: (draft: OfferDraft) => void;
  now: number;
}

export function OfferFields({ draft, change, now }: OfferFieldsProps) {
  const field = (name: 'title' | 'offerId' | 'skus') => ({
    name,
    value: draft[name],
    onInput: (event: Event & { currentTarget: HTMLInputElement }) =>
      change({ ...draft, [name]: event.currentTarget.value }),
  });
  return (
    <>
      <div class="pair">
        <Field {...field('title')} label="Title" maxLength={200} />
        <Field {...field('offerId')} label="Id of the offer" spellcheck={false} maxLength={64} />
      </div>
      <Field {...field('skus')} label="SKUs, with commas between" spellcheck={false} />
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
