/** What the chart needs of earlier days, asked for while it is shown. */
import { useEffect, useState } from 'preact/hooks';
import { salesTotalsBy } from '../../../domain/protocol/http-api.ts';
import { type Api, reasonOf } from '../../api.ts';
import { fullMinute, startOfDay } from '../../model/figures.ts';
import { SalesLedger, type Sum } from '../../model/sales-ledger.ts';
import {
  type Against,
  daysBefore,
  type Minutes,
  type Span,
  twoWeeks,
} from '../../model/watched/chart-points.ts';

export interface PastSales {
  /** Of the day a week ago. */
  minutes?: Minutes;
  days?: ReadonlyMap<number, Sum>;
  failure?: string;
}

export interface PastSalesOptions {
  api: Api;
  span: Span;
  against: Against;
  region: string | undefined;
  currency: string | undefined;
  now: number;
}

export function usePastSales({ api, span, against, region, currency, now }: PastSalesOptions): PastSales {
  const [answer, setAnswer] = useState<PastSales>({});
  // The week's last day grows by the minute; an earlier day doesn't.
  const at = span === 'week' ? fullMinute(now) : startOfDay(now);
  const needs = span === 'week' ? 'days' : against === 'week' ? 'minutes' : 'nothing';
  useEffect(() => {
    let isLatest = true;
    const take = (next: PastSales) => {
      if (isLatest) setAnswer(next);
    };
    const load = async (): Promise<PastSales> => {
      if (currency === undefined || needs === 'nothing') return {};
      if (needs === 'days') return { days: await dayTotals(api, region, currency, at) };
      return { minutes: await minutesAWeekAgo(api, region, currency, at) };
    };
    load()
      .then(take)
      .catch((error: unknown) => take({ failure: reasonOf(error) }));
    return () => {
      isLatest = false;
    };
  }, [api, needs, region, currency, at]);
  return answer;
}

async function minutesAWeekAgo(api: Api, region: string | undefined, currency: string, today: number) {
  const ledger = new SalesLedger();
  const query = { by: 'minute', region, ...between(daysBefore(today, 8), daysBefore(today, 6)) };
  ledger.takeMinutes(await api.list(salesTotalsBy('minute'), page => page.items, { query }));
  return (minute: number) => ledger.at(minute, currency);
}

/** A day is a request of a few lines: two weeks by the minute were twenty thousand. */
async function dayTotals(api: Api, region: string | undefined, currency: string, now: number) {
  const sums = twoWeeks(now).map(async (start): Promise<[number, Sum]> => {
    const query = { by: 'region', region, ...between(start, daysBefore(start, -1)) };
    const totals = await api.list(salesTotalsBy('region'), page => page.items, { query });
    const own = totals.filter(total => total.currency === currency);
    const sum = { count: 0, amount: 0 };
    return [start, own.reduce((a, b) => ({ count: a.count + b.count, amount: a.amount + b.amount }), sum)];
  });
  return new Map(await Promise.all(sums));
}

function between(from: number, to: number) {
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}
