import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkSale, type Sale } from '../../../domain/sales/sale.ts';
import { names } from '../arbitraries.ts';
import { ringUp } from '../till.ts';
import { good, LARGEST, NOW, taken, withLine } from './checked-sales.ts';

describe('whatever is sent', () => {
  const fields = fc.constantFrom<keyof Sale>(
    'saleId',
    'soldAt',
    'currency',
    'total',
    'lines',
    'discounts',
    'taxes',
  );
  const broken: fc.Arbitrary<unknown> = fc.oneof(
    fc.anything(),
    fc.tuple(fields, fc.anything()).map(([part, value]) => ({ ...good, [part]: value })),
    fc.tuple(fields, fc.jsonValue()).map(([part, value]) => ({ ...good, [part]: value })),
    fc.anything().map(more => ({ ...good, more })),
    fc.array(fc.anything(), { maxLength: 3 }).map(lines => ({ ...good, lines })),
    fc.dictionary(fc.constantFrom('sku', 'quantity', 'unitPrice', '__proto__'), fc.anything()).map(withLine),
  );

  it('is answered, in few words, never by a throw', () => {
    fc.assert(
      fc.property(broken, fc.integer(), (value, now) => {
        const checked = checkSale(value, now);
        if ('sale' in checked) return;
        const { saleId, message } = checked.refused;
        expect(message).not.toBe('');
        expect(message.length).toBeLessThan(3_200);
        expect((saleId ?? '').length).toBeLessThanOrEqual(64);
      }),
      { numRuns: 2_000 },
    );
  });

  const quantities = fc.oneof(
    fc.integer({ min: -5, max: 5 }),
    fc.integer({ min: -5_000, max: 5_000 }).map(grams => grams / 1_000),
    fc.constantFrom(LARGEST, -LARGEST, LARGEST - 1, 2 ** 26 + 1),
  );
  const prices = fc.oneof(
    fc.integer({ min: 0, max: 500 }),
    fc.constantFrom(LARGEST, LARGEST - 1, 2 ** 27 + 1),
  );
  const rarely = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 3 });
  const money = fc.integer({ min: -900, max: 900 });
  const discounts = rarely(
    fc.array(fc.record({ amount: fc.oneof(fc.integer({ min: 1, max: 99 }), fc.constant(LARGEST)) }), {
      maxLength: 2,
    }),
  );
  const soldLines = fc.record({
    sku: names,
    quantity: quantities,
    unitPrice: prices,
    amount: rarely(fc.oneof(money, fc.constantFrom(LARGEST, -LARGEST))),
    discounts,
  });
  const lines = fc.array(soldLines, { maxLength: 6 });
  const taxes = rarely(
    fc.array(
      fc.record({
        code: names,
        percent: fc.double({ min: 0, max: 30, noNaN: true }),
        base: money,
        amount: money,
        included: fc.boolean(),
      }),
      { maxLength: 3 },
    ),
  );
  const parts = fc.record({ lines, discounts, taxes, rounding: rarely(fc.integer({ min: -4, max: 4 })) });
  const errors = fc.oneof(fc.constant(0), fc.constantFrom<number>(1, -1, 100));

  it('is taken only if it adds up to its total, to the last unit', () => {
    let accepted = 0;
    fc.assert(
      fc.property(parts, errors, (some, error) => {
        const thousandths = exactTotal(some as never);
        const total = Number(thousandths / 1_000n) + error;
        const checked = checkSale({ ...good, ...some, total }, NOW);
        if ('refused' in checked) return;
        accepted += 1;
        expect(BigInt(checked.sale.total) * 1_000n).toBe(thousandths);
      }),
      { numRuns: 5_000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  it('is taken the same once more, if it is taken', () => {
    const soldAts = fc.date({
      min: new Date(NOW - 400 * 86_400_000),
      max: new Date(NOW),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(names, soldAts, lines, (saleId, soldAt, some) => {
        const sale = ringUp(saleId, { soldAt: soldAt.toISOString(), lines: some as Sale['lines'] });
        const checked = checkSale(sale, NOW);
        if ('sale' in checked) expect(taken(JSON.parse(JSON.stringify(checked.sale)))).toEqual(checked.sale);
      }),
    );
  });
});

/** What a sale comes to, in thousandths of minor units: the three decimals of its quantities. */
function exactTotal({ lines: sold, discounts = [], taxes = [], rounding = 0 }: Sale): bigint {
  const sum = (amounts: readonly number[]) => amounts.reduce((all, one) => all + BigInt(one), 0n);
  const amounts = sold.map(({ quantity, unitPrice, amount }) =>
    amount === undefined
      ? BigInt(quantity.toFixed(3).replace('.', '')) * BigInt(unitPrice)
      : BigInt(amount) * 1_000n,
  );
  const off = [...discounts, ...sold.flatMap(line => line.discounts ?? [])].map(({ amount }) => amount);
  const added = taxes.filter(({ included }) => !included).map(({ amount }) => amount);
  return amounts.reduce((all, one) => all + one, 0n) + 1_000n * (sum(added) + BigInt(rounding) - sum(off));
}
