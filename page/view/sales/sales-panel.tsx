/** Sales per minute: the chart, what is drawn in it, and the same figures as a table. */
import { useCallback, useState } from 'preact/hooks';
import type { Api } from '../../api.ts';
import { money, number, plural, time } from '../../format.ts';
import { CHART_MINUTES, chartMinutes, type MinutePoint } from '../../model/figures.ts';
import type { Model } from '../../model/model.ts';
import { Choice } from '../choice.tsx';
import { SalesChart } from './sales-chart.tsx';
import { SoldArticles } from './sold-articles.tsx';
import './sales.css';

export interface SalesPanelProps {
  model: Model;
  currency: string | undefined;
  api: Api;
  now: number;
}

type Measure = 'amount' | 'count';
const MEASURES: Record<Measure, string> = { amount: 'Revenue', count: 'Sales' };
const TABLE_MINUTES = 15;

export function SalesPanel({ api, model, currency, now }: SalesPanelProps) {
  const [measure, setMeasure] = useState<Measure>('amount');
  const format = useCallback(
    (value: number, axis: boolean) =>
      measure === 'amount' && currency !== undefined ? money(value, currency, axis) : number(value),
    [measure, currency],
  );
  return (
    <section class="panel" aria-labelledby="sales-title">
      <div class="panel-head">
        <h2 id="sales-title">Sales per minute</h2>
        {currency !== undefined && (
          <Choice
            label="Draw"
            options={Object.entries(MEASURES)}
            value={measure}
            choose={value => setMeasure(value as Measure)}
          />
        )}
      </div>
      {currency === undefined ? (
        <Empty loaded={model.salesLoaded} />
      ) : (
        <>
          <Hour
            points={chartMinutes(model.sales, currency, now)}
            measure={measure}
            format={format}
            now={now}
          />
          <SoldArticles api={api} currency={currency} now={now} />
        </>
      )}
    </section>
  );
}

function Empty({ loaded }: { loaded: boolean }) {
  if (!loaded) return <p class="empty">Loading…</p>;
  return (
    <p class="empty">
      Nothing was sold yesterday or today. As soon as a connected store sends a sale, it is drawn here.
    </p>
  );
}

interface HourProps {
  points: readonly MinutePoint[];
  measure: Measure;
  format: (value: number, axis: boolean) => string;
  now: number;
}

function Hour({ points, measure, format, now }: HourProps) {
  const count = points.reduce((sum, point) => sum + point.sum.count, 0);
  const label = `${MEASURES[measure]} of each of the last ${CHART_MINUTES} minutes: ${plural(count, 'sale')} in all, the figures are in the table below`;
  const latest = points.slice(-TABLE_MINUTES).reverse();
  return (
    <>
      <SalesChart points={points} measure={measure} format={format} label={label} />
      <details>
        <summary>The last {TABLE_MINUTES} minutes as a table</summary>
        <table class="table">
          <thead>
            <tr>
              <th scope="col">Minute</th>
              <th scope="col" class="figure-cell">
                {MEASURES[measure]}
              </th>
              <th scope="col" class="figure-cell">
                The day before
              </th>
            </tr>
          </thead>
          <tbody>
            {latest.map(({ at, sum, dayBefore }, index) => (
              <tr key={at}>
                <th scope="row">
                  {time(at * 1000, now)}
                  {index === 0 && ' (running)'}
                </th>
                <td class="figure-cell">{format(sum[measure], false)}</td>
                <td class="figure-cell">{dayBefore.count > 0 ? format(dayBefore[measure], false) : '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </>
  );
}
