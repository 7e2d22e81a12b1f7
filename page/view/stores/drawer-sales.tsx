/** What a store sold last: each sale, and the articles in it. */
import { exactTime, money, plural } from '../../format.ts';
import { quantityWords } from '../../model/offer-words.ts';
import { Article, useNames } from '../article.tsx';
import type { Chain } from '../use-chain.ts';
import type { StoreSales } from './use-store-sales.ts';

const SALES_SHOWN = 8;
const PIECES = 'C62';

export interface DrawerSalesProps {
  chain: Chain;
  sold: StoreSales | undefined;
  now: number;
}

export function DrawerSales({ chain, sold, now }: DrawerSalesProps) {
  const shown = sold?.sales.slice(0, SALES_SHOWN) ?? [];
  useNames(chain, [...new Set(shown.flatMap(({ lines }) => lines.map(({ sku }) => sku)))]);
  if (sold === undefined) return <p class="hint">Loading…</p>;
  if (shown.length === 0) return <p class="hint">None.</p>;
  return (
    <table class="table">
      <tbody>
        {shown.map(({ saleId, till, soldAt, total, currency, lines }) => (
          <tr key={`${till} ${saleId}`} data-sale={saleId}>
            <th scope="row">{exactTime(soldAt, now)}</th>
            <td>
              <details>
                <summary>{plural(lines.length, 'line')}</summary>
                <ul class="lines">
                  {lines.map(({ sku, quantity, unit = PIECES }, index) => (
                    <li key={index}>
                      {quantityWords(quantity, unit)} <Article names={chain.model.names} sku={sku} />
                    </li>
                  ))}
                </ul>
              </details>
            </td>
            <td class="figure-cell">{money(total, currency)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
