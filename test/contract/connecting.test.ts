import { expect, test } from 'vitest';
import { patience } from '../patience.ts';
import { connect, connectStore, refusalOf, type TestStore, type Way } from './store.ts';
import { openSystem, unique } from './system.ts';
import { type Tampering, tamperedToken } from './tokens.ts';

const system = await openSystem();
const { keys } = system.clients;
const { TokenKeyId = '' } = system.outputs;
const store = { role: 'store', storeId: '0001', region: undefined, groups: [] } as const;

test.each<[Way, string]>([
  ['header', ''],
  ['subprotocol', 'storecast.v1'],
  ['both', 'storecast.v1'],
])('a store connects with its token by %s, and the subprotocol selected is "%s"', async (by, subprotocol) => {
  const token = await system.mintToken({ ...store, storeId: unique('store') });
  const line = await connect(system, { token, by });
  expect(line.subprotocol).toBe(subprotocol);
  expect(await line.ping()).toMatchObject({ type: 'pong' });
});

test.each(['manager', 'publisher'] as const)('a %s connects', async role => {
  const token = await system.mintToken({ role, name: 'head-office' });
  const line = await connect(system, { token });
  expect(await line.ping()).toMatchObject({ type: 'pong', positions: {} });
});

test('a page opens a line if it is the management page', async () => {
  const token = await system.mintToken({ role: 'manager', name: 'head-office' });
  const { origin } = new URL(system.managementUrl);
  const line = await connect(system, { token, by: 'subprotocol', origin });
  expect(await line.ping()).toMatchObject({ type: 'pong' });
});

test.each(['https://example.com', 'null', 'http://127.0.0.1:1'])(
  'a page of %s is forbidden to open a line, whatever its token',
  async origin => {
    const token = await system.mintToken({ role: 'manager', name: 'head-office' });
    expect(await refusalOf(system, { token, by: 'subprotocol', origin })).toBe(403);
  },
);

test.each<[string, Tampering]>([
  ['signed by another key', { signature: 'foreign-key' }],
  ['with alg none and no signature', { header: { alg: 'none' }, signature: 'none' }],
  ['with no signature under ES256', { signature: 'none' }],
  ['with alg HS256 over the public key', { header: { alg: 'HS256' }, signature: 'hmac-of-public-key' }],
  ['with alg HS256 and the right signature', { header: { alg: 'HS256' } }],
  ['of another issuer', { claims: { iss: 'https://example.com' } }],
  ['of no issuer', { claims: { iss: undefined } }],
  ['for another audience', { claims: { aud: 'warehouse' } }],
  ['for no audience', { claims: { aud: undefined } }],
  ['of an unknown key id', { header: { kid: '00000000-0000-4000-8000-000000000000' } }],
  ['of no key id', { header: { kid: undefined } }],
  ['that never expires', { claims: { exp: undefined } }],
  ['that is expired', { claims: { exp: Math.floor(Date.now() / 1000) - 60 } }],
  ['that is not valid yet', { claims: { nbf: Math.floor(Date.now() / 1000) + 600 } }],
  ['with a critical header that nobody knows', { header: { crit: ['exp-2'], 'exp-2': 1 } }],
  ['of no role', { claims: { role: undefined } }],
  ['of an unknown role', { claims: { role: 'admin' } }],
  ['of a store without an id', { claims: { storeId: undefined } }],
  ['of a store whose id would reach into another key', { claims: { storeId: '0001#0002' } }],
])('a token %s is answered 401, by header and by subprotocol', async (_, tampering) => {
  const token = await tamperedToken(keys, TokenKeyId, tampering);
  expect(await refusalOf(system, { token })).toBe(401);
  expect(await refusalOf(system, { token, by: 'subprotocol' })).toBe(401);
});

test('the same token untampered connects: the refusals above are for what was changed', async () => {
  const token = await tamperedToken(keys, TokenKeyId, {});
  expect(await refusalOf(system, { token })).toBeUndefined();
});

