/** Store by store: who has applied an update and when, who refused it and why, who is offline. Trouble comes first. */
import { useEffect, useState } from 'preact/hooks';
import { DELIVERY_STATES, operations, type StoreDelivery } from '../../../domain/protocol/http-api.ts';
import { reasonOf } from '../../api.ts';
import { exactTime, plural } from '../../format.ts';
import type { UpdateEntry } from '../../model/model.ts';
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
  if (failure !== undefined) return <p class="refusal">{failure}; close it and open it again.</p>;
  if (stores === undefined) return <p class="hint">Loading…</p>;
  const sorted = [...stores].sort((a, b) => BY_NEED.indexOf(a.state) - BY_NEED.indexOf(b.state));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
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
          {sorted.slice(0, ROWS_SHOWN).map(({ storeId, state, at, reason }) => (
            <tr key={storeId} data-store={storeId}>
              <th scope="row">{storeId}</th>
              <td>
                <span class="state" data-state={state}>
                  {state}
                </span>
                {reason !== undefined && <span class="hint">: {reason}</span>}
              </td>
              <td>{at === null ? '–' : exactTime(at, now)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {sorted.length > ROWS_SHOWN && (
        <p class="hint">
          and {plural(sorted.length - ROWS_SHOWN, 'more store')}: npx storecast delivery{' '}
          {entry.update.updateId}
        </p>
      )}
    </section>
  );
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
