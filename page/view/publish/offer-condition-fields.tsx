/** On what conditions an offer holds; most have none, so they are folded away. */
import { type OfferDraft, WEEKDAYS } from '../../model/offer-draft.ts';

export interface OfferConditionFieldsProps {
  draft: OfferDraft;
  change: (draft: OfferDraft) => void;
}

type TextField = 'minimum' | 'coupon' | 'hoursFrom' | 'hoursTo' | 'priority';

export function OfferConditionFields({ draft, change }: OfferConditionFieldsProps) {
  const text = (name: TextField) => ({
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
  const toggle = (day: string, isOn: boolean) =>
    change({ ...draft, days: isOn ? [...draft.days, day] : draft.days.filter(other => other !== day) });
  return (
    <details>
      <summary>Conditions</summary>
      <div class="conditions">
        <div class="pair">
          <label>
            From this amount on, in {draft.currency}
            <input {...text('minimum')} inputMode="decimal" />
          </label>
          <label>
            With this coupon
            <input {...text('coupon')} spellcheck={false} maxLength={64} />
          </label>
        </div>
        <div class="options">
          {flag('member', 'For members alone')}
          {flag('combinable', 'May be combined with others')}
        </div>
        <fieldset class="names">
          <legend>On these days, by each store’s clock (none: every day)</legend>
          <div class="options">
            {WEEKDAYS.map(day => (
              <label key={day}>
                <input
                  type="checkbox"
                  checked={draft.days.includes(day)}
                  onChange={event => toggle(day, event.currentTarget.checked)}
                />{' '}
                {day}
              </label>
            ))}
          </div>
        </fieldset>
        <div class="numbers">
          <label>
            At this time of day, from
            <input {...text('hoursFrom')} type="time" />
          </label>
          <label>
            to
            <input {...text('hoursTo')} type="time" />
          </label>
          <label>
            Priority
            <input {...text('priority')} inputMode="numeric" placeholder="0" />
          </label>
        </div>
      </div>
    </details>
  );
}
