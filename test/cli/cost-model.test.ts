/** Held against sums made by hand from the price lists, for the reference fleet. */
import { describe, expect, it } from 'vitest';
import { designCost, pollingCost, type Scenario } from '../../cli/cost/cost-model.ts';
import { dollarsFor, invocationOf, MINUTES_PER_MONTH } from '../../local/billing/prices.ts';

const fleet = { stores: 1_000, salesPerMinute: 7, updatesPerDay: 20 };

function dollarsOf({ lines }: Scenario, item: string): number {
  const found = lines.filter(line => line.item === item);
  expect(found.map(line => line.item)).toEqual([item]);
  return found[0]?.dollars ?? Number.NaN;
}

describe('a month of 1,000 stores that sell 7 times a minute', () => {
  it('has 306.81 million sales', () => {
    expect(fleet.stores * fleet.salesPerMinute * MINUTES_PER_MONTH).toBe(306_810_000);
  });

  it.each<[string, number, number]>([
    // 43.83 M minutes × $0.25/M
    ['connections', 1, 10.96],
    // 306.81 M frames × (2 messages × $1 + $0.20 + 0.015 s × 0.25 GB × $13.3334)/M
    ['sales: frames', 1, 690.32],
    ['sales: frames', 5, 138.06],
    ['sales: frames', 10, 69.03],
    ['sales: frames', 50, 13.81],
    // A minute is written 7 times, of 380, 660, 940, 1,220, 1,500, 1,780 and 2,060 bytes: 12 units × 43.83 M × $0.625/M
    ['sales: minutes', 1, 328.725],
    // 5 a frame: 2.2 writes a minute, of 2 units on average
    ['sales: minutes', 5, 120.53],
    // 7 × 43.83 M, and (7 + 4) / 5 × 43.83 M, × $0.625/M
    ['sales: index of minutes', 1, 191.76],
    ['sales: index of minutes', 5, 60.27],
    // 43.83 M × ($0.625 + $0.125)/M
    ["sales: a minute's first", 1, 32.87],
    // 10.9575 M × (2 + 0.25 + 0.625 + 5 × 0.125)/M
    ['heartbeats', 1, 38.35],
    // 398,455 × (2 + 4 × 0.25 + 5 × 0.625 + 5 × 0.125)/M
    ['new lines', 1, 2.69],
    // 20 × 30.4375 × 1,000 posts × $1/M
    ['updates: posts', 1, 0.61],
    // 608,750 × (2 + 0.25 + 2 × 0.625)/M
    ['updates: receipts', 1, 2.13],
    // 43,830 × (20 × $0.125 + $0.25)/M
    ['gauge of connected stores', 1, 0.12],
    // 5 pollers × 3 a minute × 43,830 × $0.40/M
    ['redelivery queue', 1, 0.26],
  ])('pays for %s, with %d sales a frame, $%d', (item, salesPerFrame, dollars) => {
    expect(dollarsOf(designCost(fleet, salesPerFrame), item)).toBeCloseTo(dollars, 2);
  });

  it('saves by larger frames what the same sums without an index say: $552 by 5, and $69 more by 10', () => {
    const [one, five, ten] = [1, 5, 10].map(batch => dollarsOf(designCost(fleet, batch), 'sales: frames'));
    expect((one ?? 0) - (five ?? 0)).toBeCloseTo(905 - 353, 0);
    expect((five ?? 0) - (ten ?? 0)).toBeCloseTo(353 - 284, 0);
  });

  it.each<['httpRequest' | 'restRequest', number, number]>([
    // 306.81 M × ($1 or $3.50 + $0.25)/M, 87.66 M × ($1 or $3.50 + $0.25 + $0.125)/M
    ['httpRequest', 383.51, 120.53],
    ['restRequest', 1_150.54, 339.68],
  ])('pays a polled %s 9,000 times a minute', (api, sales, polls) => {
    const polling = pollingCost(fleet, api);
    expect(dollarsOf(polling, 'sales: requests')).toBeCloseTo(sales, 1);
    expect(dollarsOf(polling, 'polls')).toBeCloseTo(polls, 1);
    expect(dollarsOf(polling, 'sales: minutes')).toBe(dollarsOf(designCost(fleet, 1), 'sales: minutes'));
  });

  it('is the sum of its lines', () => {
    const { dollars, lines } = designCost(fleet, 1);
    expect(dollars).toBeCloseTo(
      lines.reduce((sum, line) => sum + line.dollars, 0),
      6,
    );
    expect(dollars).toBeCloseTo(1_298.81, 1);
  });
});

it('writes a minute no more often than a store sells, however few that is', () => {
  const slow = { stores: 1, salesPerMinute: 0.1, updatesPerDay: 1 };
  const writes = (batch: number) => dollarsOf(designCost(slow, batch), 'sales: index of minutes');
  expect(writes(1)).toBeCloseTo((0.1 * MINUTES_PER_MONTH * 0.625) / 1_000_000, 9);
  expect(writes(10)).toBe(writes(1));
});

it('a broadcast to 1,000 stores in a second of 1,769 MB costs a tenth of a cent', () => {
  // 1,000 × $1/M + $0.20/M + 1.7275 GB-s × $13.3334/M
  const dollars = dollarsFor({ message: 1_000, ...invocationOf(1_000, 1_769) });
  expect(dollars).toBeCloseTo(0.001 + 0.0000002 + 0.00002303, 7);
});
