import { expect, it } from 'vitest';
import { inForceAt } from '../../../domain/book/price-steps.ts';
import type { PriceType } from '../../../domain/retail/price.ts';
import { periodIn } from '../../../domain/retail/validity.ts';

const DAY = 86_400_000;
const START = Date.parse('2026-06-01T00:00:00Z');
const day = (n: number) => new Date(START + n * DAY).toISOString();

interface Said {
  /** Day of publication. */
  on: number;
  amount: number;
  type?: PriceType;
  from?: number;
  until?: number;
  currency?: string;
}

/** What is said of the SKU `A` at a day: by type the amount, since and until when, and the lowest before. */
function saidAt(prices: readonly Said[], at: number) {
  const all = prices.map(({ amount, currency = 'EUR', from, on, type, until }, index) => ({
    ...{ sku: 'A', amount, currency, updateId: `u${index}`, publishedAt: day(on) },
    ...(type === undefined ? {} : { priceType: type }),
    validFrom: from === undefined ? null : day(from),
    validUntil: until === undefined ? null : day(until),
  }));
  return inForceAt(all, price => periodIn('UTC', price), START + at * DAY).map(
    ({ lowest30Days, price, since, until }) => [
      price.amount,
      (since - START) / DAY,
      (until - START) / DAY,
      lowest30Days,
    ],
  );
}

const NEVER = Number.POSITIVE_INFINITY;

it.each<[string, Said[], number, number[][]]>([
  ['nothing before it is published', [{ on: 5, amount: 100 }], 4, []],
  ['a first price, whose own amount is the lowest', [{ on: 0, amount: 100 }], 1, [[100, 0, NEVER, 100]]],
  [
    'a reduced price beside the lowest of before',
    [
      { on: 0, amount: 200 },
      { on: 1, amount: 180 },
      { on: 2, amount: 190 },
      { on: 20, amount: 150 },
    ],
    25,
    [[150, 20, NEVER, 180]],
  ],
  [
    'what was lower more than 30 days before it no more',
    [
      { on: 0, amount: 100 },
      { on: 10, amount: 200 },
      { on: 41, amount: 150 },
    ],
    60,
    [[150, 41, NEVER, 200]],
  ],
  [
    'a past price until it was replaced',
    [
      { on: 0, amount: 200 },
      { on: 9, amount: 150 },
    ],
    5,
    [[200, 0, 9, 200]],
  ],
  [
    'a scheduled price that is to come',
    [
      { on: 0, amount: 200 },
      { on: 1, amount: 150, from: 10, until: 20 },
    ],
    12,
    [[150, 10, 20, 200]],
  ],
  [
    'a price that is in force again, since then',
    [
      { on: 0, amount: 200 },
      { on: 1, amount: 150, from: 10, until: 20 },
    ],
    22,
    [[200, 20, NEVER, 150]],
  ],
  [
    'a price that was published late, from then on',
    [
      { on: 0, amount: 200 },
      { on: 5, amount: 150, from: 1 },
    ],
    6,
    [[150, 5, NEVER, 200]],
  ],
  [
    'each type and currency, beside what anybody has paid',
    [
      { on: 0, amount: 200 },
      { on: 0, amount: 170, currency: 'CHF' },
      { on: 3, amount: 120, type: 'member' },
      { on: 5, amount: 150, type: 'promotional', until: 9 },
    ],
    7,
    [
      [200, 0, NEVER, 200],
      [170, 0, NEVER, 170],
      [120, 3, NEVER, 200],
      [150, 5, 9, 200],
    ],
  ],
  [
    'a regular price after a promotion, whose price is the lowest',
    [
      { on: 0, amount: 200 },
      { on: 5, amount: 150, type: 'promotional', until: 9 },
    ],
    10,
    [[200, 0, NEVER, 150]],
  ],
])('tells %s', (_, prices, at, expected) => {
  expect(saidAt(prices, at)).toEqual(expected);
});
