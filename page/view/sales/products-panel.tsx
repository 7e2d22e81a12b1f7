/** Which article drives the figures: revenue of today and the change against yesterday up to the same time. */
import { useMemo, useState } from 'preact/hooks';
import { money, plural, time } from '../../format.ts';
import { quantityWords } from '../../model/offer-words.ts';
import {
  inOrder,
  type ProductFigures,
  type ProductOrder,
  productFigures,
} from '../../model/watched/product-figures.ts';
import { Article, useNames } from '../article.tsx';
import { Choice } from '../choice.tsx';
import type { Chain } from '../use-chain.ts';
import { Change } from './change-figure.tsx';
import { FigureHead } from './figure-head.tsx';
import { useDayTotals } from './use-day-totals.ts';

export interface ProductsPanelProps {
  chain: Chain;
  currency: string | undefined;
  now: number;
}

const ROWS_SHOWN = 10;
/** A chain has tens of thousands of articles: they are not asked for each minute. */
const EVERY_MS = 300_000;
const ORDERS: [ProductOrder, string][] = [
  ['revenue', 'Most revenue'],
  ['gained', 'Most gained'],
  ['lost', 'Most lost'],
];
const NONE = { today: [], before: [] };

export function ProductsPanel({ chain, currency, now }: ProductsPanelProps) {
  const { api, model } = chain;
  const to = now - (now % EVERY_MS);
  // The figures on top come first, and without them nothing was sold.
  const { totals, failure } = useDayTotals(api, 'sku', currency === undefined ? undefined : to, model.region);
  const [order, choose] = useState<ProductOrder>('revenue');
  const [shown, show] = useState(ROWS_SHOWN);
  const { today, before } = totals ?? NONE;
  const figures = useMemo(
    () => inOrder(productFigures(today, before, currency), order),
    [today, before, currency, order],
  );
  const rows = figures.slice(0, shown);
  const hasNone = model.salesLoaded && currency === undefined;
  const isLoading = failure === undefined && totals === undefined && !hasNone;
  useNames(
    chain,
    rows.map(({ sku }) => sku),
  );
  return (
    <section class="panel products" aria-labelledby="products-title" aria-busy={isLoading}>
      <div class="panel-head">
        <h2 id="products-title">
          Products today <span class="hint">up to {time(to, now)}</span>
        </h2>
        <Choice
          label="Products in the order of"
          options={ORDERS}
          value={order}
          choose={wanted => choose(wanted as ProductOrder)}
        />
      </div>
      {failure !== undefined && <p class="refusal">The products can’t be shown: {failure}.</p>}
      {failure === undefined && rows.length === 0 && (
        <p class="empty">{isLoading ? 'Loading…' : emptyWords(order)}</p>
      )}
      {rows.length > 0 && currency !== undefined && <Rows rows={rows} chain={chain} currency={currency} />}
      {figures.length > shown && (
        <button type="button" class="plain" onClick={() => show(shown + 5 * ROWS_SHOWN)}>
          Show more ({plural(figures.length - shown, 'article')} left)
        </button>
      )}
    </section>
  );
}

function emptyWords(order: ProductOrder): string {
  if (order === 'revenue') return 'Nothing was sold in this time.';
  return `No article has ${order} against yesterday.`;
}

interface RowsProps {
  rows: readonly ProductFigures[];
  chain: Chain;
  currency: string;
}

function Rows({ rows, chain, currency }: RowsProps) {
  return (
    <div class="scroll">
      <table class="table share-table">
        <FigureHead of="Article" figures={['Quantity', 'Revenue', 'Against yesterday']} wide="Quantity" />
        <tbody>
          {rows.map(({ sku, unit, count, amount, before }) => (
            <tr key={`${sku} ${unit}`} data-product={sku}>
              <th scope="row">
                <Article names={chain.model.names} sku={sku} />
              </th>
              <td class="figure-cell wide">{quantityWords(count, unit)}</td>
              <td class="figure-cell">{money(amount, currency)}</td>
              <td class="figure-cell" title={`yesterday ${money(before, currency)}`}>
                <Change now={amount} before={before} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
