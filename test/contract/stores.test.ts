import { expect, test } from 'vitest';
import { patience } from '../patience.ts';
import { connectStore } from './store.ts';
import { connectedStoreIds, listStores } from './store-list.ts';
import { openSystem, unique } from './system.ts';

const system = await openSystem();

test('the list of stores names the connected ones with region, groups and since when', async () => {
  const [region, groupA, groupB] = [unique('region'), unique('a'), unique('b')];
  const before = Date.now();
  const placed = await connectStore(system, { region, groups: [groupB, groupA] });
  const plain = await connectStore(system);
  const stores = await listStores(system);
  const found = stores.find(({ storeId }) => storeId === placed.storeId);
  expect(found).toMatchObject({ region, groups: [groupA, groupB], connected: true });
  expect(Math.abs(Date.parse(found?.since ?? '') - before)).toBeLessThan(60_000);
  expect(stores.find(({ storeId }) => storeId === plain.storeId)).toMatchObject({
    region: null,
    groups: [],
    connected: true,
  });
});

test('one store is described as in the list', async () => {
  const { storeId } = await connectStore(system, { region: unique('region') });
  const response = await system.request('GET', `stores/${storeId}`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toContain('application/json');
  expect(await response.json()).toEqual((await listStores(system)).find(store => store.storeId === storeId));
});

test('a store whose line ends is soon no longer connected', async () => {
  const store = await connectStore(system);
  await store.cut();
  await expect.poll(() => isConnected(store.storeId), { timeout: patience(20_000) }).toBe(false);
});

test("closing a store's connection ends its line, and the store may come again", async () => {
  const store = await connectStore(system);
  const { storeId } = store;
  const response = await system.request('DELETE', `stores/${storeId}/connection`);
  expect(response.status).toBe(204);
  await store.closed;
  const again = await connectStore(system, { storeId });
  expect(await again.ping()).toMatchObject({ type: 'pong' });
  expect(await isConnected(storeId)).toBe(true);
});

const goodToken = () => system.mintToken({ role: 'manager', name: 'head-office' });
const publisherToken = () => system.mintToken({ role: 'publisher', name: 'marketing' });
const storeToken = () =>
  system.mintToken({ role: 'store', storeId: unique('store'), region: undefined, groups: [] });
const expiredToken = () =>
  system.mintToken({ role: 'manager', name: 'm' }, { issuedAt: 1_700_000_000, lifetimeSeconds: 60 });

test.each<[number, string, string, string, () => Promise<string | undefined>]>([
  [401, 'without a token', 'GET', 'stores', async () => undefined],
  [401, 'with a token that is none', 'GET', 'stores', async () => 'letmein'],
  [401, 'with an expired token', 'GET', 'stores', expiredToken],
  [401, 'with a token in the URL', 'GET', 'stores?token=TOKEN', async () => undefined],
  [401, 'without a token', 'DELETE', 'stores/0001/connection', async () => undefined],
  [403, 'with the token of a store', 'GET', 'stores', storeToken],
  [403, 'with the token of a manager', 'DELETE', 'stores/0001/connection', goodToken],
  [400, 'with a parameter that is unknown', 'GET', 'stores?regoin=north', publisherToken],
  [404, 'of a store never seen', 'GET', 'stores/never-seen', goodToken],
  [404, 'of a store never seen', 'DELETE', 'stores/never-seen/connection', publisherToken],
  [404, 'to where nothing is', 'GET', 'shops', goodToken],
  [404, 'to below a store', 'GET', 'stores/0001/staff', goodToken],
  [405, 'by another method', 'PUT', 'stores', goodToken],
  [405, 'by another method', 'POST', 'stores/0001/connection', goodToken],
])('%i answers a request %s (%s /%s), as a problem in words', async (status, _, method, path, tokenOf) => {
  const token = await tokenOf();
  const url = path.replace('TOKEN', await goodToken());
  const response = await system.request(method, url, { token });
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const problem = await response.json();
  expect(problem).toMatchObject({ status, title: expect.any(String), detail: expect.any(String) });
  expect(JSON.stringify(problem)).not.toMatch(/\.[cm]?[jt]s:|Error/);
  if (status === 401) expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
});

async function isConnected(storeId: string): Promise<boolean> {
  return (await connectedStoreIds(system)).includes(storeId);
}
