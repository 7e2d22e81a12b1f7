/** Held against sums made by hand from the price lists, for the reference fleet; test/fleet/costs.test.ts meters a small one. */
import { describe, expect, it } from 'vitest';
import { type Fleet, keptSales, type Scenario, unitsOf, watchedFor } from '../../cli/cost/cost-lines.ts';
import { plainCost, restingCost, watchedCost } from '../../cli/cost/cost-model.ts';
import { pollingCost } from '../../cli/cost/polling-costs.ts';
import { dollarsFor, invocationOf, MINUTES_PER_MONTH } from '../../local/billing/prices.ts';

/** Two pushes a minute. */
const fleet: Fleet = { stores: 1_000, salesPerMinute: 7, linesPerSale: 4, updatesPerDay: 2_880 };

function dollarsOf({ lines }: Scenario, item: string): number {
  const found = lines.filter(line => line.item === item);
  expect(found.map(line => line.item)).toEqual([item]);
  return found[0]?.dollars ?? Number.NaN;
}

describe('a month of 1,000 stores that sell 7 times a minute, and two updates a minute', () => {
  it.each<[string, number]>([
    // 43.83 M minutes × $0.25/M
    ['connections', 10.96],
    // 43.8246 M × (2 messages × $1 + 2 × $0.125 + $0.20 + 0.015 s × 0.25 GB × $13.3334 + 591 B × $0.0000838)/M
    ['reports', 111.73],
    // 43.83 M × $0.625/M
    ['where stores stand', 27.39],
    // 43.79 M × a write of 938 bytes, which are stored and backed up with 100 more: $0.625 + 1,038 × ($0.000233 + $0.000186)
    ['sales: minutes', 46.3],
    ['sales: index of minutes', 31.5],
    // 87.66 M posts × ($1 + 300 B × $0.0000838)/M
    ['updates: posts', 89.86],
    // 43,830 × (10 × $0.125 + $0.25 + 348 B × $0.000466)/M
    ['gauge of connected stores', 0.07],
    // 5 pollers × 3 a minute × 43,830 × $0.40/M
    ['redelivery queue', 0.26],
  ])('pays at rest for %s $%d', (item, dollars) => {
    expect(dollarsOf(restingCost(fleet), item)).toBeCloseTo(dollars, 1);
  });

  it('pays while watched for each sale: a frame, its answer, and the minute once more', () => {
    const watched = watchedCost(fleet);
    // 7 sales in frames of half a second are 6.61: 289.9 M × (2 + 0.25 + 0.25 + 0.02)/M
    expect(dollarsOf(watched, 'reports: sales')).toBeCloseTo(731, -1);
    // A minute is written 7 times, of 1 to 3 KB
    expect(dollarsOf(watched, 'sales: minutes')).toBeGreaterThan(5 * 27);
    expect(dollarsOf(watched, 'sales: index of minutes')).toBeCloseTo(7 * 27.39 + 7.5, 0);
  });

  it.each<['httpRequest' | 'restRequest', boolean, number, number]>([
    // 306.81 M or 43.83 M × ($1 or $3.50 + $0.25 + $0.625, and what is stored)/M
    ['httpRequest', false, 645, 121],
    ['httpRequest', true, 100, 121],
    ['restRequest', false, 1_412, 340],
  ])('pays a polled %s (gathered: %s)', (api, gathered, sales, polls) => {
    const polling = pollingCost(fleet, api, gathered);
    expect(dollarsOf(polling, 'sales') / sales).toBeCloseTo(1, 1);
    expect(dollarsOf(polling, 'polls') / polls).toBeCloseTo(1, 1);
  });

  it('is the sum of its lines, whose units cost the same', () => {
    for (const scenario of [restingCost(fleet), watchedCost(fleet), plainCost(fleet)]) {
      const sum = scenario.lines.reduce((dollars, line) => dollars + line.dollars, 0);
      expect(scenario.dollars).toBeCloseTo(sum, 6);
      expect(dollarsFor(unitsOf(scenario))).toBeCloseTo(sum, 6);
    }
  });

  it('costs a fraction of a polled REST API at rest, and of plain tills', () => {
    const { dollars } = restingCost(fleet);
    expect(pollingCost(fleet, 'restRequest').dollars).toBeGreaterThan(4 * dollars);
    expect(plainCost(fleet).dollars).toBeGreaterThan(4 * dollars);
  });

  it('costs a part of the difference where it is watched for a part of the day', () => {
    const [resting, watched] = [restingCost(fleet), watchedCost(fleet)];
    expect(watchedFor(6, resting, watched).dollars).toBeCloseTo(
      resting.dollars * 0.75 + watched.dollars * 0.25,
      6,
    );
  });

  it('stores a month of sales, and more of them until they expire', () => {
    const resting = restingCost(fleet);
    const month = keptSales(resting, MINUTES_PER_MONTH / 1_440);
    // 43.79 M × (1,038 × ($0.25 + $0.20) + 403 × $0.25)/GB
    expect(month).toBeCloseTo(23.1, 0);
    expect(keptSales(resting, 400)).toBeCloseTo((month * 400) / (365.25 / 12), 6);
  });
});

it('nobody pays for receipts of no update', () => {
  const { lines, dollars } = restingCost({ ...fleet, updatesPerDay: 0 });
  expect(dollars).toBeGreaterThan(0);
  expect(lines.filter(({ item }) => item.startsWith('updates'))).toEqual([]);
});

it('a store that sells nothing pings, and its minutes are not written', () => {
  const idle = restingCost({ stores: 1, salesPerMinute: 0.001, linesPerSale: 4, updatesPerDay: 0.001 });
  expect(dollarsOf(idle, 'pings')).toBeGreaterThan(50 * dollarsOf(idle, 'reports'));
  expect(dollarsOf(idle, 'sales: minutes')).toBeLessThan(0.0001);
});

it('a broadcast to 1,000 stores in a second of 1,769 MB costs a tenth of a cent', () => {
  // 1,000 × $1/M + $0.20/M + 1.7275 GB-s × $13.3334/M
  const dollars = dollarsFor({ message: 1_000, ...invocationOf(1_000, 1_769) });
  expect(dollars).toBeCloseTo(0.001 + 0.0000002 + 0.00002303, 7);
});
