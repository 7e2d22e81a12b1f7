/** What the chart draws, for those who read rather than look. */

import type { Sum } from '../../model/sales-ledger.ts';
import type { ChartPoint } from '../../model/watched/chart-points.ts';
import { FigureHead } from './figure-head.tsx';

export interface ChartTableProps {
  points: readonly ChartPoint[];
  /** What a row's value is. */
  name: string;
  versus: string;
  value: (sum: Sum) => string;
  timeOf: (at: number) => string;
}

export function ChartTable({ points, name, versus, value, timeOf }: ChartTableProps) {
  return (
    <table class="table share-table">
      <FigureHead of="Time" figures={[name, versus]} />
      <tbody>
        {points.toReversed().map(({ at, sum, before, isRunning }) => (
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
  );
}
