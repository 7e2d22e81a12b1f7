/** Region by region: what was sold today and until the same minute yesterday, and how its stores are. */
import type { Store } from '../../../domain/protocol/http-api.ts';
import type { TotalBy } from '../../../domain/protocol/sales-answers.ts';

export interface RegionFigures {
  /** undefined for the stores of no region. */
  region: string | undefined;
  amount: number;
  before: number;
  count: number;
  stores: number;
  online: number;
  /** Stores that don't have everything that is published for them. */
  lacking: number;
}

export interface RegionTotals {
  today: readonly TotalBy<'region'>[];
  before: readonly TotalBy<'region'>[];
}

/** The one with most revenue first. */
export function regionFigures(
  stores: readonly Store[],
  { today, before }: RegionTotals,
  currency: string | undefined,
): RegionFigures[] {
  const sumOf = (totals: RegionTotals['today'], region: string | null) =>
    totals.find(total => total.region === region && total.currency === currency);
  const byRegion = Map.groupBy(stores, ({ region }) => region);
  const names = new Set([...byRegion.keys(), ...today.map(({ region }) => region)]);
  const figures = [...names].map((region): RegionFigures => {
    const own = byRegion.get(region) ?? [];
    return {
      region: region ?? undefined,
      amount: sumOf(today, region)?.amount ?? 0,
      count: sumOf(today, region)?.count ?? 0,
      before: sumOf(before, region)?.amount ?? 0,
      stores: own.length,
      online: own.filter(({ connected }) => connected).length,
      lacking: own.filter(({ behind }) => behind > 0).length,
    };
  });
  return figures.sort((a, b) => b.amount - a.amount || ((a.region ?? '') < (b.region ?? '') ? -1 : 1));
}
