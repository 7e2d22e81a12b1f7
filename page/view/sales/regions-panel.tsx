/** Which region drives the figures: revenue, change, stores online, and those without the latest price. */
import { useMemo } from 'preact/hooks';
import type { Store } from '../../../domain/protocol/http-api.ts';
import type { Api } from '../../api.ts';
import { money, number } from '../../format.ts';
import { fullMinute } from '../../model/figures.ts';
import { type RegionFigures, regionFigures } from '../../model/watched/region-figures.ts';
import { Change } from './change-figure.tsx';
import { FigureHead } from './figure-head.tsx';
import { useDayTotals } from './use-day-totals.ts';

export interface RegionsPanelProps {
  api: Api;
  stores: readonly Store[];
  /** Which regions there are is known by the stores, too. */
  storesLoaded: boolean;
  region: string | undefined;
  choose: (region: string | undefined) => void;
  currency: string | undefined;
  now: number;
}

export function RegionsPanel(props: RegionsPanelProps) {
  const { api, stores, storesLoaded, region, choose, currency, now } = props;
  const { totals, failure } = useDayTotals(api, 'region', fullMinute(now));
  const figures = useMemo(
    () => regionFigures(stores, totals ?? { today: [], before: [] }, currency),
    [stores, totals, currency],
  );
  if (failure !== undefined) return <p class="refusal panel">The regions can’t be shown: {failure}.</p>;
  const isLoaded = totals !== undefined && storesLoaded;
  return (
    <section class="panel regions" aria-labelledby="regions-title" aria-busy={!isLoaded}>
      <div class="panel-head">
        <h2 id="regions-title">Regions today</h2>
      </div>
      {!isLoaded ? (
        <p class="empty">Loading…</p>
      ) : (
        <div class="scroll">
          <table class="table share-table">
            <FigureHead
              of="Region"
              figures={['Revenue', 'Against yesterday', 'Online', 'Without the latest']}
            />
            <tbody>
              {figures.map(line => (
                <Line
                  key={line.region}
                  line={line}
                  currency={currency}
                  isShown={line.region === region}
                  choose={choose}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

interface LineProps {
  line: RegionFigures;
  currency: string | undefined;
  isShown: boolean;
  choose: RegionsPanelProps['choose'];
}

function Line({ line, currency, isShown, choose }: LineProps) {
  const { region, amount, before, online, stores, lacking } = line;
  return (
    <tr data-region={region}>
      <th scope="row">
        {region === undefined ? (
          'No region'
        ) : (
          <button
            type="button"
            class="plain"
            aria-pressed={isShown}
            onClick={() => choose(isShown ? undefined : region)}
          >
            {region}
          </button>
        )}
      </th>
      <td class="figure-cell">{currency === undefined ? '–' : money(amount, currency)}</td>
      <td class="figure-cell">
        <Change now={amount} before={before} />
      </td>
      <td class="figure-cell">
        {number(online)} of {number(stores)}
      </td>
      <td class="figure-cell">{lacking === 0 ? '0' : <b class="behind">{number(lacking)}</b>}</td>
    </tr>
  );
}
