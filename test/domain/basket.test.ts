import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BasketLine,
  type BasketOffer,
  QuoteError,
  type QuoteOptions,
  quote,
} from '../../domain/basket.ts';
import { checkSale } from '../../domain/sales/sale.ts';
import { bestByTrial } from './best-by-trial.ts';

const NOW = Date.parse('2026-11-28T11:00:00Z');
const UNTIL = '2027-01-01T00:00:00Z';
const PRICES: Record<string, { amount: number; unit?: string }> = {
  A: { amount: 199 },
  B: { amount: 249 },
  C: { amount: 120 },
  D: { amount: 5 },
  E: { amount: 0 },
  K: { amount: 1299, unit: 'KGM' },
};
const price = (sku: string) => {
  const known = PRICES[sku];
  return known === undefined ? undefined : { ...known, currency: 'EUR' };
};
const quoted = (
  lines: readonly BasketLine[],
  offers: readonly BasketOffer[],
  more: Partial<QuoteOptions> = {},
) => quote(lines, { at: NOW, price, offers, ...more });

const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 4 });
const pieces = (max: number) => fc.integer({ min: 1, max });
const discounts = fc.oneof(
  fc.constantFrom(10, 12.5, 33.3333, 50, 100).map(percent => ({ percent })),
  fc.integer({ min: 1, max: 300 }).map(amount => ({ amount, currency: 'EUR' })),
  fc.integer({ min: 0, max: 260 }).map(fixed => ({ price: fixed, currency: 'EUR' })),
);
const buys = fc.record({ quantity: pieces(2), get: pieces(2) });
const bundles = fc.record({
  quantity: pieces(3),
  price: fc.integer({ min: 0, max: 500 }),
  currency: fc.constant('EUR'),
});
const skuLists = (skus: string[]) => fc.uniqueArray(fc.constantFrom(...skus), { minLength: 1, maxLength: 3 });

const kinds = fc.oneof(
  discounts.map(discount => ({ discount })),
  fc.record({ discount: discounts, buy: buys }),
  bundles.map(bundle => ({ bundle })),
);
const conditions = fc.record({
  priority: some(fc.constantFrom(-1, 1)),
  combinable: fc.boolean(),
  minimum: some(fc.record({ amount: fc.integer({ min: 1, max: 900 }), currency: fc.constant('EUR') })),
});
const offersOf = (skus: string[], max: number, rest: fc.Arbitrary<object> = conditions) =>
  fc.array(fc.tuple(skuLists(skus), kinds, rest), { maxLength: max }).map(list =>
    list.map(
      ([own, kind, more], index): BasketOffer => ({
        offerId: `O${index}`,
        skus: own,
        validUntil: UNTIL,
        ...kind,
        ...more,
      }),
    ),
  );

const countedLines = fc.record({ sku: fc.constantFrom('A', 'B', 'C', 'D', 'E'), quantity: pieces(4) });
const weighedLines = fc.record({
  sku: fc.constant('K'),
  quantity: fc.integer({ min: 1, max: 3_000 }).map(grams => grams / 1_000),
});
const baskets = fc.array(fc.oneof({ weight: 4, arbitrary: countedLines }, weighedLines), { maxLength: 8 });
const offerLists = offersOf(['A', 'B', 'C', 'D', 'E', 'K'], 6);

const offOf = ({ discounts: own = [] }: { discounts?: { amount: number; offerId: string }[] }) =>
  own.reduce((sum, { amount }) => sum + amount, 0);

