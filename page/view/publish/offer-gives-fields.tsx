/** What an offer gives: the kind of offer, and the numbers that this kind needs. */
import { OFFER_KINDS, type OfferDraft, type OfferKind } from '../../drafts/offer-draft.ts';
import { Field } from '../fields/field.tsx';

export interface OfferGivesFieldsProps {
  draft: OfferDraft;
  change: (draft: OfferDraft) => void;
}

type NumberField = 'discount' | 'quantity' | 'get';

export function OfferGivesFields({ draft, change }: OfferGivesFieldsProps) {
  const { currency } = draft;
  const fields: Record<OfferKind, readonly (readonly [NumberField, string, string])[]> = {
    percent: [['discount', 'Discount in percent', '20']],
    amount: [['discount', `Discount in ${currency}`, '0.50']],
    price: [['discount', `Price of each in ${currency}`, '0.99']],
    free: [
      ['quantity', 'Pieces that are taken', '3'],
      ['get', 'Pieces that are paid', '2'],
    ],
    further: [
      ['quantity', 'Pieces at their price', '2'],
      ['get', 'Further ones', '1'],
      ['discount', 'Discount of these in percent', '50'],
    ],
    bundle: [
      ['quantity', 'Pieces', '2'],
      ['discount', `Price of all in ${currency}`, '5.00'],
    ],
  };
  return (
    <>
      <label>
        What it gives
        <select
          value={draft.kind}
          onChange={event => change({ ...draft, kind: event.currentTarget.value as OfferKind })}
        >
          {Object.entries(OFFER_KINDS).map(([kind, label]) => (
            <option key={kind} value={kind}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <div class="numbers">
        {fields[draft.kind].map(([name, label, example]) => (
          <Field
            key={name}
            name={name}
            label={label}
            value={draft[name]}
            inputMode="decimal"
            placeholder={example}
            onInput={event => change({ ...draft, [name]: event.currentTarget.value })}
          />
        ))}
      </div>
    </>
  );
}
