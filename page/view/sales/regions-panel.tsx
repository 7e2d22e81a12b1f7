/** Which region drives the figures: revenue, change, stores online, and those without the latest price. */
import { useEffect, useState } from 'preact/hooks';
import { type Store, salesTotalsBy } from '../../../domain/protocol/http-api.ts';
import { type Api, reasonOf } from '../../api.ts';
import { change, money, number } from '../../format.ts';
import { fullMinute, startOfDay, yesterdayAt } from '../../model/figures.ts';
import { type RegionFigures, type RegionTotals, regionFigures } from '../../model/watched/region-figures.ts';

export interface RegionsPanelProps {
  api: Api;
  stores: readonly Store[];
  region: string | undefined;
  choose: (region: string | undefined) => void;
  currency: string | undefined;
  now: number;
}

export function RegionsPanel({ api, stores, region, choose, currency, now }: RegionsPanelProps) {
  const { totals, failure } = useTotals(api, fullMinute(now));
  if (failure !== undefined) return <p class="refusal panel">The regions can’t be shown: {failure}.</p>;
  const figures = regionFigures(stores, totals ?? { today: [], before: [] }, currency);
  return (
    <section class="panel regions" aria-labelledby="regions-title">
      <div class="panel-head">
        <h2 id="regions-title">Regions today</h2>
      </div>
      <div class="scroll">
        <table class="table share-table">
          <thead>
            <tr>
              <th scope="col">Region</th>
              <th scope="col" class="figure-cell">
                Revenue
              </th>
              <th scope="col" class="figure-cell">
                Against yesterday
              </th>
              <th scope="col" class="figure-cell">
                Online
              </th>
              <th scope="col" class="figure-cell">
                Without the latest
              </th>
            </tr>
          </thead>
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
  const percent = change(amount, before);
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
        {percent === undefined ? '–' : <span class={amount < before ? 'less' : 'more'}>{percent}</span>}
      </td>
      <td class="figure-cell">
        {number(online)} of {number(stores)}
      </td>
      <td class="figure-cell">{lacking === 0 ? '0' : <b class="behind">{number(lacking)}</b>}</td>
    </tr>
  );
}

/** @param to the start of the minute that runs: once it is over, it is asked again */
function useTotals(api: Api, to: number) {
  const [answer, setAnswer] = useState<{ totals?: RegionTotals; failure?: string }>({});
  useEffect(() => {
    let isLatest = true;
    const take = (next: typeof answer) => {
      if (isLatest) setAnswer(next);
    };
    const from = startOfDay(to);
    const load = (start: number, end: number) => {
      if (end <= start) return [];
      const query = { by: 'region', from: new Date(start).toISOString(), to: new Date(end).toISOString() };
      return api.list(salesTotalsBy('region'), page => page.items, { query });
    };
    Promise.all([load(from, to), load(yesterdayAt(from), yesterdayAt(to))])
      .then(([today, before]) => take({ totals: { today, before } }))
      .catch((error: unknown) => take({ failure: reasonOf(error) }));
    return () => {
      isLatest = false;
    };
  }, [api, to]);
  return answer;
}
