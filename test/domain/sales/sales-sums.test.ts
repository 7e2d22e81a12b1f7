import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scaledFromText } from '../../../domain/decimal.ts';
import { idOf, skuTotals, Totals } from '../../../domain/sales/sales-sums.ts';
import { names } from '../arbitraries.ts';
import { ringUp } from '../till.ts';

const keys = fc.oneof(names, fc.constantFrom('', '2024-03-01T08:00Z', 'constructor', '__proto__', 'A'));
const currencies = fc.constantFrom('EUR', 'CHF', 'JPY');
const LARGEST = Number.MAX_SAFE_INTEGER;
const amounts = fc.oneof(fc.integer({ min: -1_000, max: 1_000_000 }), fc.constantFrom(LARGEST, -LARGEST));
const counts = fc.oneof(
  fc.integer({ min: -1_000_000, max: 1_000_000 }).map(thousandths => thousandths / 1_000),
  fc.integer({ min: -1_000, max: 1_000_000 }),
  fc.constantFrom(LARGEST, -LARGEST),
);
const units = fc.constantFrom(undefined, 'C62', 'KGM', 'LTR');
const additions = fc.array(fc.tuple(keys, currencies, counts, amounts, units), { maxLength: 40 });
type Addition = [key: string, currency: string, count: number, amount: number, unit: string | undefined];

function totalsOf(some: readonly Addition[]): Totals {
  const totals = new Totals();
  for (const addition of some) totals.add(...addition);
  return totals;
}

describe('totals', () => {
  it('are the exact sums by key, unit and currency, each once, in order', () => {
    const idOfAddition = ([key, currency, , , unit = 'C62']: Addition) =>
      `${unit === 'C62' ? key : `${key}/${unit}`} ${currency}`;
    fc.assert(
      fc.property(additions, some => {
        const list = totalsOf(some).list();
        expect(list.map(idOf)).toEqual([...new Set(some.map(idOfAddition))].sort());
        for (const total of list) {
          const own = some.filter(addition => idOfAddition(addition) === idOf(total));
          const thousandths = own.reduce((sum, [, , one]) => sum + thousandthsOf(one), 0n);
          const amount = own.reduce((sum, [, , , one]) => sum + BigInt(one), 0n);
          // What is read is the JSON: its digits are all there, also where no double holds them.
          expect(BigInt(scaledFromText(JSON.stringify(total.count), 3))).toBe(thousandths);
          expect(JSON.stringify(total.amount)).toBe(String(amount));
        }
      }),
    );
  });

  it('are the same, however they were cut, encoded and added again', () => {
    fc.assert(
      fc.property(additions, fc.nat({ max: 40 }), (some, at) => {
        const again = new Totals();
        for (const part of [some.slice(0, at), some.slice(at)]) again.addEncoded(totalsOf(part).encode());
        expect(again.list()).toEqual(totalsOf(some).list());
      }),
    );
  });

  // A hundredth of a double's last place was lost with each sale, and differently in each order.
  it('stay exact past what a double holds', () => {
    const totals = totalsOf([
      ['A', 'EUR', LARGEST, LARGEST, undefined],
      ['A', 'EUR', 0.001, 2, undefined],
    ]);
    expect(totals.encode()).toBe('EUR A 9007199254740991.001 9007199254740993');
    totals.addEncoded(`EUR A -${LARGEST} -${LARGEST}`);
    expect(totals.list()).toEqual([{ key: 'A', currency: 'EUR', count: 0.001, amount: 2 }]);
  });

  it('refuse a count that could not be told exactly', () => {
    expect(() => new Totals().add('A', 'EUR', 0.0001, 1)).toThrow(RangeError);
  });

  it('of SKUs tell each unit for itself, in grams', () => {
    const weighed = (quantity: number, amount: number) => ({
      sku: 'A',
      quantity,
      unit: 'KGM',
      unitPrice: 1299,
      amount,
    });
    const sold = [
      ringUp('1', {
        lines: [weighed(0.1, 130), weighed(0.2, 260), { sku: 'A', quantity: 1, unitPrice: 500 }],
      }),
      ringUp('2', { lines: [weighed(-0.1, -130)] }),
    ];
    expect(skuTotals(sold).encode()).toBe('EUR A 1 500 A/KGM 0.2 260');
    expect(skuTotals(sold).list()).toEqual([
      { key: 'A', count: 1, amount: 500, currency: 'EUR' },
      { key: 'A', unit: 'KGM', count: 0.2, amount: 260, currency: 'EUR' },
    ]);
  });

  it('of SKUs are what was paid for them: less the discounts of their lines', () => {
    const line = { sku: 'A', quantity: 2, unitPrice: 199, discounts: [{ amount: 40 }, { amount: 8 }] };
    expect(skuTotals([ringUp('1', { lines: [line] })]).encode()).toBe('EUR A 2 350');
  });

  it('read what was written before there were units', () => {
    const totals = new Totals();
    totals.addEncoded('EUR A 2 398 B 1 50;CHF A 1 210');
    expect(totals.encode()).toBe('EUR A 2 398 B 1 50;CHF A 1 210');
  });

  it('of SKUs count pieces, and what came back against them', () => {
    const line = (sku: string, quantity: number) => ({ sku, quantity, unitPrice: 100 });
    const sold = [
      ringUp('1', { lines: [line('A', 2), line('B', 1), line('A', 1)] }),
      ringUp('2', { lines: [line('A', -1)] }),
      ringUp('3', { lines: [line('A', 1)], currency: 'CHF' }),
    ];
    expect(skuTotals(sold).encode()).toBe('EUR A 2 200 B 1 100;CHF A 1 100');
  });
});

function thousandthsOf(count: number): bigint {
  return Number.isInteger(count) ? BigInt(count) * 1_000n : BigInt(count.toFixed(3).replace('.', ''));
}
