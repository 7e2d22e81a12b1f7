/** Stores whose price book is another one than was published for them, and since when. */
import type { Store } from '../../../domain/protocol/http-api.ts';
import type { DriftItem } from '../../../domain/protocol/trust-answers.ts';
import { time } from '../../format.ts';

export interface DriftListProps {
  drift: readonly DriftItem[];
  /** Those of the region that is shown. */
  stores: ReadonlyMap<string, Store>;
  open: (storeId: string) => void;
  now: number;
}

export function DriftList({ drift, stores, open, now }: DriftListProps) {
  const adrift = drift.filter(({ since, storeId }) => since !== null && stores.has(storeId));
  return (
    <>
      <h3>Stores that hold other prices than published</h3>
      {adrift.length === 0 ? (
        <p class="hint">None: what the stores say of their books agrees.</p>
      ) : (
        <table class="table share-table">
          <tbody>
            {adrift.map(({ book, since, storeId }) => {
              const name = stores.get(storeId)?.name;
              return (
                <tr key={storeId} data-adrift={storeId}>
                  <th scope="row">
                    {name ?? storeId} {name !== undefined && <span class="hint">{storeId}</span>}
                  </th>
                  <td>
                    since {time(since ?? now, now)}
                    {book === null && ', says nothing of its book'}
                  </td>
                  <td class="figure-cell">
                    <button type="button" class="plain" onClick={() => open(storeId)}>
                      Show<span class="unseen"> {name ?? storeId}</span>
                    </button>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </>
  );
}
