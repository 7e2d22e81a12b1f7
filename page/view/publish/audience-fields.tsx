/** For whom: every store, or the union of regions, groups and stores. */
import { useId } from 'preact/hooks';
import type { Store } from '../../../domain/protocol/http-api.ts';
import type { AudienceDraft } from '../../model/publication.ts';

export interface AudienceFieldsProps {
  draft: AudienceDraft;
  change: (draft: AudienceDraft) => void;
  stores: readonly Store[];
}

export function AudienceFields({ draft, change, stores }: AudienceFieldsProps) {
  const name = useId();
  const regions = unique(stores.flatMap(({ region }) => (region === null ? [] : [region])));
  const groups = unique(stores.flatMap(store => store.groups));
  return (
    <fieldset>
      <legend>For whom</legend>
      <div class="options">
        <label>
          <input
            type="radio"
            name={name}
            checked={draft.everyone}
            onChange={() => change({ ...draft, everyone: true })}
          />{' '}
          Every store
        </label>
        <label>
          <input
            type="radio"
            name={name}
            checked={!draft.everyone}
            onChange={() => change({ ...draft, everyone: false })}
          />{' '}
          Some of them
        </label>
      </div>
      {!draft.everyone && (
        <>
          <Names
            label="Regions"
            names={regions}
            chosen={draft.regions}
            change={chosen => change({ ...draft, regions: chosen })}
          />
          <Names
            label="Groups"
            names={groups}
            chosen={draft.groups}
            change={chosen => change({ ...draft, groups: chosen })}
          />
          <label>
            Stores, by id
            <input
              value={draft.stores}
              placeholder="0001, 0002"
              onInput={event => change({ ...draft, stores: event.currentTarget.value })}
            />
          </label>
        </>
      )}
    </fieldset>
  );
}

interface NamesProps {
  label: string;
  names: readonly string[];
  chosen: readonly string[];
  change: (chosen: string[]) => void;
}

function Names({ label, names, chosen, change }: NamesProps) {
  if (names.length === 0) return null;
  return (
    <fieldset class="names">
      <legend>{label}</legend>
      <div class="options">
        {names.map(name => (
          <label key={name}>
            <input
              type="checkbox"
              checked={chosen.includes(name)}
              onChange={event =>
                change(
                  event.currentTarget.checked ? [...chosen, name] : chosen.filter(other => other !== name),
                )
              }
            />{' '}
            {name}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}
