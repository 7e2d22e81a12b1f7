/** What is, was or will be in force in a store, as the HTTP API and the command line tell it. */
import { expect, test, vi } from 'vitest';
import type { StorePrice } from '../../domain/protocol/trust-answers.ts';
import { patience } from '../patience.ts';
import { connectStore } from './store.ts';
import { openSystem, unique } from './system.ts';

const system = await openSystem();
const timeout = patience(20_000);

interface Answer {
  status: number;
  items: StorePrice[];
  cursor?: string;
  detail?: string;
}

async function ask(storeId: string, query = ''): Promise<Answer> {
  const response = await system.request('GET', `stores/${storeId}/prices${query}`);
  return { status: response.status, ...((await response.json()) as Omit<Answer, 'status'>) };
}

/** What is stored follows the broadcast, and each update has one of its own: the first published may come last. */
async function untilStored(storeId: string, ...updateIds: string[]): Promise<void> {
  await vi.waitUntil(
    async () => {
      const { items } = await ask(storeId, '?limit=1000');
      return updateIds.every(updateId => items.some(item => item.updateId === updateId));
    },
    { timeout },
  );
}

async function publish(prices: [sku: string, amount: number][], more: object): Promise<string> {
  return system.publish('PriceChanged', {
    updateId: unique('price'),
    prices: prices.map(([sku, amount]) => ({ sku, amount, currency: 'USD' })),
    ...more,
  });
}

test('a store has what its channels bring: since when, until when, by what, and the lowest of before', async () => {
  const [region, sku] = [unique('r'), unique('sku')];
  const { storeId } = await connectStore(system, { region });
  const [own, regional] = [{ audience: { stores: [storeId] } }, { audience: { regions: [region] } }];
  const began = new Date(Date.now() - 60_000).toISOString();
  const first = await publish([[sku, 200]], { ...regional, publishedAt: began });
  const later = new Date(Date.now() + 3_600_000).toISOString();
  const scheduled = await publish([[sku, 90]], { ...own, validFrom: later });
  const second = await publish([[sku, 150]], own);
  const items = await vi.waitFor(
    async () => {
      const answer = await ask(storeId, `?sku=${sku}`);
      expect(answer.items).toEqual([
        {
          ...{ sku, amount: 150, currency: 'USD', priceType: 'regular', updateId: second },
          ...{ channel: `store/${storeId}`, since: expect.any(String), until: later, lowest30Days: 200 },
        },
      ]);
      return answer.items;
    },
    { timeout },
  );
  const at = async (time: string) => (await ask(storeId, `?sku=${sku}&at=${time}`)).items;
  expect(await at(began)).toMatchObject([
    { amount: 200, updateId: first, channel: `region/${region}`, since: began, until: items[0]?.since },
  ]);
  expect(await at(later)).toMatchObject([
    { amount: 90, updateId: scheduled, since: later, until: null, lowest30Days: 150 },
  ]);
  await system.publish('PriceWithdrawn', { updateId: unique('w'), updates: [second] });
  await vi.waitUntil(async () => (await ask(storeId, `?sku=${sku}`)).items[0]?.updateId === first, {
    timeout,
  });
});

test('SKUs may be named more than once, or not at all: then all come, page by page', async () => {
  const region = unique('r');
  const { storeId } = await connectStore(system, { region });
  const name = unique('sku');
  const skus = ['', '-a', '-b', '.c', '0', 'x'].map(end => `${name}${end}`);
  const first = await publish(
    skus.map(sku => [sku, 1]),
    { audience: { regions: [region] } },
  );
  const last = await publish(
    [
      [`${name}0`, 2],
      [`${name}-b`, 2],
    ],
    { audience: { stores: [storeId] } },
  );
  await untilStored(storeId, first, last);
  const some = await ask(storeId, `?sku=${name}x&sku=${name}&sku=${unique('none')}`);
  expect(some.items.map(({ sku }) => sku).sort()).toEqual([name, `${name}x`]);
  const found: StorePrice[] = [];
  let cursor: string | undefined;
  do {
    const page: Answer = await ask(storeId, `?limit=2${cursor === undefined ? '' : `&cursor=${cursor}`}`);
    expect(page.items.length).toBeLessThanOrEqual(2);
    found.push(...page.items.filter(({ sku }) => sku.startsWith(name)));
    cursor = page.cursor;
  } while (cursor !== undefined);
  expect(found.map(({ sku }) => sku).sort()).toEqual([...skus].sort());
  expect(found.filter(({ updateId }) => updateId === last)).toHaveLength(2);
});

test.each([
  ['?at=yesterday', 400, 'ISO 8601'],
  ['?at=2020-01-01T00:00:00Z', 400, '30 days'],
  ['?sku=a%20b', 400, 'takes SKUs'],
  ['?skus=a', 400, "no query parameter 'skus'"],
])('%s is answered %i', async (query, status, detail) => {
  const { storeId } = await connectStore(system);
  expect(await ask(storeId, query)).toMatchObject({ status, detail: expect.stringContaining(detail) });
});

test('a store that was never on the line has none', async () => {
  expect((await ask(unique('nobody'))).status).toBe(404);
});
