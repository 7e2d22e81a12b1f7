/** The stores: who is connected or since when not, what they sold last, who is behind. Stores that need attention come first. */
import { useState } from 'preact/hooks';
import type { Store } from '../../domain/protocol/http-api.ts';
import { exactTime, number, plural, time, timeThere } from '../format.ts';
import type { Model } from '../model/model.ts';
import { Choice } from './choice.tsx';
import './stores-panel.css';

const ROWS_SHOWN = 25;
const MINUTE_MS = 60_000;

export function StoresPanel({ model, now }: { model: Model; now: number }) {
  const [search, setSearch] = useState('');
  const [which, setWhich] = useState('all');
  const [limit, setLimit] = useState(ROWS_SHOWN);
  const found = model.stores.filter(store => fits(store, search, which)).sort(byNeed);
  return (
    <section class="panel" aria-labelledby="stores-title">
      <div class="panel-head">
        <h2 id="stores-title">Stores</h2>
        <Choice
          label="Show"
          options={[
            ['all', 'All'],
            ['off', 'Offline'],
            ['behind', 'Behind'],
          ]}
          value={which}
          choose={setWhich}
        />
        <input
          type="search"
          class="search"
          placeholder="Store, region, group"
          aria-label="Find stores by id, region or group"
          value={search}
          onInput={event => setSearch(event.currentTarget.value)}
        />
      </div>
      {found.length === 0 ? (
        <p class="empty">{emptyText(model)}</p>
      ) : (
        <Table stores={found.slice(0, limit)} model={model} now={now} />
      )}
      {found.length > limit && (
        <button type="button" onClick={() => setLimit(limit * 4)}>
          Show more ({plural(found.length - limit, 'store')} left)
        </button>
      )}
    </section>
  );
}

function emptyText({ storesLoaded, stores }: Model): string {
  if (!storesLoaded) return 'Loading…';
  if (stores.length > 0) return 'No store fits.';
  return 'No store was ever connected. A store needs a token (npx storecast token store ID --region R) and a client: it appears here as soon as it connects.';
}

function fits(
  { storeId, name = '', region, groups, connected, behind }: Store,
  search: string,
  which: string,
): boolean {
  if (which === 'off' && connected) return false;
  if (which === 'behind' && behind === 0) return false;
  const wanted = search.trim().toLowerCase();
  return [storeId, name, region ?? '', ...groups].some(text => text.toLowerCase().includes(wanted));
}

function byNeed(a: Store, b: Store): number {
  return Number(a.connected) - Number(b.connected) || b.behind - a.behind || (a.storeId < b.storeId ? -1 : 1);
}

function Table({ stores, model, now }: { stores: readonly Store[]; model: Model; now: number }) {
  return (
    <div class="scroll">
      <table class="table stores">
        <thead>
          <tr>
            <th scope="col">Store</th>
            <th scope="col" class="wide">
              Region
            </th>
            <th scope="col" class="wide">
              Groups
            </th>
            <th scope="col">Line</th>
            <th scope="col">Last sale</th>
            <th scope="col" class="figure-cell">
              Behind
            </th>
          </tr>
        </thead>
        <tbody>
          {stores.map(store => (
            <tr key={store.storeId} data-store={store.storeId}>
              <th scope="row">
                {store.storeId}
                {store.name !== undefined && <span class="hint"> {store.name}</span>}
                <span class="narrow hint">{store.region}</span>
              </th>
              <td class="wide">{store.region ?? '–'}</td>
              <td class="wide">{store.groups.join(', ') || '–'}</td>
              <td>
                <Connection store={store} now={now} />
              </td>
              <td>
                {lastSale(model, store.storeId, now)}
                <StoreClock model={model} store={store} />
              </td>
              <td class="figure-cell">
                {store.behind === 0 ? '0' : <b class="behind">{number(store.behind)}</b>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Connection({ store: { connected, since, lastSeenAt }, now }: { store: Store; now: number }) {
  const at = since ?? lastSeenAt;
  const words = connected ? 'connected since' : since === null ? 'offline, last seen' : 'offline since';
  return (
    <span class="connection" data-connected={connected} title={exactTime(at, now)}>
      <span class="words">{words}</span> {time(at, now)}
    </span>
  );
}

/** When its last sale was on the store's own clock, where that is another one. */
function StoreClock({ model, store: { storeId, timeZone } }: { model: Model; store: Store }) {
  const minute = model.sales.lastMinuteOf(storeId);
  const isKnown = minute !== undefined && timeZone !== undefined;
  const there = isKnown ? timeThere(minute * MINUTE_MS, timeZone) : undefined;
  return there === undefined ? null : <span class="hint" title={timeZone}>{` ${there} there`}</span>;
}

/** The minute is known from the moment that the page looks; before that, only whether there was a sale at all. */
function lastSale(
  { sales, salesKnownSince, soldInTheHourBefore }: Model,
  storeId: string,
  now: number,
): string {
  const minute = sales.lastMinuteOf(storeId);
  if (minute !== undefined) return time(minute * MINUTE_MS, now);
  if (salesKnownSince === undefined) return '…';
  const known = time(salesKnownSince, now);
  if (soldInTheHourBefore.has(storeId)) return `in the hour before ${known}`;
  return `none since ${time(salesKnownSince - 60 * MINUTE_MS, now)}`;
}
