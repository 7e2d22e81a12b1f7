import { expect, it } from 'vitest';
import { Comparison, isMet, median } from '../../bench/benchmark.ts';
import { describeGoal, headlineTable } from '../../bench/results-report.ts';

it('takes the median of an even and an odd number of runs', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
});

it('compares run by run, so that a busy minute of the machine counts for both sides', () => {
  const comparison = new Comparison('ms', 'baseline');
  for (const [baseline, ours] of [
    [100, 10],
    [900, 100],
    [200, 25],
  ] as const) {
    comparison.add('baseline', baseline);
    comparison.add('ours', ours);
  }
  expect(comparison.timesLess('ours')).toBe(9);
  expect(comparison.rows().map(({ variant, median: middle }) => [variant, middle])).toEqual([
    ['baseline', 200],
    ['ours', 25],
  ]);
});

it('says of each goal what was measured and what it must be', () => {
  const goal = {
    what: 'import',
    value: 41.234,
    unit: ' ms',
    must: 55,
    moonshot: 40,
    better: 'less',
  } as const;
  expect(isMet(goal)).toBe(true);
  expect(isMet({ ...goal, better: 'more' })).toBe(false);
  expect(headlineTable([goal])).toContain('| import | **41.2 ms** | ≤ 55 ms |');
  expect(describeGoal(goal)).toBe('✔ import: 41.2 ms (must: ≤ 55 ms, moonshot: 40 ms)');
});

it('keeps a figure whose goal was retired in the table, with the reason in the place of the bound', () => {
  const retired = { what: 'posts', value: 3.26, unit: '×', retired: 'near its floor' };
  expect(headlineTable([retired])).toContain('| posts | **3.26×** | none: near its floor |');
  expect(describeGoal(retired)).toBe('· posts: 3.26× (none: near its floor)');
});
