import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addAudit, encodeSold, sumsIn } from '../../../domain/sales/article-sums.ts';
import { AuditTotals, auditedLines, auditOf, isOffPrice } from '../../../domain/sales/price-audit.ts';
import type { Sale } from '../../../domain/sales/sale.ts';
import { skuTotals } from '../../../domain/sales/sales-sums.ts';
import { ringUp } from '../till.ts';

type SaleLine = Sale['lines'][number];

describe('a line', () => {
  it.each<[string, Partial<SaleLine>, object]>([
    ['as listed', { listed: 199 }, { exact: 1 }],
    ['that lists nothing', {}, { unlisted: 1 }],
    ['above it', { listed: 189 }, { over: 1, overAmount: 20 }],
    ['below it', { listed: 200 }, { under: 1, underAmount: 2 }],
    ['of something free', { listed: 0 }, { over: 1, overAmount: 398 }],
    ['of a bundle at half the price', { listed: 398, amount: 796, unitPrice: 1 }, { exact: 1 }],
    ['whose amount is the truth', { listed: 199, amount: 399, unitPrice: 199 }, { over: 1, overAmount: 1 }],
    // 0.482 kg at 12.99 are 6.26118: tills round as they like.
    ['weighed, rounded down', { quantity: 0.482, unit: 'KGM', amount: 626, listed: 1_299 }, { exact: 1 }],
    ['weighed, rounded up', { quantity: 0.482, unit: 'KGM', amount: 627, listed: 1_299 }, { exact: 1 }],
    [
      'weighed, wrong',
      { quantity: 0.482, unit: 'KGM', amount: 628, listed: 1_299 },
      { over: 1, overAmount: 2 },
    ],
  ])('%s', (_name, change, expected) => {
    expect(auditOf({ sku: 'A', quantity: 2, unitPrice: 199, ...change })).toMatchObject(expected);
  });

  it.each<[string, Partial<Sale>]>([
    ['that comes back', { lines: [{ sku: 'A', quantity: -1, unitPrice: 199, listed: 100 }] }],
    ['of a return', { type: 'return' }],
    ['of a void', { type: 'void' }],
  ])('%s is not compared', (_name, change) => {
    expect(auditedLines(ringUp('S', change))).toEqual([]);
  });
});

const Line = fc.record({
  sku: fc.constantFrom('A', 'B', 'gouda', '4006381333931'),
  unit: fc.constantFrom(undefined, 'KGM'),
  quantity: fc.integer({ min: -2, max: 4 }).filter(quantity => quantity !== 0),
  unitPrice: fc.constantFrom(99, 100),
  listed: fc.constantFrom(undefined, 99, 100, 100, 100),
});
const Sales = fc.array(
  fc
    .record({
      currency: fc.constantFrom('EUR', 'CHF'),
      type: fc.constantFrom(undefined, 'return' as const),
      lines: fc.array(Line, { minLength: 1, maxLength: 4 }),
    })
    .map(change => ringUp('S', JSON.parse(JSON.stringify(change)))),
  { maxLength: 5 },
);

describe('what a write says of its articles', () => {
  const audit = (sold: string) => {
    const totals = new AuditTotals();
    addAudit(totals, sold, sku => sku);
    return totals.list().filter(({ exact, over, under, unlisted }) => exact + over + under + unlisted > 0);
  };

  it('has the sums by SKU, and how each line compares', () => {
    fc.assert(
      fc.property(Sales, sales => {
        const sold = encodeSold(sales);
        expect(sumsIn(sold)).toBe(skuTotals(sales).encode());
        const direct = new AuditTotals();
        for (const sale of sales)
          for (const line of auditedLines(sale)) direct.add(line.sku, sale.currency, auditOf(line));
        expect(audit(sold)).toEqual(direct.list());
      }),
    );
  });

  it('is hardly longer where all is as listed', () => {
    const lines = [
      { sku: 'A', quantity: 2, unitPrice: 199, listed: 199 },
      { sku: 'B', unit: 'KGM', quantity: 0.482, unitPrice: 1_299, amount: 626, listed: 1_299 },
    ];
    expect(encodeSold([ringUp('S', { lines, total: 1_024 })])).toBe('EUR A 2 398 B/KGM 0.482 626|0:1');
  });

  it('of before there was an audit is unlisted', () => {
    expect(audit('EUR A 2 398')).toMatchObject([{ key: 'A', exact: 0, unlisted: 2 }]);
  });

  it('adds up over writes and hours', () => {
    fc.assert(
      fc.property(Sales, Sales, (one, other) => {
        const [apart, together] = [new AuditTotals(), new AuditTotals()];
        for (const sales of [one, other]) addAudit(apart, encodeSold(sales), sku => sku);
        together.addEncoded(apart.encode());
        expect(together.list()).toEqual(apart.list());
      }),
    );
  });
});

it.each([
  [{ exact: 49, over: 0, under: 1 }, false],
  [{ exact: 48, over: 1, under: 1 }, true],
  // Of fewer than 50 one would be too many.
  [{ exact: 48, over: 1, under: 0 }, false],
  [{ exact: 980, over: 20, under: 0 }, false],
  [{ exact: 979, over: 0, under: 21 }, true],
])('a store with %o is off price: %s', (counts, expected) => {
  expect(isOffPrice(counts)).toBe(expected);
});
