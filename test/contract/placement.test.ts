/** The chain says where a store is: at once, on its open line, whatever its token says. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { createStoreClient, memoryOutbox } from '../../client/node.ts';
import { patience } from '../patience.ts';
import { connect, connectStore, type Frame, type TestStore } from './store.ts';
import { openSystem, unique } from './system.ts';

const system = await openSystem();

const place = (storeId: string, body: object) => system.request('PUT', `stores/${storeId}`, { body });

async function storeAt(storeId: string) {
  return (await (await system.request('GET', `stores/${storeId}`)).json()) as Record<string, unknown>;
}

/** Publishes an offer to a region, which holds for an hour. */
function publishTo(region: string): Promise<string> {
  return system.publish('OfferPublished', {
    updateId: unique('offer'),
    offerId: unique('offer'),
    title: 'Half price',
    skus: ['MILK'],
    discount: { percent: 50 },
    validUntil: new Date(Date.now() + 3_600_000).toISOString(),
    audience: { regions: [region] },
  });
}

async function sync(store: TestStore, positions?: object): Promise<Frame> {
  const requestId = unique('sync');
  store.send({ action: 'sync', requestId, ...(positions && { positions }) });
  return store.next(frame => frame.requestId === requestId);
}

const updatesOf = (frame: Frame) => (frame.updates as Frame[]).map(({ id }) => id);

/** Resolves once a broadcast that began later than any before it has come: what was posted before is in. */
async function settled(store: TestStore & { storeId: string }): Promise<void> {
  const id = await system.publish('PriceChanged', {
    updateId: unique('price'),
    prices: [{ sku: 'MILK', amount: 129, currency: 'USD' }],
    audience: { stores: [store.storeId] },
  });
  await store.update(id);
}

test('an open line is told of its move, gets the updates of its new region, and no more of the old', async () => {
  const [north, south] = [unique('north'), unique('south')];
  const store = await connectStore(system, { region: north, groups: ['city'] });
  const witness = await connectStore(system, { region: north });
  const { storeId } = store;
  await sync(store);
  const before = await publishTo(north);
  await store.update(before);

  const answer = await place(storeId, { region: south });
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ storeId, region: south, groups: ['city'], connected: true });
  const told = await store.next(({ type }) => type === 'pong');
  const channels = ['all', `region/${south}`, 'group/city', `store/${storeId}`];
  expect(Object.keys(told.positions as object).sort()).toEqual(channels.sort());

  const toOld = await publishTo(north);
  const toNew = await publishTo(south);
  expect(await store.update(toNew)).toMatchObject({ kind: 'offer.published' });
  await witness.update(toOld);
  await settled(store);
  expect(store.updatesAmong(before, toOld, toNew)).toEqual([before, toNew]);
  const synced = await sync(store, { all: 0, [`region/${north}`]: 1 });
  expect(Object.keys(synced.positions as object).sort()).toEqual(channels.sort());
  expect(updatesOf(await sync(store))).toContain(toNew);
  expect(updatesOf(await sync(store))).not.toContain(toOld);
});

test('a till that is moved keeps its prices until the new whole is in, and hears of the move by itself', async () => {
  const [north, south] = [unique('north'), unique('south')];
  const storeId = unique('store');
  const priceIn = (region: string, amount: number) =>
    system.publish('PriceChanged', {
      updateId: unique('price'),
      prices: [{ sku: 'MILK', amount, currency: 'USD' }],
      audience: { regions: [region] },
    });
  const token = await system.mintToken({ role: 'store', storeId, region: north, groups: [] });
  const seen: (number | undefined)[] = [];
  const client = createStoreClient({
    url: system.storeEndpoint,
    token,
    outbox: memoryOutbox(),
    apply: () => void seen.push(client.price('MILK')?.amount),
  });
  onTestFinished(() => client.close());
  const timeout = patience(20_000);
  await vi.waitUntil(() => 'all' in client.positions, { timeout });
  const toSouth = await priceIn(south, 90);
  await priceIn(north, 100);
  await vi.waitUntil(() => client.price('MILK')?.amount === 100, { timeout });
  await place(storeId, { region: south, timeZone: 'America/Denver' });
  await vi.waitUntil(() => client.price('MILK')?.amount === 90, { timeout });
  // As the price of the north was applied, and as the south's was, which is not in force before its whole is.
  expect(seen).toEqual([undefined, 100]);
  expect(client.book.timeZone).toBe('America/Denver');
  expect(Object.keys(client.positions)).toContain(`region/${south}`);
  await expect
    .poll(async () => (await (await system.request('GET', `updates/${toSouth}/delivery`)).json()) as object, {
      timeout,
    })
    .toMatchObject({ applied: 1 });
});

test('a new line with the old token stays where the chain has put its store, until that is cleared', async () => {
  const [north, south, city] = [unique('north'), unique('south'), unique('city')];
  const { storeId } = await connectStore(system, { region: north });
  await place(storeId, { region: south, groups: [city], name: 'Harbour' });
  const again = await connectStore(system, { storeId, region: north });
  expect(Object.keys((await again.ping()).positions as object).sort()).toEqual(
    ['all', `region/${south}`, `group/${city}`, `store/${storeId}`].sort(),
  );
  await again.update(await publishTo(south));
  expect(await storeAt(storeId)).toMatchObject({ region: south, groups: [city], name: 'Harbour' });

  const cleared = await place(storeId, { region: null, groups: null, name: null });
  const after = (await cleared.json()) as Record<string, unknown>;
  expect(after).toMatchObject({ region: north, groups: [] });
  expect(after).not.toHaveProperty('name');
  await again.update(await publishTo(north));
});

