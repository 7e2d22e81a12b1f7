import { expect, it } from 'vitest';
import { type HeldPrice, pricesHeld } from '../../../page/drafts/held-prices.ts';
import { putBack } from '../../../page/drafts/put-back.ts';
import { deliveryCsv } from '../../../page/model/delivery-words.ts';
import type { UpdateEntry } from '../../../page/model/model.ts';
import { boardState } from '../../../page/model/update-board.ts';

const NOW = Date.parse('2026-12-01T08:00:00Z');
const price = (sku: string, amount = 100) => ({ sku, amount, currency: 'EUR' });
const counts = { targeted: 2, applied: 2, pending: 0, offline: 0, rejected: 0, expired: 0, lastAppliedMs: 1 };

function priceUpdate(
  updateId: string,
  skus: string[],
  change: Partial<UpdateEntry['update']> = {},
): UpdateEntry {
  return {
    update: {
      ...{ updateId, kind: 'price.changed', publishedAt: `2026-11-30T0${updateId}:00:00.000Z` },
      ...{ validFrom: null, validUntil: null, audience: null, ...change },
    },
    content: { kind: 'price.changed', data: { prices: skus.map(sku => price(sku)) } },
    delivery: counts,
  };
}

it('an update is scheduled, running, not yet everywhere or ended', () => {
  const running = priceUpdate('1', ['A', 'B']);
  const state = (entry: UpdateEntry, ...others: UpdateEntry[]) => boardState(entry, [entry, ...others], NOW);
  expect(state(running)).toBe('running');
  expect(state({ ...running, delivery: { ...counts, applied: 1, offline: 1 } })).toBe('spreading');
  expect(state(priceUpdate('1', ['A'], { validFrom: '2027-01-01T00:00:00.000Z' }))).toBe('scheduled');
  expect(state(priceUpdate('1', ['A'], { validUntil: '2026-12-01T00:00:00.000Z' }))).toBe('ended');
  // Changed again: for all its SKUs and stores, for good.
  expect(state(running, priceUpdate('2', ['A']))).toBe('running');
  expect(state(running, priceUpdate('2', ['A', 'B']))).toBe('ended');
  const north = { regions: ['north'], groups: [], stores: [] };
  expect(state(running, priceUpdate('2', ['A', 'B'], { audience: north }))).toBe('running');
});

const store = (storeId: string, region: string) => ({
  ...{ storeId, region, groups: [], connected: true, since: null, lastSeenAt: '', behind: 0 },
});
const stores = [store('1', 'north'), store('2', 'south'), store('3', 'south')];

it('of the prices in force the contract’s order decides, store by store', () => {
  const published = (
    updateId: string,
    amount: number,
    regions: string[],
    validFrom: string | null = null,
  ) => ({
    ...{ updateId, publishedAt: `2026-11-30T0${updateId}:00:00.000Z`, validFrom, validUntil: null },
    audience: regions.length === 0 ? null : { regions, groups: [], stores: [] },
    prices: [price('A', amount)],
  });
  const amounts = (...updates: ReturnType<typeof published>[]) =>
    pricesHeld(updates, 'A/EUR/regular', stores, NOW).map(held => [held.price?.amount, held.stores]);
  expect(amounts()).toEqual([[undefined, 3]]);
  expect(amounts(published('1', 1, []), published('2', 2, ['south']))).toEqual([
    [2, 2],
    [1, 1],
  ]);
  // What took effect later wins, though it was published before; what hasn't begun doesn't count.
  expect(amounts(published('1', 1, [], '2026-12-01T07:00:00Z'), published('2', 2, []))).toEqual([[1, 3]]);
  expect(amounts(published('1', 1, [], '2026-12-01T09:00:00Z'), published('2', 2, []))).toEqual([[2, 3]]);
});

it('old prices are put back to the same stores from the same start, and what has no one old price is left', () => {
  const held = (amount: number | undefined, number = 3): HeldPrice => ({
    price: amount === undefined ? undefined : price('A', amount),
    ...{ from: undefined, stores: number },
  });
  const checked = (sku: string, ...all: HeldPrice[]) => ({
    ...{ price: price(sku, 5), held: all, change: undefined, unusual: undefined },
  });
  const audience = { regions: ['south'] };
  const validFrom = '2026-12-02T00:00:00.000Z';
  const publication = { type: 'PriceChanged' as const, detail: { prices: [], audience, validFrom } };
  const prices = [checked('A', held(7)), checked('B', held(undefined)), checked('C', held(1, 2), held(2, 1))];
  expect(putBack([{ publication, prices }], NOW)).toEqual({
    publications: [{ type: 'PriceChanged', detail: { prices: [price('A', 7)], validFrom, audience } }],
    left: ['B', 'C'],
  });
});

it('a cell that a spreadsheet would run is text in the CSV', () => {
  const row = { storeId: '1', state: 'rejected' as const, at: null, reason: '=HYPERLINK("x"), no' };
  expect(deliveryCsv([row], stores).split('\r\n')[1]).toBe(`1,,north,refuses it,,"'=HYPERLINK(""x""), no"`);
});
