/** What a manager sees without asking: frames of absolute figures, pushed while things happen. */
import { expect, test } from 'vitest';
import { ringUp } from '../domain/till.ts';
import { connect, connectStore, type Frame, type TestStore } from './store.ts';
import { openSystem, unique } from './system.ts';

const system = await openSystem();
const price = { sku: 'A', amount: 199, currency: 'EUR' };

async function connectManager(): Promise<TestStore> {
  return connect(system, { token: await system.mintToken({ role: 'manager', name: unique('manager') }) });
}

/** The next item of frames of a kind that fits. */
async function nextItem(manager: TestStore, type: string, fits: (item: Frame) => boolean): Promise<Frame> {
  const itemsOf = (frame: Frame) => (frame.type === type ? (frame.items as Frame[]) : []);
  const frame = await manager.next(candidate => itemsOf(candidate).some(fits));
  return itemsOf(frame).find(fits) ?? {};
}

const totalOf = (manager: TestStore, store: string, count: number) =>
  nextItem(manager, 'sales.totals', item => item.store === store && item.count === count);
const presenceOf = (manager: TestStore, storeId: string) =>
  nextItem(manager, 'presence', item => item.storeId === storeId);

async function sell(store: TestStore, saleIds: string[], soldAt: string): Promise<void> {
  const requestId = unique('sales');
  const sales = saleIds.map(saleId => ringUp(saleId, { soldAt }));
  store.send({ action: 'sales', requestId, sales });
  const answer = await store.next(frame => frame.requestId === requestId);
  expect(answer).toMatchObject({ type: 'sales.accepted', saleIds, rejected: [] });
}

/** Applies an update as soon as it comes. */
async function apply(store: TestStore, id: string): Promise<void> {
  await store.update(id);
  store.send({ action: 'applied', updates: [{ id, appliedAt: new Date().toISOString() }] });
  expect(await store.next(({ type }) => type === 'applied.accepted')).toMatchObject({ ids: [id] });
}

test('a sale appears as the total of its minute, and a second one as the total of both', async () => {
  const manager = await connectManager();
  const store = await connectStore(system);
  const soldAt = new Date().toISOString();
  const minute = `${soldAt.slice(0, 16)}Z`;
  await sell(store, ['S1'], soldAt);
  const one = { store: store.storeId, minute, count: 1, amount: 398, currency: 'EUR' };
  expect(await totalOf(manager, store.storeId, 1)).toEqual(one);
  await sell(store, ['S2'], soldAt);
  expect(await totalOf(manager, store.storeId, 2)).toEqual({ ...one, count: 2, amount: 796 });
});

test('a sale that is sent again changes no total', async () => {
  const manager = await connectManager();
  const store = await connectStore(system);
  const soldAt = new Date().toISOString();
  await sell(store, ['S1'], soldAt);
  await sell(store, ['S1'], soldAt);
  await sell(store, ['S1', 'S2'], soldAt);
  expect(await totalOf(manager, store.storeId, 2)).toMatchObject({ amount: 796 });
  const pushed = manager.received
    .flatMap(({ items }) => (items ?? []) as Frame[])
    .filter(item => item.store === store.storeId)
    .map(({ amount, count }) => [count, amount]);
  for (const total of pushed)
    expect([
      [1, 398],
      [2, 796],
    ]).toContainEqual(total);
});

test('a published price is told at once, and each receipt after it, until every store has applied it', async () => {
  const manager = await connectManager();
  const region = unique('region');
  const stores = await Promise.all([1, 2, 3].map(() => connectStore(system, { region })));
  const id = await system.publish('PriceChanged', { prices: [price], audience: { regions: [region] } });
  const deliveryOf = (applied: number) =>
    manager.next(frame => frame.type === 'delivery' && frame.updateId === id && frame.applied === applied);
  const targeted = { type: 'delivery', updateId: id, targeted: 3, rejected: 0, offline: 0 };
  expect(await deliveryOf(0)).toEqual({ ...targeted, applied: 0, pending: 3 });
  await Promise.all(stores.map(store => apply(store, id)));
  expect(await deliveryOf(3)).toEqual({ ...targeted, applied: 3, pending: 0 });
  const response = await system.request('GET', `updates/${id}/delivery`);
  expect(await response.json()).toMatchObject({ targeted: 3, applied: 3, pending: 0 });
});

test('a store that comes and goes is seen to, and one that changes its line is not seen to go', async () => {
  const manager = await connectManager();
  const before = Date.now();
  const first = await connectStore(system);
  const { storeId } = first;
  const came = await presenceOf(manager, storeId);
  expect(came).toEqual({ storeId, connected: true, at: expect.any(String) });
  // A deployed stack's clock and this machine's may differ.
  expect(Math.abs(Date.parse(String(came.at)) - before)).toBeLessThan(60_000);

  const second = await connectStore(system, { storeId });
  await first.closed;
  const changed = await presenceOf(manager, storeId);
  expect(changed).toMatchObject({ connected: true });
  expect(String(changed.at) > String(came.at)).toBe(true);

  await second.cut();
  const went = await presenceOf(manager, storeId);
  expect(went).toMatchObject({ connected: false });
  expect(String(went.at) >= String(changed.at)).toBe(true);
});

test('a manager that vanished keeps nothing from another', async () => {
  const [vanished, manager] = [await connectManager(), await connectManager()];
  const store = await connectStore(system);
  const soldAt = new Date().toISOString();
  await sell(store, ['S1'], soldAt);
  await Promise.all([vanished, manager].map(one => totalOf(one, store.storeId, 1)));
  await vanished.cut();
  await sell(store, ['S2'], soldAt);
  expect(await totalOf(manager, store.storeId, 2)).toMatchObject({ amount: 796 });
});

test('stores are told nothing of what managers see', async () => {
  const manager = await connectManager();
  const store = await connectStore(system);
  await sell(store, ['S1'], new Date().toISOString());
  await totalOf(manager, store.storeId, 1);
  await store.ping();
  expect(store.received.filter(({ type }) => type !== 'update').map(({ type }) => type)).toEqual([
    'sales.accepted',
    'pong',
  ]);
});

test("a manager's ping is answered", async () => {
  const manager = await connectManager();
  expect(await manager.ping()).toMatchObject({ type: 'pong', serverTime: expect.any(String) });
});

test.each<[string, object]>([
  ['syncs', { action: 'sync' }],
  ['sells', { action: 'sales', sales: [ringUp('S')] }],
  ['has receipts', { action: 'applied', updates: [{ id: 'u', appliedAt: '2035-01-01T00:00:00Z' }] }],
])('a manager that %s is refused, and its line stays open', async (_, frame) => {
  const manager = await connectManager();
  manager.send({ ...frame, requestId: 'r' });
  expect(await manager.next(({ requestId }) => requestId === 'r')).toMatchObject({
    type: 'error',
    code: 'forbidden',
  });
  expect(await manager.ping()).toMatchObject({ type: 'pong' });
});