test('what is left out of a placement stays as it was', async () => {
  const { storeId } = await connectStore(system, { region: 'r' });
  await place(storeId, { region: 'first', timeZone: 'Europe/Berlin' });
  await place(storeId, { groups: ['b', 'a', 'b'] });
  expect(await storeAt(storeId)).toMatchObject({
    region: 'first',
    groups: ['a', 'b'],
    timeZone: 'Europe/Berlin',
  });
  expect((await place(storeId, {})).status).toBe(200);
});

test('sales count for the new region from then on', async () => {
  const [north, south] = [unique('north'), unique('south')];
  const store = await connectStore(system, { region: north });
  const minute = (ago: number) => new Date(Date.now() - ago * 60_000).toISOString();
  const sell = async (ago: number) => {
    const requestId = unique('sales');
    const lines = [{ sku: 'MILK', quantity: 1, unitPrice: 100 }];
    const sale = { saleId: unique('sale'), soldAt: minute(ago), currency: 'USD', total: 100, lines };
    store.send({ action: 'sales', requestId, sales: [sale] });
    expect(await store.next(frame => frame.requestId === requestId)).toMatchObject({ rejected: [] });
  };
  await sell(5);
  await place(store.storeId, { region: south });
  await sell(3);
  const url = `sales/totals?by=region&store=${store.storeId}&from=${minute(10)}&to=${minute(-1)}`;
  const totals = async () => ((await (await system.request('GET', url)).json()) as { items: object[] }).items;
  await expect.poll(totals, { timeout: patience(20_000) }).toHaveLength(2);
  expect(await totals()).toEqual(
    expect.arrayContaining([
      { region: north, count: 1, amount: 100, currency: 'USD' },
      { region: south, count: 1, amount: 100, currency: 'USD' },
    ]),
  );
});

test('a store that is offline is targeted where the chain has put it, and its receipt counts', async () => {
  const [north, south] = [unique('north'), unique('south')];
  const store = await connectStore(system, { region: north });
  const { storeId } = store;
  await store.ping();
  await store.cut();
  await place(storeId, { region: south });
  const [toOld, toNew] = [await publishTo(north), await publishTo(south)];
  const deliveryOf = async (id: string) => {
    const response = await system.request('GET', `updates/${id}/delivery`);
    return response.status === 200 ? await response.json() : undefined;
  };
  const timeout = patience(20_000);
  await expect.poll(() => deliveryOf(toNew), { timeout }).toMatchObject({ targeted: 1, applied: 0 });
  await expect.poll(() => deliveryOf(toOld), { timeout }).toMatchObject({ targeted: 0 });
  const again = await connectStore(system, { storeId, region: north });
  const requestId = unique('applied');
  const updates = [{ id: toNew, appliedAt: new Date().toISOString() }];
  again.send({ action: 'applied', requestId, updates, rejected: [] });
  await again.next(frame => frame.requestId === requestId);
  expect(await deliveryOf(toNew)).toMatchObject({ targeted: 1, applied: 1 });
});

test('the time zone is told in every answer that tells positions, and UTC where nobody has said one', async () => {
  const storeId = unique('store');
  const token = await system.mintToken({
    role: 'store',
    storeId,
    region: undefined,
    groups: [],
    timeZone: 'Europe/Paris',
  });
  const store = await connect(system, { token });
  expect(await sync(store)).toMatchObject({ timeZone: 'Europe/Paris' });
  await place(storeId, { timeZone: 'Asia/Tokyo' });
  expect(await store.next(({ type }) => type === 'pong')).toMatchObject({ timeZone: 'Asia/Tokyo' });
  expect(await sync(store)).toMatchObject({ timeZone: 'Asia/Tokyo' });
  await place(storeId, { timeZone: null });
  expect(await store.next(({ type }) => type === 'pong')).toMatchObject({ timeZone: 'Europe/Paris' });
  expect(await (await connectStore(system)).ping()).toMatchObject({ timeZone: 'UTC' });
});

test('a store that was retired comes back where its token says', async () => {
  const { storeId } = await connectStore(system, { region: 'token' });
  await place(storeId, { region: 'chain' });
  expect((await system.request('DELETE', `stores/${storeId}`)).status).toBe(204);
  const again = await connectStore(system, { storeId, region: 'token' });
  await again.ping();
  expect(await storeAt(storeId)).toMatchObject({ region: 'token' });
});

test.each([
  [{ region: 'no/slash' }, /^region: /],
  [{ region: '' }, /^region: /],
  [{ groups: 'city' }, /^groups: /],
  [{ groups: ['a', 7] }, /^groups\.1: /],
  [{ timeZone: 'Mars/Olympus' }, /^timeZone: must be an IANA time zone/],
  [{ name: '' }, /^name: /],
  [{ name: 'two\nlines' }, /^name: /],
  [{ regoin: 'north' }, /regoin/],
  [['north'], /object/],
])('%j is no placement', async (body, detail) => {
  const { storeId } = await connectStore(system, { region: 'r' });
  const response = await place(storeId, body);
  expect(response.status).toBe(400);
  expect((await response.json()) as object).toMatchObject({ detail: expect.stringMatching(detail) });
  expect(await storeAt(storeId)).toMatchObject({ region: 'r', groups: [] });
});

test('only a publisher places a store, and only one that was seen', async () => {
  const { storeId } = await connectStore(system);
  const token = await system.mintToken({ role: 'manager', name: 'head-office' });
  const refused = await system.request('PUT', `stores/${storeId}`, { token, body: { region: 'x' } });
  expect(refused.status).toBe(403);
  expect((await place('never-seen', { region: 'x' })).status).toBe(404);
});
