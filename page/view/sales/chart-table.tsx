/** What the chart draws, for those who read rather than look. */

import type { Sum } from '../../model/sales-ledger.ts';
import type { ChartPoint } from '../../model/watched/chart-points.ts';

export interface ChartTableProps {
  points: readonly ChartPoint[];
  /** What a row's value is. */
  name: string;
  versus: string;
  value: (sum: Sum) => string;
  timeOf: (at: number) => string;
}

const ROWS = 15;

export function ChartTable({ points, name, versus, value, timeOf }: ChartTableProps) {
  const begun = points.filter(({ sum, isRunning }) => sum !== undefined || isRunning);
  const latest = begun.slice(-ROWS).reverse();
  return (
    <details>
      <summary>The last {latest.length} of them as a table</summary>
      <table class="table share-table">
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col" class="figure-cell">
              {name}
            </th>
            <th scope="col" class="figure-cell">
              {versus}
            </th>
          </tr>
        </thead>
        <tbody>
          {latest.map(({ at, sum, before, isRunning }) => (
            <tr key={at}>
              <th scope="row">
                {timeOf(at)}
                {isRunning && ' (running)'}
              </th>
              <td class="figure-cell">{sum === undefined ? '–' : value(sum)}</td>
              <td class="figure-cell">{before === undefined ? '–' : value(before)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
