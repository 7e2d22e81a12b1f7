/** Whom a store speaks for is in its token alone: a frame that names another store speaks for its sender all the same. */
import { expect, test } from 'vitest';
import { connectStore } from './store.ts';
import { openSystem, unique } from './system.ts';

const system = await openSystem();

test('a frame of sales in the name of another store is that of the sender', async () => {
  const [sender, other] = [await connectStore(system), await connectStore(system)];
  const saleId = unique('sale');
  sender.send({
    action: 'sales',
    storeId: other.storeId,
    sales: [
      {
        saleId,
        soldAt: new Date().toISOString(),
        currency: 'EUR',
        total: 199,
        lines: [{ sku: 'A', quantity: 1, unitPrice: 199 }],
      },
    ],
  });
  expect(await sender.answer()).toMatchObject({ type: 'sales.accepted', saleIds: [saleId] });
  expect(await saleIdsOf(sender.storeId)).toEqual([saleId]);
  expect(await saleIdsOf(other.storeId)).toEqual([]);
});

test('a receipt in the name of another store is that of the sender', async () => {
  const [sender, other] = [await connectStore(system), await connectStore(system)];
  const stores = [sender.storeId, other.storeId];
  const id = await system.publish('OfferWithdrawn', { offerId: 'any', audience: { stores } });
  await sender.update(id);
  await other.update(id);
  sender.send({
    action: 'applied',
    storeId: other.storeId,
    updates: [{ id, storeId: other.storeId, appliedAt: new Date().toISOString() }],
  });
  await sender.next(({ type }) => type === 'applied.accepted');
  const response = await system.request('GET', `updates/${id}/delivery`);
  const report = (await response.json()) as { stores: { storeId: string; state: string }[] };
  expect(Object.fromEntries(report.stores.map(({ storeId, state }) => [storeId, state]))).toEqual({
    [sender.storeId]: 'applied',
    [other.storeId]: 'pending',
  });
});

test('a store that asks for the channels of another gets its own', async () => {
  const [sender, other] = [await connectStore(system), await connectStore(system)];
  const id = await system.publish('OfferWithdrawn', {
    offerId: 'any',
    audience: { stores: [other.storeId] },
  });
  await other.update(id);
  sender.send({ action: 'sync', positions: { [`store/${other.storeId}`]: 0 } });
  const synced = await sender.next(({ type }) => type === 'synced');
  expect(Object.keys(synced.positions as object).sort()).toEqual(['all', `store/${sender.storeId}`]);
  expect(JSON.stringify(synced.updates)).not.toContain(id);
});

async function saleIdsOf(storeId: string): Promise<string[]> {
  const to = new Date(Date.now() + 60_000).toISOString();
  const from = new Date(Date.now() - 600_000).toISOString();
  const response = await system.request('GET', `stores/${storeId}/sales?from=${from}&to=${to}`);
  const { items } = (await response.json()) as { items: { saleId: string }[] };
  return items.map(({ saleId }) => saleId);
}
