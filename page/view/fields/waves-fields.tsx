/** At once, or in waves that stop by themselves where stores refuse what comes. */
import { useId } from 'preact/hooks';
import { FIRST_WAVES, SECOND_WAVES, SOAKS, type WavesDraft } from '../../drafts/waves-draft.ts';
import { plural, share } from '../../format.ts';
import { Choice } from '../choice.tsx';
import { soakWords } from '../review/waves-words.ts';

export interface WavesFieldsProps {
  draft: WavesDraft;
  change: (draft: WavesDraft) => void;
}

export function WavesFields({ draft, change }: WavesFieldsProps) {
  const name = useId();
  const way = (inWaves: boolean, label: string) => (
    <label>
      <input
        type="radio"
        name={name}
        checked={draft.inWaves === inWaves}
        onChange={() => change({ ...draft, inWaves })}
      />{' '}
      {label}
    </label>
  );
  return (
    <fieldset>
      <legend>How it goes out</legend>
      <div class="options">
        {way(false, 'To all of them at once')}
        {way(true, 'In waves')}
      </div>
      {draft.inWaves && (
        <dl class="terms waves-draft">
          <dt>First to</dt>
          <dd>
            <Choice
              label="Stores of the first wave"
              options={FIRST_WAVES.map(stores => [String(stores), plural(stores, 'store')] as const)}
              value={String(draft.first)}
              choose={first => change({ ...draft, first: Number(first) })}
            />
          </dd>
          <dt>Then to</dt>
          <dd>
            <Choice
              label="Share of the stores that the second wave comes up to"
              options={SECOND_WAVES.map(
                percent => [String(percent), percent === 0 ? 'all' : share(percent / 100)] as const,
              )}
              value={String(draft.second)}
              choose={second => change({ ...draft, second: Number(second) })}
            />
            {draft.second > 0 && 'and then to all'}
          </dd>
          <dt>Each after</dt>
          <dd>
            <Choice
              label="Time from one wave to the next"
              options={SOAKS.map(minutes => [String(minutes), soakWords(minutes)] as const)}
              value={String(draft.soakMinutes)}
              choose={soakMinutes => change({ ...draft, soakMinutes: Number(soakMinutes) })}
            />
          </dd>
        </dl>
      )}
    </fieldset>
  );
}
