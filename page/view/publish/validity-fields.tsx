/** From when until when, by this device's clock or by each store's own. */
import { zoneName } from '../../format.ts';

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
        <label>
          From <span class="hint">(empty: at once)</span>
          <input
            type="datetime-local"
            value={times.validFrom}
            onInput={event => change({ ...times, validFrom: event.currentTarget.value })}
          />
        </label>
        <label>
          Until <span class="hint">{hasToEnd ? '' : '(empty: without end)'}</span>
          <input
            type="datetime-local"
            value={times.validUntil}
            onInput={event => change({ ...times, validUntil: event.currentTarget.value })}
          />
        </label>
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
