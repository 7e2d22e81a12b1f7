import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gapsOf, type NumberedSale } from '../../../domain/sales/gaps.ts';

const DAY = '2026-12-01';
const [BEFORE, AFTER] = ['2026-11-30', '2026-12-02'];

const sold = (businessDay: string, till: string | undefined, ...sequences: number[]): NumberedSale[] =>
  sequences.map(sequence => ({ businessDay, till, sequence, soldAt: `${businessDay}T10:00:00.000Z` }));

describe('the gaps of a day', () => {
  it('are the missing numbers of each till', () => {
    const sales = [...sold(DAY, '2', 1, 2, 3), ...sold(DAY, '10', 7, 5, 9, 5), ...sold(DAY, undefined, 4, 6)];
    expect(gapsOf(sales, DAY)).toEqual([
      { till: null, first: 4, last: 6, count: 2, missing: [5], missingCount: 1 },
      { till: '10', first: 5, last: 9, count: 3, missing: [6, 8], missingCount: 2 },
      { till: '2', first: 1, last: 3, count: 3, missing: [], missingCount: 0 },
    ]);
  });

  it.each<[string, NumberedSale[], number[]]>([
    ['begin after the last number of the day before', sold(BEFORE, '1', 1, 2), [3]],
    ['do not reach back where the till began again', sold(BEFORE, '1', 400, 500), []],
    ['are no numbers that came under another day', [...sold(BEFORE, '1', 2), ...sold(AFTER, '1', 3)], []],
    ['are not those after its last number', sold(AFTER, '1', 9), []],
    ['are not those of another till', sold(BEFORE, '2', 1), []],
  ])('%s', (_title, around, missing) => {
    expect(gapsOf([...around, ...sold(DAY, '1', 4, 5)], DAY)).toContainEqual(
      expect.objectContaining({ till: '1', first: 4, last: 5, missing }),
    );
  });

  it('are of the day of UTC where a sale names no business day', () => {
    const sale = (sequence: number, soldAt: string) => ({
      till: '1',
      sequence,
      soldAt,
      businessDay: undefined,
    });
    const sales = [sale(1, '2026-12-01T00:00:00.000Z'), sale(3, '2026-12-01T23:59:59.999Z')];
    expect(gapsOf(sales, DAY)).toMatchObject([{ missing: [2] }]);
    expect(gapsOf(sales, AFTER)).toEqual([]);
  });

  it('are counted though they are too many to be listed', () => {
    const [gaps] = gapsOf(sold(DAY, '1', 0, Number.MAX_SAFE_INTEGER), DAY);
    expect(gaps?.missing).toHaveLength(1_000);
    expect(gaps?.missingCount).toBe(Number.MAX_SAFE_INTEGER - 1);
  });

  it('and what is there make up all numbers from the first to the last', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 60 }), { minLength: 1 }), numbers => {
        const [gaps] = gapsOf(sold(DAY, '1', ...numbers), DAY);
        const all = [...new Set([...numbers, ...(gaps?.missing ?? [])])].sort((a, b) => a - b);
        const first = Math.min(...numbers);
        expect(all).toEqual(Array.from({ length: Math.max(...numbers) - first + 1 }, (_, i) => first + i));
        expect(gaps?.missing.filter(number => numbers.includes(number))).toEqual([]);
      }),
    );
  });
});
