import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { skuTotals, Totals } from '../../../domain/sales/sales-sums.ts';
import { names } from '../arbitraries.ts';
import { ringUp } from '../till.ts';

const keys = fc.oneof(names, fc.constantFrom('', '2024-03-01T08:00Z', 'constructor', '__proto__', 'A'));
const currencies = fc.constantFrom('EUR', 'CHF', 'JPY');
const counts = fc.integer({ min: -1_000, max: 1_000_000 });
const additions = fc.array(fc.tuple(keys, currencies, counts, counts), { maxLength: 40 });
type Addition = [key: string, currency: string, count: number, amount: number];

function totalsOf(some: readonly Addition[]): Totals {
  const totals = new Totals();
  for (const addition of some) totals.add(...addition);
  return totals;
}

describe('totals', () => {
  it('are the plain sums by key and currency, each once, in order', () => {
    fc.assert(
      fc.property(additions, some => {
        const list = totalsOf(some).list();
        const ids = list.map(({ key, currency }) => `${key} ${currency}`);
        expect(ids).toEqual([...new Set(some.map(([key, currency]) => `${key} ${currency}`))].sort());
        for (const { key, currency, count, amount } of list) {
          const own = some.filter(([k, c]) => k === key && c === currency);
          expect([count, amount]).toEqual([
            own.reduce((sum, [, , one]) => sum + one, 0),
            own.reduce((sum, [, , , one]) => sum + one, 0),
          ]);
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
