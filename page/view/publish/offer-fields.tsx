/** An offer: what it is called, what it takes off which SKUs, and from when until when. */
import { zoneName } from '../../format.ts';
import type { OfferDraft } from '../../model/publication.ts';

export interface OfferFieldsProps {
  draft: OfferDraft;
  change: (draft: OfferDraft) => void;
  /** Of discounts that are no percentage. */
  currency: string;
  now: number;
}

export function emptyOffer(): OfferDraft {
  return { offerId: '', title: '', skus: '', discount: '', unit: 'percent', validFrom: '', validUntil: '' };
}

export function OfferFields({ draft, change, currency, now }: OfferFieldsProps) {
  const field = (name: keyof OfferDraft) => ({
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
      <div class="pair">
        <label>
          Discount
          <input {...field('discount')} inputMode="decimal" placeholder="20" />
        </label>
        <label>
          in
          <select
            value={draft.unit}
            onChange={event => change({ ...draft, unit: event.currentTarget.value })}
          >
            <option value="percent">percent</option>
            <option value={currency}>{currency}</option>
          </select>
        </label>
      </div>
      <div class="pair">
        <label>
          From <span class="hint">(empty: at once)</span>
          <input {...field('validFrom')} type="datetime-local" />
        </label>
        <label>
          Until <span class="hint">({zoneName(now)})</span>
          <input {...field('validUntil')} type="datetime-local" />
        </label>
      </div>
    </>
  );
}
