/** On what conditions an offer holds; most have none, so they are folded away. */
import { type OfferDraft, WEEKDAYS } from '../../drafts/offer-draft.ts';
import { Field } from '../fields/field.tsx';
import { Ticks } from '../fields/ticks.tsx';

export interface OfferConditionFieldsProps {
  draft: OfferDraft;
  change: (draft: OfferDraft) => void;
}

type TextField = 'minimum' | 'coupon' | 'hoursFrom' | 'hoursTo' | 'priority';

export function OfferConditionFields({ draft, change }: OfferConditionFieldsProps) {
  const text = (name: TextField) => ({
    name,
    value: draft[name],
    onInput: (event: Event & { currentTarget: HTMLInputElement }) =>
      change({ ...draft, [name]: event.currentTarget.value }),
  });
  const flag = (name: 'member' | 'combinable', label: string) => (
    <label>
      <input
        type="checkbox"
        checked={draft[name]}
        onChange={event => change({ ...draft, [name]: event.currentTarget.checked })}
      />{' '}
      {label}
    </label>
  );
  return (
    <details>
      <summary>Conditions</summary>
      <div class="conditions">
        <div class="pair">
          <Field
            {...text('minimum')}
            label={`From this amount on, in ${draft.currency}`}
            inputMode="decimal"
          />
          <Field {...text('coupon')} label="With this coupon" spellcheck={false} maxLength={64} />
        </div>
        <div class="options">
          {flag('member', 'For members alone')}
          {flag('combinable', 'May be combined with others')}
        </div>
        <Ticks
          legend="On these days, by each store’s clock (none: every day)"
          names={WEEKDAYS}
          ticked={draft.days}
          change={days => change({ ...draft, days })}
        />
        <div class="numbers">
          <Field {...text('hoursFrom')} label="At this time of day, from" type="time" />
          <Field {...text('hoursTo')} label="to" type="time" />
          <Field {...text('priority')} label="Priority" inputMode="numeric" placeholder="0" />
        </div>
      </div>
    </details>
  );
}
