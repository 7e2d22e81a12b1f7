/** For whom: every store, or the union of regions, groups and stores. Neither is chosen until somebody does. */
import { useId } from 'preact/hooks';
import type { Store } from '../../../domain/protocol/http-api.ts';
import { type AudienceDraft, unknownIds } from '../../drafts/audience-draft.ts';
import { plural } from '../../format.ts';
import { Field, useProblem } from './field.tsx';
import { Ticks } from './ticks.tsx';

export interface AudienceFieldsProps {
  draft: AudienceDraft;
  change: (draft: AudienceDraft) => void;
  stores: readonly Store[];
}

export function AudienceFields({ draft, change, stores }: AudienceFieldsProps) {
  const name = useId();
  const { attributes, message } = useProblem('whom');
  const regions = unique(stores.flatMap(({ region }) => (region === null ? [] : [region])));
  const groups = unique(stores.flatMap(store => store.groups));
  const whom = (value: 'everyone' | 'some', label: string) => (
    <label>
      <input
        type="radio"
        name={name}
        checked={draft.whom === value}
        {...attributes}
        onChange={() => change({ ...draft, whom: value })}
      />{' '}
      {label}
    </label>
  );
  return (
    <fieldset>
      <legend>For whom</legend>
      <div class="options">
        {whom('everyone', `Every store (${plural(stores.length, 'store')})`)}
        {whom('some', 'Some of them')}
      </div>
      {message}
      {draft.whom === 'some' && (
        <>
          <Ticks
            legend="Regions"
            names={regions}
            ticked={draft.regions}
            change={ticked => change({ ...draft, regions: ticked })}
          />
          <Ticks
            legend="Groups"
            names={groups}
            ticked={draft.groups}
            change={ticked => change({ ...draft, groups: ticked })}
          />
          <Field
            name="stores"
            label="Stores, by id"
            value={draft.stores}
            placeholder="0001, 0002"
            spellcheck={false}
            onInput={event => change({ ...draft, stores: event.currentTarget.value })}
          />
          <Ticks
            legend="No store has these ids: they are left out unless you tick them"
            names={unknownIds(draft, stores)}
            ticked={draft.ticked}
            change={ticked => change({ ...draft, ticked })}
          />
        </>
      )}
    </fieldset>
  );
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}
