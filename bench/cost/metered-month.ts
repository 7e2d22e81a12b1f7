/** A month by what was metered: what lies between two readings of a cloud, a minute of it 43,830 times. */
import type { Bill } from '../../local/billing/priced-usage.ts';
import { MINUTES_PER_MONTH, PRICES } from '../../local/billing/prices.ts';

/** What a cloud has come to. */
export interface Metered {
  bill: Bill;
  cpuMs: number;
}

export interface MeteredMonth {
  /** By the bill's own names. */
  items: Record<string, { count: number; dollars: number }>;
  dollars: number;
  /** Of the local cloud, in a minute by its clock. */
  cpuMs: number;
}

const HTTP_REQUESTS = 'HTTP requests';

export function monthBetween(before: Metered, after: Metered): MeteredMonth {
  const minutes = (after.bill.seconds - before.bill.seconds) / 60;
  const times = MINUTES_PER_MONTH / minutes;
  const items = Object.fromEntries(
    after.bill.items.map(({ item, count, dollars }) => {
      const was = itemOf(before.bill, item);
      return [item, { count: (count - was.count) * times, dollars: (dollars - was.dollars) * times }];
    }),
  );
  return { items, dollars: sumOf(items), cpuMs: (after.cpuMs - before.cpuMs) / minutes };
}

/** A month of `month` and, once in so many minutes, of what happened between two readings. */
export function withEvery(
  month: MeteredMonth,
  minutes: number,
  before: Metered,
  after: Metered,
): MeteredMonth {
  const times = MINUTES_PER_MONTH / minutes;
  return combine(month, name => {
    const [was, is] = [itemOf(before.bill, name), itemOf(after.bill, name)];
    return { count: (is.count - was.count) * times, dollars: (is.dollars - was.dollars) * times };
  });
}

/** The same requests at the price of a REST API, which the local cloud doesn't run. */
export function atRestPrice(month: MeteredMonth): MeteredMonth {
  return combine(month, (name, { count, dollars }) =>
    name === HTTP_REQUESTS
      ? { count: 0, dollars: (count * PRICES.restRequest) / 1_000_000 - dollars }
      : { count: 0, dollars: 0 },
  );
}

/** `share` of the way from one month to another. */
export function between(one: MeteredMonth, other: MeteredMonth, share: number): MeteredMonth {
  const mixed = combine(one, (name, { count, dollars }) => ({
    count: ((other.items[name]?.count ?? 0) - count) * share,
    dollars: ((other.items[name]?.dollars ?? 0) - dollars) * share,
  }));
  return { ...mixed, cpuMs: one.cpuMs + (other.cpuMs - one.cpuMs) * share };
}

type Item = MeteredMonth['items'][string];

function combine(month: MeteredMonth, added: (name: string, item: Item) => Item): MeteredMonth {
  const items = Object.fromEntries(
    Object.entries(month.items).map(([name, item]) => {
      const more = added(name, item);
      return [name, { count: item.count + more.count, dollars: item.dollars + more.dollars }];
    }),
  );
  return { ...month, items, dollars: sumOf(items) };
}

function sumOf(items: MeteredMonth['items']): number {
  return Object.values(items).reduce((sum, { dollars }) => sum + dollars, 0);
}

function itemOf({ items }: Bill, name: string): Item {
  return items.find(({ item }) => item === name) ?? { count: 0, dollars: 0 };
}
