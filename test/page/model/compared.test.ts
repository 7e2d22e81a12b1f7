/** What drives the figures, and where tills charge otherwise. */
import { expect, it } from 'vitest';
import { ArticleNames } from '../../../page/model/article-names.ts';
import { auditFigures, mostWrong } from '../../../page/model/watched/audit-figures.ts';
import { inOrder, productFigures } from '../../../page/model/watched/product-figures.ts';

const sold = (sku: string, amount: number, currency = 'EUR') => ({
  sku,
  unit: 'C62',
  count: 1,
  amount,
  currency,
});

it('puts products in the order of revenue, gain and loss; one that was sold yesterday alone is lost', () => {
  const today = [sold('A', 300), sold('B', 500), sold('B', 9_000, 'CHF')];
  const before = [sold('A', 100), sold('B', 600), sold('C', 400)];
  const figures = productFigures(today, before, 'EUR');
  const ids = (order: 'revenue' | 'gained' | 'lost') => inOrder(figures, order).map(({ sku }) => sku);
  expect(ids('revenue')).toEqual(['B', 'A', 'C']);
  expect(ids('gained')).toEqual(['A']);
  expect(ids('lost')).toEqual(['C', 'B']);
});

it('shares out wrong lines over those that can be compared alone', () => {
  const line = (store: string, counts: object) => ({
    ...{ store, exact: 0, over: 0, under: 0, unlisted: 0, overAmount: 0, underAmount: 0 },
    ...counts,
  });
  const lines = [
    line('a', { exact: 90, unlisted: 500 }),
    line('b', { over: 4, overAmount: 40 }),
    line('c', { under: 6, exact: 100 }),
  ];
  expect(auditFigures(lines)).toMatchObject({ exact: 190, over: 4, under: 6, unlisted: 500, share: 0.05 });
  expect(mostWrong(lines).map(({ store }) => store)).toEqual(['c', 'b']);
  expect(auditFigures([line('a', { unlisted: 5 })]).share).toBeUndefined();
});

it('calls an article what it was called last, whichever is heard last', () => {
  const names = new ArticleNames();
  names.take([{ sku: 'A', name: 'New' }], '2026-12-01T08:00:00.000Z');
  names.take([{ sku: 'A', name: 'Old' }, { sku: 'B' }], '2026-11-01T08:00:00.000Z');
  expect([names.of('A'), names.of('B')]).toEqual(['New', undefined]);
});