describe('a quote', () => {
  it('is never negative and never above what the lines cost, line by line, and adds up', () => {
    fc.assert(
      fc.property(baskets, offerLists, (basket, offers) => {
        const { lines, total } = quoted(basket, offers);
        for (const line of lines) {
          for (const discount of line.discounts ?? []) expect(discount.amount).toBeGreaterThan(0);
          expect(offOf(line)).toBeLessThanOrEqual(line.amount);
        }
        expect(total).toBe(lines.reduce((sum, line) => sum + line.amount - offOf(line), 0));
      }),
      { numRuns: 1_000 },
    );
  });

  it('is a sale that the chain takes', () => {
    fc.assert(
      fc.property(
        baskets.filter(basket => basket.length > 0),
        offerLists,
        (basket, offers) => {
          const { lines, total, currency } = quoted(basket, offers);
          const sale = { saleId: '1', soldAt: '2026-11-28T11:00:00.000Z', currency, total, lines };
          expect(checkSale(sale, NOW)).toEqual({ sale });
        },
      ),
    );
  });

  it('is the same whatever the order of the lines and of the offers', () => {
    const shuffled = fc
      .tuple(baskets, offerLists)
      .chain(([basket, offers]) =>
        fc.tuple(
          fc.constant({ basket, offers }),
          fc.shuffledSubarray(basket, { minLength: basket.length }),
          fc.shuffledSubarray(offers, { minLength: offers.length }),
        ),
      );
    const inOrder = (lines: readonly object[]) => lines.map(line => JSON.stringify(line)).sort();
    fc.assert(
      fc.property(shuffled, ([{ basket, offers }, lines, others]) => {
        const [one, other] = [quoted(basket, offers), quoted(lines, others)];
        expect(inOrder(other.lines)).toEqual(inOrder(one.lines));
        expect(other.total).toBe(one.total);
      }),
      { numRuns: 500 },
    );
  });

  it('is the same whether pieces of a SKU are on one line or on several', () => {
    fc.assert(
      fc.property(fc.array(countedLines, { maxLength: 8 }), offerLists, (basket, offers) => {
        const single = basket.flatMap(({ sku, quantity }) =>
          Array.from({ length: quantity }, () => ({ sku, quantity: 1 })),
        );
        const [one, other] = [quoted(basket, offers), quoted(single, offers)];
        const bySku = (lines: typeof one.lines) =>
          Object.fromEntries(
            Object.keys(PRICES).map(sku => {
              const own = lines.filter(line => line.sku === sku).flatMap(line => line.discounts ?? []);
              const ids = [...new Set(own.map(({ offerId }) => offerId))].sort();
              return [
                sku,
                ids.map(id => [id, offOf({ discounts: own.filter(({ offerId }) => offerId === id) })]),
              ];
            }),
          );
        expect(bySku(other.lines)).toEqual(bySku(one.lines));
      }),
      { numRuns: 500 },
    );
  });

  it('is the best for the customer of all that offers of one priority allow', () => {
    const few = fc.array(fc.constantFrom('A', 'B', 'C'), { minLength: 1, maxLength: 6 });
    const alone = offersOf(['A', 'B', 'C'], 3, fc.constant({}));
    fc.assert(
      fc.property(few, alone, (skus, offers) => {
        const { total } = quoted(
          skus.map(sku => ({ sku, quantity: 1 })),
          offers,
        );
        const undiscounted = skus.reduce((sum, sku) => sum + (PRICES[sku]?.amount ?? 0), 0);
        const priced = skus.map(sku => ({ sku, amount: PRICES[sku]?.amount ?? 0 }));
        expect(undiscounted - total).toBe(bestByTrial(priced, offers));
      }),
      { numRuns: 400 },
    );
  }, 60_000);

  it('puts a piece in one offer, unless all of its offers combine', () => {
    fc.assert(
      fc.property(fc.constantFrom('A', 'K'), offersOf(['A', 'K'], 6), (sku, offers) => {
        const [line] = quoted([{ sku, quantity: 1 }], offers).lines;
        const used = offers.filter(({ offerId }) => line?.discounts?.some(one => one.offerId === offerId));
        if (used.length > 1) expect(used.every(({ combinable }) => combinable)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps what a line holds besides', () => {
    const line = { sku: 'A', quantity: 1, gtin: '4006381333931', note: { gift: true } };
    const { lines } = quoted([line], []);
    expect(lines).toEqual([{ ...line, unitPrice: 199, amount: 199 }]);
  });

  it('changes nothing of its offers and lines', () => {
    const freeze = <T extends object>(value: T): T => {
      for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) freeze(part);
      return Object.freeze(value);
    };
    const offers: BasketOffer[] = freeze([
      {
        offerId: 'O',
        skus: ['A'],
        discount: { percent: 100 },
        buy: { quantity: 2, get: 1 },
        validUntil: UNTIL,
      },
    ]);
    expect(quoted(freeze([{ sku: 'A', quantity: 3 }]), offers).total).toBe(398);
  });

  it('takes offers as a store keeps them, with null where a side is open', () => {
    const offer = {
      offerId: 'O',
      skus: ['A'],
      discount: { percent: 100 },
      validFrom: null,
      validUntil: UNTIL,
    };
    expect(quoted([{ sku: 'A', quantity: 1 }], [offer]).total).toBe(0);
  });

  it('takes a thousand pieces that twenty overlapping sets contend for', () => {
    const skus = Array.from({ length: 20 }, (_, index) => `S${index}`);
    const offers = skus.map((_, index): BasketOffer => {
      const own = [0, 1, 2].map(step => `S${(index + step) % 20}`);
      const kind =
        index % 2 === 0
          ? { discount: { percent: 100 }, buy: { quantity: 2, get: 1 } }
          : { bundle: { quantity: 4, price: 300, currency: 'EUR' } };
      return { offerId: `O${index}`, skus: own, validUntil: UNTIL, ...kind };
    });
    const { total } = quoted(
      skus.map(sku => ({ sku, quantity: 50 })),
      offers,
      { price: () => ({ amount: 100, currency: 'EUR' }) },
    );
    expect(total).toBeLessThanOrEqual(100_000 * 0.75);
  });
});

describe('a basket without a price', () => {
  it.each<[string, BasketLine[], Partial<QuoteOptions>, string]>([
    ['a SKU that nobody priced', [{ sku: 'X', quantity: 1 }], {}, 'no_price'],
    ['a unit that is not the price’s', [{ sku: 'K', quantity: 1, unit: 'C62' }], {}, 'wrong_unit'],
    ['what comes back', [{ sku: 'A', quantity: -1 }], {}, 'invalid_quantity'],
    ['nothing of a SKU', [{ sku: 'A', quantity: 0 }], {}, 'invalid_quantity'],
    ['a quantity with four decimals', [{ sku: 'K', quantity: 0.0001 }], {}, 'invalid_quantity'],
    ['more than can be added up', [{ sku: 'A', quantity: 2 ** 50 }], {}, 'too_large'],
    [
      'two currencies',
      [
        { sku: 'A', quantity: 1 },
        { sku: 'B', quantity: 1 },
      ],
      { price: sku => ({ amount: 1, currency: sku === 'A' ? 'EUR' : 'CHF' }) },
      'mixed_currencies',
    ],
    [
      'more pieces than sets are made of',
      [{ sku: 'A', quantity: 10_001 }],
      { offers: [{ offerId: 'O', skus: ['A'], bundle: { quantity: 2, price: 300, currency: 'EUR' } }] },
      'too_large',
    ],
  ])('is refused, naming the SKU: %s', (_title, lines, more, code) => {
    try {
      quoted(lines, [], more);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(QuoteError);
      const { code: told, sku, message } = error as QuoteError;
      expect([told, message.includes(sku)]).toEqual([code, true]);
    }
  });
});
