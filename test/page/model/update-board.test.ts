import { expect, it } from 'vitest';
import { pricesHeld } from '../../../page/drafts/held-prices.ts';
import { outcomeOf } from '../../../page/drafts/publish-outcome.ts';
import { withdrawalsOf } from '../../../page/drafts/put-back.ts';
import { deliveryCsv } from '../../../page/model/delivery-words.ts';
import type { UpdateEntry } from '../../../page/model/model.ts';
import { boardStates } from '../../../page/model/update-board.ts';

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
  const state = (entry: UpdateEntry, ...others: UpdateEntry[]) => boardStates([entry, ...others], NOW)(entry);
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

it('exactly what was published can be taken back, not what waits for a second person', () => {
  const publication = (sku: string, more = {}) => ({
    ...{
      type: 'PriceChanged' as const,
      detail: { prices: [price(sku)], audience: { regions: ['south'] }, ...more },
    },
  });
  const [a, b] = [publication('A'), publication('B')];
  const before = ['A', 'B'].map(sku => [
    { ...{ price: price(sku), held: [], change: 0 }, unusual: undefined },
  ]);
  const out = { updateId: '1' };
  const waiting = { updateId: '2', state: 'waiting' as const, reasons: ['at 3 stores'] };
  const all = outcomeOf([a, b], before, [out, waiting], '1 store');
  expect(all.words).toBe(
    'The prices are published and on the way to 1 store. 1 of 2 parts wait for a second person (at 3 stores).',
  );
  expect(all.back).toEqual({ ids: ['1'], inWaves: false, publications: [a], prices: before[0] });
  expect(withdrawalsOf(['1'])).toEqual([{ type: 'PriceWithdrawn', detail: { updates: ['1'] } }]);
  const nothing = outcomeOf([b], before, [waiting], '1 store');
  expect(nothing).toMatchObject({ words: 'A second person has to approve it first (at 3 stores).' });
  expect(nothing.back).toBeUndefined();
  const staged = outcomeOf([publication('A', { rollout: {} })], before, [out], '1 store');
  expect([staged.words, staged.back?.inWaves]).toEqual([
    'The prices are going out to 1 store in waves.',
    true,
  ]);
});

it('what was taken back is ended, and replaces nothing', () => {
  const [first, second] = [priceUpdate('1', ['A']), priceUpdate('2', ['A'])];
  const withdrawal: UpdateEntry = {
    ...priceUpdate('3', []),
    content: { kind: 'price.withdrawn', data: { updates: ['2'], restored: [] } },
  };
  const all = [first, second, withdrawal];
  expect(all.map(boardStates(all, NOW))).toEqual(['running', 'ended', 'ended']);
  expect(boardStates([first, second], NOW)(first)).toBe('ended');
});

it('a cell that a spreadsheet would run is text in the CSV', () => {
  const row = { storeId: '1', state: 'rejected' as const, at: null, reason: '=HYPERLINK("x"), no' };
  expect(deliveryCsv([row], stores).split('\r\n')[1]).toBe(`1,,north,refuses it,,"'=HYPERLINK(""x""), no"`);
});