test.each<[string, string | undefined]>([
  ['no token', undefined],
  ['an empty one', ''],
  ['no JWT', 'letmein'],
  ['a JWT of two parts', 'eyJhbGciOiJFUzI1NiJ9.e30'],
  ['parts that are no JSON', 'a.b.c'],
])('%s is answered 401', async (_, token) => {
  expect(await refusalOf(system, { token })).toBe(401);
});

test('an expired token is answered 401', async () => {
  const hourAgo = Math.floor(Date.now() / 1000) - 3_600;
  const token = await system.mintToken(store, { issuedAt: hourAgo, lifetimeSeconds: 3_599 });
  expect(await refusalOf(system, { token })).toBe(401);
});

test('a token in the URL is never read', async () => {
  const token = await system.mintToken(store);
  expect(await refusalOf(system, { query: `?token=${token}&authorization=Bearer%20${token}` })).toBe(401);
});

test.each(['header', 'subprotocol'] as const)(
  'a line that names itself by %s is named to the one that it replaces',
  async by => {
    const storeId = unique('store');
    const token = await system.mintToken({ ...store, storeId });
    const older = await connect(system, { token, by, name: 'till-1' });
    await connect(system, { token, by, name: 'till-2' });
    expect(await older.answer()).toEqual({ type: 'closing', reason: 'replaced', by: 'till-2' });
    await older.closed;
  },
);

test('of eight handshakes at once one line stays, and every other that opened is told why it ends', async () => {
  const token = await system.mintToken({ ...store, storeId: unique('store') });
  const shaken = await Promise.allSettled(
    Array.from({ length: 8 }, (_, index) => connect(system, { token, name: `till-${index}` })),
  );
  const lines = shaken.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []));
  const isTold = (line: TestStore) => line.received.some(({ reason }) => reason === 'replaced');
  const count = () => lines.filter(isTold).length;
  await expect.poll(count, { timeout: patience(20_000) }).toBe(lines.length - 1);
  await Promise.all(lines.filter(isTold).map(line => line.closed));
  expect(await lines.find(line => !isTold(line))?.ping()).toMatchObject({ type: 'pong' });
});

test('a newer line takes over: the older is told and closed, and the registry names the newer', async () => {
  const older = await connectStore(system);
  const { storeId } = older;
  const { since } = await describeStore(storeId);
  const newer = await connectStore(system, { storeId });

  expect(await older.answer()).toEqual({ type: 'closing', reason: 'replaced' });
  await older.closed;
  const registered = await describeStore(storeId);
  expect(registered.connected).toBe(true);
  expect(Date.parse(registered.since)).toBeGreaterThan(Date.parse(since));

  const marker = await system.publish('OfferWithdrawn', { offerId: 'any', audience: { stores: [storeId] } });
  await newer.update(marker);
  await newer.ping();
  expect(newer.updatesAmong(marker)).toEqual([marker]);
  expect(older.updatesAmong(marker)).toEqual([]);
});

test('of many lines at once that a store opens, one stays and each update reaches it once', async () => {
  const storeId = unique('store');
  const lines = await Promise.all(
    Array.from({ length: 6 }, () => connectStore(system, { storeId })).map(settle),
  );
  const open = lines.filter(line => line !== undefined);
  const id = await system.publish('OfferWithdrawn', { offerId: 'any', audience: { stores: [storeId] } });
  const holder = await Promise.any(open.map(async line => line.update(id).then(() => line)));
  await holder.ping();
  expect(open.flatMap(line => line.updatesAmong(id))).toEqual([id]);
});

/** A line that lost the race may be refused. */
async function settle<T>(line: Promise<T>): Promise<T | undefined> {
  return line.catch(error => {
    if ((error as { status?: number }).status === 409) return undefined;
    throw error;
  });
}

async function describeStore(storeId: string): Promise<{ connected: boolean; since: string }> {
  const response = await system.request('GET', `stores/${storeId}`);
  expect(response.status).toBe(200);
  return (await response.json()) as { connected: boolean; since: string };
}
