/** Store by store: who has an update and since when, who refuses it and why, who is offline. Trouble comes first. */
import { useEffect, useState } from 'preact/hooks';
import { DELIVERY_STATES, operations, type StoreDelivery } from '../../../domain/protocol/http-api.ts';
import { reasonOf } from '../../api.ts';
import { exactTime, number, plural } from '../../format.ts';
import { DELIVERY_WORDS, deliveryCsv } from '../../model/delivery-words.ts';
import type { UpdateEntry } from '../../model/model.ts';
import { Choice } from '../choice.tsx';
import type { Chain } from '../use-chain.ts';

export interface DeliveryDetailProps {
  entry: UpdateEntry;
  chain: Chain;
  now: number;
}

const ROWS_SHOWN = 50;
const BY_NEED = ['rejected', 'offline', 'pending', 'expired', 'applied'];

export function DeliveryDetail({ entry, chain, now }: DeliveryDetailProps) {
  const { stores, failure } = useDelivery(entry, chain);
  const [which, setWhich] = useState('all');
  const [search, setSearch] = useState('');
  const [limit, setLimit] = useState(ROWS_SHOWN);
  if (failure !== undefined) return <p class="refusal">{failure}; close it and open it again.</p>;
  if (stores === undefined) return <p class="hint">Loading…</p>;
  const placed = new Map(chain.model.stores.map(store => [store.storeId, store]));
  const fits = ({ storeId, state }: StoreDelivery) => {
    const { region, name } = placed.get(storeId) ?? {};
    const words = [storeId, region ?? '', name ?? ''].join(' ').toLowerCase();
    return (which === 'all' || which === state) && words.includes(search.trim().toLowerCase());
  };
  const found = stores.filter(fits).sort((a, b) => BY_NEED.indexOf(a.state) - BY_NEED.indexOf(b.state));
  const counts = BY_NEED.map(state => [state, stores.filter(store => store.state === state).length] as const);
  return (
    <>
      <div class="filters">
        <Choice
          label="Stores of this update that are shown"
          options={[
            ['all', `All ${number(stores.length)}`],
            ...counts
              .filter(([, count]) => count > 0)
              .map(
                ([state, count]) =>
                  [
                    state,
                    `${DELIVERY_WORDS[state as keyof typeof DELIVERY_WORDS]} ${number(count)}`,
                  ] as const,
              ),
          ]}
          value={which}
          choose={setWhich}
        />
        <input
          type="search"
          class="search"
          placeholder="Store, region"
          aria-label="Find stores of this update by id, name or region"
          value={search}
          onInput={event => setSearch(event.currentTarget.value)}
        />
        <button
          type="button"
          onClick={() => save(`${entry.update.updateId}.csv`, deliveryCsv(found, chain.model.stores))}
        >
          CSV
        </button>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section class="scroll" tabIndex={0} aria-label="Stores of this update">
        <table class="table delivery">
          <thead>
            <tr>
              <th scope="col">Store</th>
              <th scope="col">State</th>
              <th scope="col">At</th>
            </tr>
          </thead>
          <tbody>
            {found.slice(0, limit).map(({ storeId, state, at, reason }) => (
              <tr key={storeId} data-store={storeId}>
                <th scope="row">
                  {storeId} <span class="hint">{placed.get(storeId)?.name}</span>{' '}
                  <span class="hint">{placed.get(storeId)?.region}</span>
                </th>
                <td>
                  <span class="state" data-state={state}>
                    {DELIVERY_WORDS[state]}
                  </span>
                  {reason !== undefined && <span class="hint">: {reason}</span>}
                </td>
                <td>{at === null ? '–' : exactTime(at, now)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {found.length === 0 && <p class="empty">No store fits.</p>}
      </section>
      {found.length > limit && (
        <button type="button" class="plain" onClick={() => setLimit(limit * 4)}>
          Show more ({plural(found.length - limit, 'store')} left)
        </button>
      )}
    </>
  );
}

/** Hands a text to the reader as a file. */
function save(name: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** Asked for again whenever the counts have changed. */
function useDelivery({ update, delivery }: UpdateEntry, { api }: Chain) {
  const [answer, setAnswer] = useState<{ stores?: StoreDelivery[]; failure?: string }>({});
  const counts = DELIVERY_STATES.map(state => delivery?.[state]).join();
  useEffect(() => {
    let isLatest = true;
    const take = (next: typeof answer) => {
      if (isLatest) setAnswer(next);
    };
    api
      .list(operations.getDelivery, page => page.stores, { parameters: { id: update.updateId } })
      .then(stores => take({ stores }))
      .catch((error: unknown) => take({ failure: reasonOf(error) }));
    return () => {
      isLatest = false;
    };
  }, [api, update.updateId, counts]);
  return answer;
}
