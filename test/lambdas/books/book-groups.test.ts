import { describe, expect, it } from 'vitest';
import { agreedHash, type BookHolder, bookGroups } from '../../../lambdas/books/book-groups.ts';

const holder = (storeId: string, change: Partial<BookHolder> = {}): BookHolder => ({
  storeId,
  region: 'north',
  groups: ['city', 'big'],
  positions: { all: 7, 'region/north': 2, [`store/${storeId}`]: 0 },
  book: 'aa',
  firstSeenAt: 0,
  lastSeenAt: 0,
  wentOffAt: undefined,
  revokedAt: undefined,
  ...change,
});

describe('stores of equal books', () => {
  it.each<[string, Partial<BookHolder>, number]>([
    ['are those of one place at the same positions', {}, 1],
    ['may name their groups in another order', { groups: ['big', 'city'] }, 1],
    ['are not those of another region', { region: 'south' }, 2],
    ['are not those of other groups', { groups: ['city'] }, 2],
    ['are not those of another time zone', { timeZone: 'Europe/Kyiv' }, 2],
    ['are not those that stand elsewhere', { positions: { all: 6, 'region/north': 2, 'store/2': 0 } }, 2],
    [
      'are not those with something of their own',
      { positions: { all: 7, 'region/north': 2, 'store/2': 1 } },
      2,
    ],
  ])('%s', (_name, change, groups) => {
    expect(bookGroups([holder('1'), holder('2', change)])).toHaveLength(groups);
  });
});

describe('what most of a group agree on', () => {
  it.each<[string[], string | undefined]>([
    [['aa', 'aa', 'bb'], 'aa'],
    [['aa', 'aa', 'aa'], 'aa'],
    [['aa', 'bb', 'cc'], undefined],
    [['aa', 'aa', 'bb', 'bb'], undefined],
    // Two witnesses don't tell who of them is right, not even where they agree.
    [['aa', 'aa'], undefined],
    [['aa'], undefined],
  ])('of %j is %s', (books, expected) => {
    expect(agreedHash(books.map((book, index) => holder(String(index), { book })))).toBe(expected);
  });
});
