/** Held against sums made by hand from the price lists, for the reference fleet. */
import { describe, expect, it } from 'vitest';
import {
  plainCost,
  pollingCost,
  restingCost,
  type Scenario,
  watchedCost,
} from '../../cli/cost/cost-model.ts';
import { dollarsFor, invocationOf, MINUTES_PER_MONTH } from '../../local/billing/prices.ts';

/** Two pushes a minute. */
const fleet = { stores: 1_000, salesPerMinute: 7, updatesPerDay: 2_880 };

function dollarsOf({ lines }: Scenario, item: string): number {
  const found = lines.filter(line => line.item === item);
  expect(found.map(line => line.item)).toEqual([item]);
  return found[0]?.dollars ?? Number.NaN;
}

describe('a month of 1,000 stores that sell 7 times a minute, and two updates a minute', () => {
  it.each<[string, number]>([
    // 43.83 M minutes × $0.25/M
    ['connections', 10.96],
    // 43.8246 M × (2 messages × $1 + 3 × $0.125 + $0.20 + 0.015 s × 0.25 GB × $13.3334 + 300 B × $0.000466)/M
    ['reports', 121.16],
    // 43.83 M × 86.5 % × $0.625/M
    ['where stores stand', 23.69],
    // 43.79 M × one write of 250 + 7 × 100 bytes
    ['sales: minutes', 27.37],
    ['sales: index of minutes', 27.37],
    // 87.66 M posts × $1/M
    ['updates: posts', 87.66],
    // In 43.83 M × 86.5 % reports, × $0.625/M
    ['updates: receipts', 23.69],
    // 43,830 × (2 × 16 items + 8 marks) × $0.625/M, and 70 × $0.125/M of reads
    ['updates: receipts gathered', 1.51],
    // 43,830 × (20 × $0.125 + $0.25 + 300 B × $0.000466)/M
    ['gauge of connected stores', 0.13],
    // 5 pollers × 3 a minute × 43,830 × $0.40/M
    ['redelivery queue', 0.26],
  ])('pays at rest for %s $%d', (item, dollars) => {
    expect(dollarsOf(restingCost(fleet), item)).toBeCloseTo(dollars, 1);
  });

  it('pays while watched for each sale: a frame, its answer, and the minute once more', () => {
    const watched = watchedCost(fleet);
    // 306.81 M × (2 + 0.375 + 0.25 + 0.14)/M
    expect(dollarsOf(watched, 'reports: sales')).toBeCloseTo(848.2, 0);
    // A minute is written 7 times, of 530, 810, 1,090 … 2,210 bytes: 13 units × 43.83 M × $0.625/M
    expect(dollarsOf(watched, 'sales: minutes')).toBeCloseTo(356.1, 0);
    expect(dollarsOf(watched, 'sales: index of minutes')).toBeCloseTo(191.8, 0);
  });

  it.each<['httpRequest' | 'restRequest', boolean, number, number]>([
    // 306.81 M or 43.83 M × ($1 or $3.50 + $0.25 + $0.14)/M, 87.66 M × ($1 or $3.50 + $0.25 + $0.14 + $0.125)/M
    ['httpRequest', false, 426.4, 132.8],
    ['httpRequest', true, 60.9, 132.8],
    ['restRequest', false, 1_193.4, 351.9],
  ])('pays a polled %s (gathered: %s)', (api, gathered, sales, polls) => {
    const polling = pollingCost(fleet, api, gathered);
    expect(dollarsOf(polling, 'sales: requests')).toBeCloseTo(sales, 0);
    expect(dollarsOf(polling, 'polls')).toBeCloseTo(polls, 0);
  });

  it('costs at rest less than a sixth of a polled REST API, and is the sum of its lines', () => {
    const { dollars, lines } = restingCost(fleet);
    expect(dollars).toBeCloseTo(
      lines.reduce((sum, line) => sum + line.dollars, 0),
      6,
    );
    expect(dollars / pollingCost(fleet, 'restRequest').dollars).toBeLessThan(0.16);
    expect(plainCost(fleet).dollars).toBeGreaterThan(4 * dollars);
  });
});

it('a store that sells nothing pings, and its minutes are not written', () => {
  const idle = restingCost({ stores: 1, salesPerMinute: 0.001, updatesPerDay: 0.001 });
  expect(dollarsOf(idle, 'pings')).toBeGreaterThan(50 * dollarsOf(idle, 'reports'));
  expect(dollarsOf(idle, 'sales: minutes')).toBeCloseTo((0.001 * MINUTES_PER_MONTH * 0.625) / 1_000_000, 5);
});

it('a broadcast to 1,000 stores in a second of 1,769 MB costs a tenth of a cent', () => {
  // 1,000 × $1/M + $0.20/M + 1.7275 GB-s × $13.3334/M
  const dollars = dollarsFor({ message: 1_000, ...invocationOf(1_000, 1_769) });
  expect(dollars).toBeCloseTo(0.001 + 0.0000002 + 0.00002303, 7);
});
