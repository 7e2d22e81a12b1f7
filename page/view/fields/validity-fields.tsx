/** From when until when, by this device's clock or by each store's own. */
import { zoneName } from '../../format.ts';
import { Field } from './field.tsx';

export interface Times {
  validFrom: string;
  validUntil: string;
  isLocal: boolean;
}

export interface ValidityFieldsProps {
  times: Times;
  change: (times: Times) => void;
  /** An offer always ends. */
  hasToEnd: boolean;
  now: number;
}

export function ValidityFields({ times, change, hasToEnd, now }: ValidityFieldsProps) {
  return (
    <>
      <div class="pair">
        <Field
          name="validFrom"
          label="From"
          hint="(empty: at once)"
          type="datetime-local"
          value={times.validFrom}
          onInput={event => change({ ...times, validFrom: event.currentTarget.value })}
        />
        <Field
          name="validUntil"
          label="Until"
          hint={hasToEnd ? undefined : '(empty: without end)'}
          type="datetime-local"
          value={times.validUntil}
          onInput={event => change({ ...times, validUntil: event.currentTarget.value })}
        />
      </div>
      <div class="options">
        <label>
          <input
            type="checkbox"
            checked={times.isLocal}
            onChange={event => change({ ...times, isLocal: event.currentTarget.checked })}
          />{' '}
          By each store’s own clock, not by {zoneName(now)}
        </label>
      </div>
    </>
  );
}
