/** Which prices are in force in a store, since when, and how each came to be; asked for once it is opened. */
import { useEffect, useId, useState } from 'preact/hooks';
import { operations } from '../../../domain/protocol/http-api.ts';
import type { StorePrice } from '../../../domain/protocol/trust-answers.ts';
import { reasonOf } from '../../api.ts';
import { money, time } from '../../format.ts';
import { priceWords } from '../../model/offer-words.ts';
import { Article } from '../article.tsx';
import type { Chain } from '../use-chain.ts';
import { PriceHistoryView } from './price-history-view.tsx';

export interface StorePricesProps {
  chain: Chain;
  storeId: string;
  now: number;
  /** An update in a line. */
  titleOf: (updateId: string) => string;
}

const AT_ONCE = 50;

export function StorePrices(props: StorePricesProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={event => setOpen(event.currentTarget.open)}>
      <summary>Prices in force</summary>
      {isOpen && <Prices {...props} />}
    </details>
  );
}

function Prices(props: StorePricesProps) {
  const { chain, storeId } = props;
  const [sku, find] = useState('');
  const { prices, failure, more } = usePrices(chain, storeId, sku);
  if (failure !== undefined) return <p class="refusal">{failure}; close it and open it again.</p>;
  return (
    <>
      {(more !== undefined || sku !== '') && <Find find={find} />}
      {prices === undefined && <p class="hint">Loading…</p>}
      {prices?.length === 0 && (
        <p class="hint">{sku === '' ? 'None was published for it.' : `None of ${sku} is in force here.`}</p>
      )}
      {prices !== undefined && prices.length > 0 && (
        <table class="table">
          <tbody>
            {prices.map(price => (
              <Price key={`${price.sku} ${price.currency} ${price.priceType}`} price={price} {...props} />
            ))}
          </tbody>
        </table>
      )}
      {more !== undefined && (
        <button type="button" class="plain" onClick={more}>
          Show more
        </button>
      )}
    </>
  );
}

/** A store has tens of thousands of prices: one is found by its SKU. */
function Find({ find }: { find: (sku: string) => void }) {
  const id = useId();
  const [text, write] = useState('');
  return (
    <form
      class="find"
      onSubmit={event => {
        event.preventDefault();
        find(text.trim());
      }}
    >
      <label for={id}>Find an article by its SKU</label>
      <div class="pair">
        <input id={id} type="search" value={text} onInput={event => write(event.currentTarget.value)} />
        <button type="submit">Find</button>
      </div>
    </form>
  );
}

function Price(props: StorePricesProps & { price: StorePrice }) {
  const { price, chain, now } = props;
  const { amount, lowest30Days, currency, priceType, since, sku, until } = price;
  const [isOpen, open] = useState(false);
  return (
    <>
      <tr data-sku={sku}>
        <th scope="row">
          <button type="button" class="plain" aria-expanded={isOpen} onClick={() => open(!isOpen)}>
            <Article names={chain.model.names} sku={sku} />
          </button>
        </th>
        <td>
          {priceType === 'regular' ? '' : `${priceType}, `}
          since {time(since, now)}
          {until !== null && ` until ${time(until, now)}`}
          {lowest30Days !== amount && (
            <span class="hint lowest">lowest of the 30 days before: {money(lowest30Days, currency)}</span>
          )}
        </td>
        <td class="figure-cell">{priceWords(price, money)}</td>
      </tr>
      {isOpen && (
        <tr>
          <td colSpan={3}>
            <PriceHistoryView {...props} />
          </td>
        </tr>
      )}
    </>
  );
}

interface Answer {
  prices?: readonly StorePrice[];
  cursor?: string | undefined;
  failure?: string;
}

/** @param sku empty for all of them, some at a time */
function usePrices({ api, model }: Chain, storeId: string, sku: string) {
  const [answer, setAnswer] = useState<Answer>({});
  const load = async (known: readonly StorePrice[], cursor?: string): Promise<Answer> => {
    const query = { sku: sku || undefined, limit: AT_ONCE, cursor };
    const page = await api.call(operations.storePrices, { parameters: { id: storeId }, query });
    for (const price of page.items) model.names.take([price], price.since);
    return { prices: [...known, ...page.items], cursor: page.cursor };
  };
  const failed = (error: unknown): Answer => ({ failure: reasonOf(error) });
  useEffect(() => {
    let isLatest = true;
    setAnswer({});
    void load([])
      .catch(failed)
      .then(next => {
        if (isLatest) setAnswer(next);
      });
    return () => {
      isLatest = false;
    };
  }, [api, storeId, sku]);
  const { prices, cursor, failure } = answer;
  const more = () =>
    void load(prices ?? [], cursor)
      .catch(failed)
      .then(setAnswer);
  return { prices, failure, more: cursor === undefined ? undefined : more };
}
