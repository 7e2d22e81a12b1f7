/** Which prices are in force in a store, and by which update; asked for once it is opened. */
import { useEffect, useState } from 'preact/hooks';
import { operations } from '../../../domain/protocol/http-api.ts';
import type { StorePrice } from '../../../domain/protocol/trust-answers.ts';
import { type Api, reasonOf } from '../../api.ts';
import { money, time } from '../../format.ts';

export interface StorePricesProps {
  api: Api;
  storeId: string;
  now: number;
}

export function StorePrices(props: StorePricesProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={event => setOpen(event.currentTarget.open)}>
      <summary>Prices in force</summary>
      {isOpen && <Prices {...props} />}
    </details>
  );
}

function Prices({ api, storeId, now }: StorePricesProps) {
  const [{ prices, failure }, setAnswer] = useState<{ prices?: readonly StorePrice[]; failure?: string }>({});
  useEffect(() => {
    api
      .list(operations.storePrices, ({ items }) => items, { parameters: { id: storeId } })
      .then(found => setAnswer({ prices: found }))
      .catch((error: unknown) => setAnswer({ failure: reasonOf(error) }));
  }, [api, storeId]);
  if (failure !== undefined) return <p class="refusal">{failure}; close it and open it again.</p>;
  if (prices === undefined) return <p class="hint">Loading…</p>;
  if (prices.length === 0) return <p class="hint">None was published for it.</p>;
  return (
    <table class="table">
      <tbody>
        {prices.map(({ sku, amount, currency, priceType, since, until }) => (
          <tr key={`${sku} ${currency} ${priceType}`} data-sku={sku}>
            <th scope="row">{sku}</th>
            <td>
              {priceType === 'regular' ? '' : `${priceType}, `}
              since {time(since, now)}
              {until !== null && ` until ${time(until, now)}`}
            </td>
            <td class="figure-cell">{money(amount, currency)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
