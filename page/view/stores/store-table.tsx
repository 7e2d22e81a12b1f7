/** A thousand stores as a table: one row a line, sorted by any column, with the rows that can be seen. */
import { useMemo } from 'preact/hooks';
import { exactTime, number, time } from '../../format.ts';
import type { Model } from '../../model/model.ts';
import { minuteAt } from '../../model/sales-ledger.ts';
import type { Sorting, SortKey } from '../../model/watched/store-list.ts';
import type { StoreState } from '../../model/watched/store-needs.ts';
import { LastSale } from './last-sale.tsx';
import { NeedWords } from './need-words.tsx';
import { useWindow } from './use-window.ts';

export interface StoreTableProps {
  states: readonly StoreState[];
  model: Model;
  sorting: Sorting;
  sort: (sorting: Sorting) => void;
  open: (storeId: string) => void;
  now: number;
}

const COLUMNS: readonly [key: SortKey | undefined, words: string, css: string][] = [
  ['store', 'Store', ''],
  ['region', 'Region', 'wide'],
  [undefined, 'Groups', 'wide'],
  ['need', 'State', ''],
  ['since', 'Connection', ''],
  ['sale', 'Last sale', 'wide'],
  ['behind', 'Updates missing', 'figure-cell'],
];

export function StoreTable({ states, model, sorting, sort, open, now }: StoreTableProps) {
  const { host, rows } = useWindow(states.length);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section class="scroll long" tabIndex={0} aria-label="Stores, a row each" ref={host}>
      <table class="table stores" aria-rowcount={states.length + 1}>
        <thead>
          <tr aria-rowindex={1}>
            {COLUMNS.map(([key, words, css]) => (
              <Heading key={words} sortKey={key} words={words} css={css} sorting={sorting} sort={sort} />
            ))}
          </tr>
        </thead>
        <tbody>
          <Gap height={rows.above} />
          {states.slice(rows.first, rows.end).map((state, index) => (
            <Row
              key={state.store.storeId}
              state={state}
              index={rows.first + index}
              model={model}
              open={open}
              now={now}
            />
          ))}
          <Gap height={rows.below} />
        </tbody>
      </table>
    </section>
  );
}

/** In place of rows that can't be seen: the bar at the side is as long as if they were there. */
function Gap({ height }: { height: number }) {
  if (height === 0) return null;
  return (
    <tr class="gap">
      <td style={{ height: `${height}px` }} />
    </tr>
  );
}

interface HeadingProps {
  sortKey: SortKey | undefined;
  words: string;
  css: string;
  sorting: Sorting;
  sort: (sorting: Sorting) => void;
}

function Heading({ sortKey, words, css, sorting, sort }: HeadingProps) {
  if (sortKey === undefined)
    return (
      <th scope="col" class={css}>
        {words}
      </th>
    );
  const isSorted = sorting.key === sortKey;
  const isDescending = isSorted && !sorting.isDescending;
  return (
    <th
      scope="col"
      class={css}
      aria-sort={isSorted ? (sorting.isDescending ? 'descending' : 'ascending') : 'none'}
    >
      <button type="button" class="plain" onClick={() => sort({ key: sortKey, isDescending })}>
        {words}
        <span aria-hidden="true">{isSorted ? (sorting.isDescending ? ' ↓' : ' ↑') : ''}</span>
      </button>
    </th>
  );
}

interface RowProps {
  state: StoreState;
  index: number;
  model: Model;
  open: (storeId: string) => void;
  now: number;
}

/** Drawn again only when something in it changes: the page is drawn each second. */
function Row(props: RowProps) {
  const { state, index, model, now } = props;
  const { store, need, refusals } = state;
  const { sales, salesKnownSince } = model;
  const changing = [sales.lastMinuteOf(store.storeId), salesKnownSince, minuteAt(now), index];
  return useMemo(() => <Cells {...props} />, [store, need, refusals, ...changing]);
}

function Cells({ state: { store, need, refusals }, index, model, open, now }: RowProps) {
  const { behind, groups, name, region, storeId } = store;
  return (
    <tr data-store={storeId} data-need={need} aria-rowindex={index + 2}>
      <th scope="row" title={name}>
        <button type="button" class="plain" onClick={() => open(storeId)}>
          {storeId}
        </button>
        {name !== undefined && <span class="hint"> {name}</span>}
        <span class="narrow hint">{region}</span>
      </th>
      <td class="wide">{region ?? '–'}</td>
      <td class="wide" title={groups.join(', ')}>
        {groups.join(', ') || '–'}
      </td>
      <td>
        <NeedWords need={need} refusals={refusals} />
      </td>
      <td>
        <Connection store={store} now={now} />
      </td>
      <td class="wide">
        <LastSale model={model} store={store} now={now} />
      </td>
      <td class="figure-cell">{behind === 0 ? '0' : <b class="behind">{number(behind)}</b>}</td>
    </tr>
  );
}

function Connection({
  store: { connected, since, lastSeenAt },
  now,
}: {
  store: StoreState['store'];
  now: number;
}) {
  const at = since ?? lastSeenAt;
  const words = connected ? 'connected since' : since === null ? 'offline, last seen' : 'offline since';
  return (
    <span class="connection" data-connected={connected} title={exactTime(at, now)}>
      <span class="words">{words}</span> {time(at, now)}
    </span>
  );
}
