/** What was sold today and until the same time yesterday, asked for again once that time has moved on. */
import { useEffect, useState } from 'preact/hooks';
import { salesTotalsBy } from '../../../domain/protocol/http-api.ts';
import type { TotalBy } from '../../../domain/protocol/sales-answers.ts';
import { type Api, reasonOf } from '../../api.ts';
import { startOfDay, yesterdayAt } from '../../model/figures.ts';

export interface DayTotals<G extends 'region' | 'sku'> {
  today: readonly TotalBy<G>[];
  before: readonly TotalBy<G>[];
}

/** @param to full minutes end here, in milliseconds; undefined while it is not wanted; @param region undefined for all of them */
export function useDayTotals<G extends 'region' | 'sku'>(
  api: Api,
  by: G,
  to: number | undefined,
  region?: string,
): { totals?: DayTotals<G>; failure?: string } {
  const [answer, setAnswer] = useState<{ totals?: DayTotals<G>; failure?: string }>({});
  useEffect(() => {
    if (to === undefined) return undefined;
    let isLatest = true;
    const take = (next: typeof answer) => {
      if (isLatest) setAnswer(next);
    };
    const from = startOfDay(to);
    const load = (start: number, end: number) => {
      if (end <= start) return [];
      const query = { by, region, from: new Date(start).toISOString(), to: new Date(end).toISOString() };
      return api.list(salesTotalsBy(by), page => page.items, { query });
    };
    Promise.all([load(from, to), load(yesterdayAt(from), yesterdayAt(to))])
      .then(([today, before]) => take({ totals: { today, before } }))
      .catch((error: unknown) => take({ failure: reasonOf(error) }));
    return () => {
      isLatest = false;
    };
  }, [api, by, to, region]);
  return answer;
}
