/** The stores: what is wrong with which, who is connected or since when not, what they sold last. The worst come first. */
import { useMemo, useState } from 'preact/hooks';
import { number } from '../../format.ts';
import type { Model } from '../../model/model.ts';
import {
  countsOf,
  EVERY_STORE,
  find,
  type Sorting,
  type StoreFilter,
  sorted,
  type Which,
} from '../../model/watched/store-list.ts';
import { NEED_WORDS, type StoreState } from '../../model/watched/store-needs.ts';
import { Choice } from '../choice.tsx';
import type { Chain } from '../use-chain.ts';
import { useLater } from '../use-later.ts';
import { StoreTable } from './store-table.tsx';
import './stores.css';

export interface StoresPanelProps {
  chain: Chain;
  /** Shows a store. */
  open: (storeId: string) => void;
  states: readonly StoreState[];
  filter: StoreFilter;
  setFilter: (filter: StoreFilter) => void;
  now: number;
}

const WORST_FIRST: Sorting = { key: 'need', isDescending: false };
const FORMS = [
  ['table', 'Table'],
  ['map', 'Map'],
] as const;

export function StoresPanel({ chain, open, states, filter, setFilter, now }: StoresPanelProps) {
  const { model } = chain;
  const [sorting, sort] = useState(WORST_FIRST);
  const [form, setForm] = useState('table');
  // By the last sale, the order changes with every sale: the page is drawn each second.
  const sold = sorting.key === 'sale' ? now : undefined;
  const found = useMemo(
    () => sorted(find(states, filter), sorting, storeId => model.sales.lastMinuteOf(storeId)),
    [states, filter, sorting, model, sold],
  );
  const options = useMemo(() => optionsOf(states), [states]);
  return (
    <section class="panel stores-panel" aria-labelledby="stores-title" id="stores">
      <div class="panel-head">
        <h2 id="stores-title">Stores</h2>
        <Choice
          label="Show"
          options={options}
          value={filter.which}
          choose={which => setFilter({ ...filter, which: which as Which })}
        />
        <Choice label="As" options={FORMS} value={form} choose={setForm} />
        <input
          type="search"
          class="search"
          placeholder="Store, region, group"
          aria-label="Find stores by id, name, region or group"
          value={filter.search}
          onInput={event => setFilter({ ...filter, search: event.currentTarget.value })}
        />
      </div>
      {found.length === 0 ? (
        <Empty model={model} states={states} reset={() => setFilter(EVERY_STORE)} />
      ) : form === 'map' ? (
        <MapLater states={found} open={open} />
      ) : (
        <StoreTable states={found} model={model} sorting={sorting} sort={sort} open={open} now={now} />
      )}
    </section>
  );
}

function MapLater(props: { states: readonly StoreState[]; open: (storeId: string) => void }) {
  const { parts, failure } = useLater(true);
  if (parts === undefined) return <p class="empty">{failure ?? 'Loading…'}</p>;
  return <parts.StoreMap {...props} />;
}

function optionsOf(states: readonly StoreState[]): [string, string][] {
  const words = (which: Which) =>
    which === 'all' ? 'All' : which === 'trouble' ? 'Need attention' : NEED_WORDS[which];
  return countsOf(states).map(([which, count]) => [which, `${words(which)} ${number(count)}`]);
}

function Empty({ model, states, reset }: { model: Model; states: readonly StoreState[]; reset: () => void }) {
  if (!model.storesLoaded) return <p class="empty loading">Loading the stores…</p>;
  if (states.length === 0)
    return (
      <p class="empty">
        No store was ever connected. The platform team gives each store a token: it appears here as soon as it
        connects.
      </p>
    );
  return (
    <p class="empty">
      No store fits.{' '}
      <button type="button" class="plain" onClick={reset}>
        Show all
      </button>
    </p>
  );
}
