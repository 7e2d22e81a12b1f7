import { describe, expect, it } from 'vitest';
import {
  addressOf,
  operations,
  readAnswer,
  salesTotalsBy,
  wholeList,
} from '../../../domain/protocol/http-api.ts';

const store = {
  storeId: '0001',
  region: null,
  groups: ['city'],
  connected: true,
  since: null,
  lastSeenAt: '2026-12-01T08:00:00.000Z',
  behind: 0,
};

describe('an answer', () => {
  it('is read as its operation says; what a newer chain adds is passed over', () => {
    const read = readAnswer(operations.getStore, { ...store, mood: 'good' });
    expect(read).toEqual(store);
    expect(readAnswer(operations.revokeStore, undefined)).toBeUndefined();
  });

  it.each<[string, unknown, string]>([
    ['that is missing', { items: [{ ...store, storeId: undefined }] }, 'items.0.storeId: '],
    [
      'that is not there',
      { items: [(({ behind: _, ...rest }) => rest)(store)] },
      'items.0.behind: is missing',
    ],
    ['of another type', { items: [{ ...store, groups: 'city' }] }, 'items.0.groups: '],
    ['that is the list itself', {}, 'items: is missing'],
  ])('is refused by the name of a field %s', (_, body, named) => {
    const reading = () => readAnswer(operations.listStores, body);
    expect(reading).toThrow(`the answer of GET /stores can't be read: ${named}`);
    expect(reading).toThrow(expect.objectContaining({ name: 'UnexpectedAnswerError' }));
  });

  it('of totals is read by what they are told by', () => {
    const items = [{ region: null, count: 2, amount: 398, currency: 'EUR' }];
    expect(readAnswer(salesTotalsBy('region'), { items })).toEqual({ items });
    expect(readAnswer(operations.salesTotals, { items })).toEqual({ items });
    expect(() => readAnswer(salesTotalsBy('store'), { items })).toThrow('items.0.store: is missing');
  });
});

describe('an address', () => {
  it('has the parts of the path encoded, and the query parameters that are given', () => {
    const call = { parameters: { id: 'a/b c' }, query: { limit: 3, cursor: undefined } };
    expect(addressOf(operations.getDelivery, call)).toBe('updates/a%2Fb%20c/delivery?limit=3');
    expect(addressOf(operations.listStores, {})).toBe('stores');
    expect(addressOf(operations.storeSales, { parameters: { id: '1' }, query: { from: '+1:00' } })).toBe(
      'stores/1/sales?from=%2B1%3A00',
    );
  });
});

it('a list is whole once a page has no cursor', async () => {
  const pages = new Map([
    [undefined, { items: [1, 2], cursor: 'a' }],
    ['a', { items: [], cursor: 'b' }],
    ['b', { items: [3] }],
  ]);
  const load = async (cursor: string | undefined): Promise<{ items: number[]; cursor?: string }> =>
    pages.get(cursor) ?? { items: [] };
  expect(await wholeList(load, ({ items }) => items)).toEqual([1, 2, 3]);
});
