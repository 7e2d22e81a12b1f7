/** From when until when, by this device's clock or by each store's own. */
import { useId } from 'preact/hooks';
import { momentMeant, momentsRead, type Side, type TimesDraft } from '../../drafts/times-draft.ts';
import { offsetName, zoneName } from '../../format.ts';
import { Field } from './field.tsx';

export interface ValidityFieldsProps {
  times: TimesDraft;
  change: (times: TimesDraft) => void;
  /** An offer always ends. */
  hasToEnd: boolean;
  now: number;
}

export function ValidityFields({ times, change, hasToEnd, now }: ValidityFieldsProps) {
  const side = (name: Side, label: string, hint: string | undefined) => (
    <Field
      name={name}
      label={label}
      hint={hint}
      type="datetime-local"
      value={times[name]}
      onInput={event =>
        change({
          ...times,
          [name]: event.currentTarget.value,
          passes: { ...times.passes, [name]: undefined },
        })
      }
    >
      <Meant times={times} side={name} change={change} now={now} />
    </Field>
  );
  return (
    <>
      <div class="pair times">
        {side('validFrom', 'From', '(empty: at once)')}
        {side('validUntil', 'Until', hasToEnd ? undefined : '(empty: without end)')}
      </div>
      <div class="options">
        <label>
          <input
            type="checkbox"
            checked={times.isLocal}
            onChange={event => change({ ...times, isLocal: event.currentTarget.checked })}
          />{' '}
          By each store’s own clock, not by {zoneName(momentMeant(times, 'validFrom') ?? now)}
        </label>
      </div>
    </>
  );
}

interface MeantProps {
  times: TimesDraft;
  side: Side;
  change: (times: TimesDraft) => void;
  now: number;
}

/** What the time comes to: its offset on that day, which of two it is, and whether it is past. */
function Meant({ times, side, change, now }: MeantProps) {
  const group = useId();
  if (times[side] === '' || times.isLocal) return null;
  const moments = momentsRead(times[side]);
  const meant = momentMeant(times, side);
  const isPast = side === 'validFrom' && meant !== undefined && meant <= now;
  return (
    <>
      {moments.length === 2 && (
        <fieldset class="names">
          <legend>The clock reads this twice. Which is meant?</legend>
          <div class="options">
            {(['first', 'second'] as const).map((pass, index) => (
              <label key={pass}>
                <input
                  type="radio"
                  name={group}
                  checked={times.passes[side] === pass}
                  onChange={() => change({ ...times, passes: { ...times.passes, [side]: pass } })}
                />{' '}
                The {pass} ({offsetName(moments[index] ?? now)})
              </label>
            ))}
          </div>
        </fieldset>
      )}
      <p class="hint" role="status">
        {moments.length === 0 && 'The clock is set forward over this time: it does not exist.'}
        {meant !== undefined && offsetName(meant)}
        {isPast && ' · already past: it takes effect at once'}
      </p>
    </>
  );
}
