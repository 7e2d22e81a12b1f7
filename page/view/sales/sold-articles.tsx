/** What was sold in the last hour, article by article: how much of which unit. Asked for while it is open, each minute. */
import { useEffect, useState } from 'preact/hooks';
import { salesTotalsBy } from '../../../domain/protocol/http-api.ts';
import type { TotalBy } from '../../../domain/protocol/sales-answers.ts';
import { type Api, reasonOf } from '../../api.ts';
import { money, plural } from '../../format.ts';
import { quantityWords } from '../../model/offer-words.ts';
import { minuteAt } from '../../model/sales-ledger.ts';
import { Article, useNames } from '../article.tsx';
import type { Chain } from '../use-chain.ts';
import { FigureHead } from './figure-head.tsx';

const ROWS_SHOWN = 25;
const MINUTES = 60;

export interface SoldArticlesProps {
  chain: Chain;
  currency: string;
  now: number;
}

export function SoldArticles({ chain, currency, now }: SoldArticlesProps) {
  const { api, model } = chain;
  const { items, failure } = useArticles(api, model.region, minuteAt(now));
  const [isAll, setAll] = useState(false);
  const sold = (items ?? []).filter(item => item.currency === currency).sort((a, b) => b.amount - a.amount);
  const shown = sold.slice(0, isAll ? sold.length : ROWS_SHOWN);
  useNames(
    chain,
    shown.map(({ sku }) => sku),
  );
  if (failure !== undefined) return <p class="refusal">{failure}; close it and open it again.</p>;
  if (items === undefined) return <p class="hint">Loading…</p>;
  if (sold.length === 0) return <p class="empty">Nothing was sold for {currency} in this time.</p>;
  return (
    <>
      <table class="table">
        <FigureHead of="Article" figures={['Quantity', 'Revenue']} />
        <tbody>
          {shown.map(({ sku, unit, count, amount }) => (
            <tr key={`${sku} ${unit}`} data-sku={sku}>
              <th scope="row">
                <Article names={model.names} sku={sku} />
              </th>
              <td class="figure-cell">{quantityWords(count, unit)}</td>
              <td class="figure-cell">{money(amount, currency)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {!isAll && sold.length > ROWS_SHOWN && (
        <button type="button" class="plain" onClick={() => setAll(true)}>
          Show {plural(sold.length - ROWS_SHOWN, 'more article')}
        </button>
      )}
    </>
  );
}

/** @param minute the one that runs: once it is over, it is asked again */
function useArticles(api: Api, region: string | undefined, minute: number) {
  const [answer, setAnswer] = useState<{ items?: TotalBy<'sku'>[]; failure?: string }>({});
  useEffect(() => {
    let isLatest = true;
    const take = (next: typeof answer) => {
      if (isLatest) setAnswer(next);
    };
    const at = (minutes: number) => new Date(minutes * 60_000).toISOString();
    const query = { by: 'sku', region, from: at(minute - MINUTES), to: at(minute + 1) };
    api
      .list(salesTotalsBy('sku'), page => page.items, { query })
      .then(items => take({ items }))
      .catch((error: unknown) => take({ failure: reasonOf(error) }));
    return () => {
      isLatest = false;
    };
  }, [api, region, minute]);
  return answer;
}
