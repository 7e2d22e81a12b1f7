import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PriceBook } from '../../../domain/book/price-book.ts';
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

/** Prices of the SKU `A` as a book has them. */
function written(prices: readonly Said[]) {
  return prices.map(({ amount, currency = 'EUR', from, on, type, until }, index) => ({
    ...{ sku: 'A', amount, currency, updateId: `u${index}`, publishedAt: day(on) },
    ...(type === undefined ? {} : { priceType: type }),
    validFrom: from === undefined ? null : day(from),
    validUntil: until === undefined ? null : day(until),
  }));
}

/** What is said of it at a day: by type the amount, since and until when, and the lowest before. */
function saidAt(prices: readonly Said[], at: number) {
  return inForceAt(written(prices), price => periodIn('UTC', price), START + at * DAY).map(
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

describe('a till that has forgotten what was replaced', () => {
  /** A book that was told of each price when it was published, and saved and loaded in between. */
  function bookOf(prices: readonly Said[]): PriceBook {
    let book = new PriceBook();
    for (const { publishedAt, updateId, validFrom, validUntil, ...price } of written(prices)) {
      const update = { id: updateId, kind: 'price.changed' as const, publishedAt, validFrom, validUntil };
      book.apply({ ...update, positions: { all: 1 }, data: { prices: [price] } });
      book.prune(Date.parse(publishedAt));
      book = new PriceBook(JSON.parse(JSON.stringify(book.snapshot())));
    }
    return book;
  }

  it('tells the same lowest price of before', () => {
    const some = fc.record({
      // In all less than the 61 days for which what was replaced is remembered.
      waits: fc.nat(3),
      amount: fc.integer({ min: 1, max: 20 }),
      type: fc.constantFrom(undefined, undefined, 'promotional' as const, 'member' as const),
      starts: fc.constantFrom(undefined, undefined, 1, 4),
      lasts: fc.constantFrom(undefined, undefined, 2, 12),
    });
    fc.assert(
      fc.property(fc.array(some, { minLength: 1, maxLength: 12 }), fc.nat(9), (drawn, wait) => {
        let on = 0;
        const prices = drawn.map(({ amount, lasts, starts, type, waits }): Said => {
          on += waits + 0.1;
          const from = starts === undefined ? {} : { from: on + starts };
          const until = lasts === undefined ? {} : { until: on + (starts ?? 0) + lasts };
          return { on, amount, ...(type === undefined ? {} : { type }), ...from, ...until };
        });
        const at = Date.parse(day(on + wait));
        const told = bookOf(prices)
          .prices('A', at)
          .map(({ lowest30Days, updateId }) => [updateId, lowest30Days])
          .sort();
        const expected = inForceAt(written(prices), price => periodIn('UTC', price), at)
          .map(({ lowest30Days, price }) => [price.updateId, lowest30Days])
          .sort();
        expect(told).toEqual(expected);
      }),
      { numRuns: 1_000 },
    );
  });

  it('leaves out what is withdrawn', () => {
    const book = bookOf([
      { on: 0, amount: 200 },
      { on: 2, amount: 1 },
      { on: 3, amount: 150 },
    ]);
    const at = START + 4 * DAY;
    expect(book.prices('A', at)).toMatchObject([{ amount: 150, lowest30Days: 1 }]);
    const times = { publishedAt: day(4), validFrom: null, validUntil: null };
    book.apply({ id: 'w', kind: 'price.withdrawn', ...times, data: { updates: ['u1'], restored: [] } });
    expect(book.prices('A', at)).toMatchObject([{ amount: 150, lowest30Days: 200 }]);
  });
});
