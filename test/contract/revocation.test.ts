import { expect, test } from 'vitest';
import { patience } from '../patience.ts';
import { connect, connectStore, refusalOf } from './store.ts';
import { connectedStoreIds, listStores } from './store-list.ts';
import { openSystem, unique } from './system.ts';

const system = await openSystem();

const tokenOf = (storeId: string) =>
  system.mintToken({ role: 'store', storeId, region: undefined, groups: [] });
const revocation = (method: string, storeId: string) =>
  system.request(method, `stores/${storeId}/revocation`);

test('a revoked store is told so, its line is closed, and its handshakes get 403 from then on', async () => {
  const line = await connectStore(system);
  const { storeId } = line;
  expect((await revocation('PUT', storeId)).status).toBe(204);
  expect(await line.answer()).toEqual({ type: 'closing', reason: 'revoked' });
  await line.closed;

  const token = await tokenOf(storeId);
  expect(await refusalOf(system, { token })).toBe(403);
  expect(await refusalOf(system, { token, by: 'subprotocol' })).toBe(403);
  await expect.poll(() => connectedStoreIds(system), { timeout: patience(20_000) }).not.toContain(storeId);
  const listed = (await listStores(system)).find(store => store.storeId === storeId);
  expect(listed).toMatchObject({ connected: false, revokedAt: expect.any(String) });
});

test('a revoked store gets no fresh token for the one that it has', async () => {
  const storeId = unique('store');
  const token = await tokenOf(storeId);
  await revocation('PUT', storeId);
  const refused = await system.request('POST', 'token', { token });
  expect(refused.status).toBe(403);
  expect(refused.headers.get('content-type')).toBe('application/problem+json');
  await revocation('DELETE', storeId);
  expect((await system.request('POST', 'token', { token })).status).toBe(403);
  const renewed = await system.request('POST', 'token', { token: await tokenOf(storeId) });
  expect(await renewed.json()).toEqual({
    token: expect.any(String),
    expiresAt: expect.stringMatching(/Z$/),
    renewAt: expect.stringMatching(/Z$/),
  });
});

test('a revocation shuts out that store and no other', async () => {
  const [revoked, other] = [await connectStore(system), await connectStore(system)];
  await revocation('PUT', revoked.storeId);
  await revoked.closed;
  expect(await other.ping()).toMatchObject({ type: 'pong' });
  expect(await refusalOf(system, { token: await tokenOf(unique('store')) })).toBeUndefined();
});

test('a store is revoked before it was ever seen, and is no store of the list for that', async () => {
  const storeId = unique('store');
  expect((await revocation('PUT', storeId)).status).toBe(204);
  expect(await refusalOf(system, { token: await tokenOf(storeId) })).toBe(403);
  expect((await listStores(system)).map(store => store.storeId)).not.toContain(storeId);
  expect((await system.request('GET', `stores/${storeId}`)).status).toBe(404);
});

test('a restored store opens a line with a token that was signed after its revocation, and with no older one', async () => {
  const storeId = unique('store');
  const token = await tokenOf(storeId);
  await revocation('PUT', storeId);
  expect(await refusalOf(system, { token })).toBe(403);
  expect((await revocation('DELETE', storeId)).status).toBe(204);
  expect(await refusalOf(system, { token })).toBe(403);
  const line = await connect(system, { token: await tokenOf(storeId) });
  expect(await line.ping()).toMatchObject({ type: 'pong' });
});

test('retiring a revoked store takes it off the list and leaves it revoked', async () => {
  const line = await connectStore(system);
  const { storeId } = line;
  await revocation('PUT', storeId);
  await line.closed;
  expect((await system.request('DELETE', `stores/${storeId}`)).status).toBe(204);
  expect((await system.request('GET', `stores/${storeId}`)).status).toBe(404);
  expect(await refusalOf(system, { token: await tokenOf(storeId) })).toBe(403);
  expect((await revocation('GET', storeId)).status).toBe(200);
});

test('says since when a store is revoked; a second revocation changes nothing', async () => {
  const storeId = unique('store');
  const before = Date.now();
  await revocation('PUT', storeId);
  const first = await (await revocation('GET', storeId)).json();
  expect(first).toEqual({ storeId, revokedAt: expect.any(String) });
  expect(Math.abs(Date.parse((first as { revokedAt: string }).revokedAt) - before)).toBeLessThan(60_000);
  expect((await revocation('PUT', storeId)).status).toBe(204);
  expect(await (await revocation('GET', storeId)).json()).toEqual(first);
});

const manager = () => system.mintToken({ role: 'manager', name: 'head-office' });
const publisher = () => system.mintToken({ role: 'publisher', name: 'marketing' });

test.each<[number, string, string, string, () => Promise<string>]>([
  [404, 'is not revoked', 'GET', 'stores/never-revoked/revocation', manager],
  [404, 'is not revoked', 'DELETE', 'stores/never-revoked/revocation', publisher],
  [400, 'the store id', 'PUT', 'stores/a%20b/revocation', publisher],
  [405, 'takes GET, PUT, DELETE', 'POST', 'stores/0001/revocation', manager],
  [403, 'a token of a publisher', 'PUT', 'stores/0001/revocation', manager],
  [403, 'a token of a publisher', 'DELETE', 'stores/0001/revocation', () => tokenOf('0001')],
])('%i, "…%s…", answers %s %s', async (status, words, method, path, token) => {
  const response = await system.request(method, path, { token: await token() });
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ status, detail: expect.stringContaining(words) });
});
