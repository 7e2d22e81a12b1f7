import { expect, it } from 'vitest';
import { type ListedStore, reachOf } from '../../../domain/updates/reach.ts';

const store = (
  storeId: string,
  region: string | null,
  connected = true,
  groups: string[] = [],
): ListedStore => ({
  storeId,
  region,
  groups,
  connected,
});

it('a preview counts each store once, those that are connected, and names those that are unknown', () => {
  const stores = [
    store('a', 'north'),
    store('b', 'north', false),
    store('c', null, true, ['city']),
    store('d', 'south'),
  ];
  const audience = { regions: ['north'], groups: ['city'], stores: ['a', 'z'] };
  expect(reachOf(audience, stores)).toEqual({ stores: 3, connected: 2, unknown: ['z'] });
  expect(reachOf(undefined, stores)).toEqual({ stores: 4, connected: 3, unknown: [] });
});
