/** Price updates are taken back: a till is as if they had never been published, through real sockets. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { createStoreClient, memoryOutbox, type StoreClient } from '../../client/node.ts';
import { patience } from '../patience.ts';
import { deadLetterOf } from './dead-letters.ts';
import { connectStore } from './store.ts';
import { openSystem, unique } from './system.ts';

const system = await openSystem();
const timeout = patience(20_000);

async function openTill(storeId: string): Promise<StoreClient> {
  const token = await system.mintToken({ role: 'store', storeId, region: undefined, groups: [] });
  const client = createStoreClient({ url: system.storeEndpoint, token, outbox: memoryOutbox() });
  onTestFinished(() => client.close());
  await vi.waitUntil(() => 'all' in client.positions, { timeout });
  return client;
}

function publishPrice(storeId: string, amount: number, times: object = {}): Promise<string> {
  return system.publish('PriceChanged', {
    updateId: unique('price'),
    prices: [{ sku: 'MILK', amount, currency: 'USD' }],
    audience: { stores: [storeId] },
    ...times,
  });
}

function withdraw(...updates: string[]): Promise<string> {
  return system.publish('PriceWithdrawn', { updateId: unique('withdrawal'), updates });
}

const charges = (client: StoreClient, amount: number, at?: number) =>
  vi.waitUntil(() => client.book.price('MILK', at ?? Date.now())?.amount === amount, { timeout });

test('a price that was in force makes room for what it had replaced, also at a till that was off', async () => {
  const storeId = unique('store');
  const client = await openTill(storeId);
  await publishPrice(storeId, 100);
  await charges(client, 100);
  const wrong = await publishPrice(storeId, 1);
  await charges(client, 1);
  await withdraw(wrong);
  await charges(client, 100);
  await client.close();
  const fresh = await openTill(storeId);
  await charges(fresh, 100);
  await fresh.close();
  const other = await publishPrice(storeId, 2);
  const late = await openTill(storeId);
  await charges(late, 2);
  await late.close();
  await withdraw(other);
  await charges(await openTill(storeId), 100);
});

test('a withdrawal that brings back more than a frame holds is delivered whole', async () => {
  const storeId = unique('store');
  const client = await openTill(storeId);
  const skus = Array.from({ length: 160 }, (_, index) => `SKU-${index}`);
  const name = 'A name as long as names may be '.repeat(6).trim();
  const audience = { stores: [storeId] };
  const publish = (amount: number, some: string[], more: object) =>
    system.publish('PriceChanged', {
      updateId: unique('price'),
      prices: some.map(sku => ({ sku, amount, currency: 'USD', ...more })),
      audience,
    });
  const has = (amount: number) =>
    vi.waitUntil(() => skus.every(sku => client.book.price(sku, Date.now())?.amount === amount), { timeout });
  for (let from = 0; from < skus.length; from += 80)
    await publish(100, skus.slice(from, from + 80), { name });
  await has(100);
  const wrong = await publish(1, skus, {});
  await has(1);
  const parts: string[] = [];
  client.on('applied', ({ update }) => parts.push(update.kind));
  const back = await withdraw(wrong);
  await has(100);
  expect(parts).toEqual(['price.withdrawn', 'price.withdrawn']);
  const delivery = async () =>
    (await (await system.request('GET', `updates/${back}/delivery`)).json()) as { applied: number };
  await vi.waitUntil(async () => (await delivery()).applied === 1, { timeout });
  expect(await delivery()).toMatchObject({ targeted: 1, applied: 1, rejected: 0, pending: 0 });
});

test('a scheduled price that is taken back never takes effect', async () => {
  const storeId = unique('store');
  const client = await openTill(storeId);
  const later = Date.now() + 7_200_000;
  await publishPrice(storeId, 100);
  const scheduled = await publishPrice(storeId, 50, { validFrom: new Date(later - 3_600_000).toISOString() });
  await charges(client, 50, later);
  await withdraw(scheduled);
  await charges(client, 100, later);
});

test('what is no known price update is refused, on the bus and over HTTP', async () => {
  const store = await connectStore(system);
  const audience = { stores: [store.storeId] };
  const offer = await system.publish('OfferWithdrawn', {
    updateId: unique('offer'),
    offerId: unique('o'),
    audience,
  });
  await store.update(offer);
  for (const [id, reason] of [
    [unique('nothing'), 'is not known'],
    [offer, 'is no price'],
  ] as const) {
    const detail = { updates: [id] };
    const put = await system.put({ type: 'PriceWithdrawn', detail });
    expect((await deadLetterOf(system, String(put.EventId))).reason).toContain(reason);
    const answer = await system.request('POST', 'updates', { body: { type: 'PriceWithdrawn', detail } });
    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain(reason);
  }
});
