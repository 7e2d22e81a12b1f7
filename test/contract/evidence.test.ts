/** Evidence of an update: what the chain signs of it, and that nothing but evidence passes for it, nor it for a token. */
import { createPublicKey } from 'node:crypto';
import { GetPublicKeyCommand } from '@aws-sdk/client-kms';
import { decodeProtectedHeader, flattenedVerify } from 'jose';
import { expect, test } from 'vitest';
import type { FlattenedJws } from '../../domain/identity/jws.ts';
import type { EvidenceStatement } from '../../domain/protocol/evidence-statement.ts';
import { patience } from '../patience.ts';
import { connectStore, refusalOf } from './store.ts';
import { openSystem, unique } from './system.ts';

const system = await openSystem();
const { TokenKeyId = '' } = system.outputs;

async function publicKey() {
  const { PublicKey = new Uint8Array() } = await system.clients.keys.send(
    new GetPublicKeyCommand({ KeyId: TokenKeyId }),
  );
  return createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' });
}

/** Its id, once the chain knows it. */
async function published(): Promise<string> {
  const id = await system.publish('OfferWithdrawn', { offerId: unique('offer') });
  await expect
    .poll(async () => (await system.request('GET', `updates/${id}`)).status, { timeout: patience(10_000) })
    .toBe(200);
  return id;
}

test('says of each store what the delivery report says, signed by the key of the chain', async () => {
  const region = unique('region');
  const [first, second] = [await connectStore(system, { region }), await connectStore(system, { region })];
  const prices = [{ sku: 'A', amount: 199, currency: 'EUR' }];
  const id = await system.publish('PriceChanged', { prices, audience: { regions: [region] } });
  await Promise.all([first.update(id), second.update(id)]);
  const appliedAt = new Date().toISOString();
  first.send({ action: 'applied', updates: [{ id, appliedAt }] });
  expect(await first.answer()).toMatchObject({ ids: [id] });
  second.send({ action: 'applied', updates: [], rejected: [{ id, reason: 'no such SKU' }] });
  expect(await second.answer()).toMatchObject({ ids: [id] });

  const response = await system.request('GET', `updates/${id}/evidence`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/jose+json');
  const jws = (await response.json()) as FlattenedJws;
  const { payload, protectedHeader } = await flattenedVerify(jws, await publicKey(), {
    algorithms: ['ES256'],
  });
  expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'storecast-evidence', kid: TokenKeyId });
  const statement: EvidenceStatement = JSON.parse(new TextDecoder().decode(payload));
  expect(statement).toEqual({
    madeAt: expect.stringMatching(/^20\d\d-.*Z$/),
    madeBy: { deployment: expect.stringMatching(/Storecast/), storeEndpoint: system.storeEndpoint },
    update: await (await system.request('GET', `updates/${id}`)).json(),
    delivery: await (await system.request('GET', `updates/${id}/delivery`)).json(),
    after: null,
  });
  expect(statement.delivery).toMatchObject({ targeted: 2, applied: 1, rejected: 1 });
  expect(statement.delivery.stores.find(({ storeId }) => storeId === first.storeId)).toEqual({
    storeId: first.storeId,
    state: 'applied',
    at: appliedAt,
  });
});

test('is no token: neither on the line nor at the HTTP API, in whatever form', async () => {
  const id = await published();
  const response = await system.request('GET', `updates/${id}/evidence`);
  const { payload, protected: header, signature } = (await response.json()) as FlattenedJws;
  const token = `${header}.${payload}.${signature}`;
  expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'ES256', kid: TokenKeyId });
  expect((await system.request('GET', 'stores', { token })).status).toBe(401);
  expect(await refusalOf(system, { token })).toBe(401);
});

test.each<[string, number]>([
  ['store', 403],
  ['manager', 200],
  ['publisher', 200],
])('a %s that asks for it is answered %i', async (role, status) => {
  const id = await published();
  const identity =
    role === 'store'
      ? { role: 'store' as const, storeId: unique('store'), region: undefined, groups: [] }
      : { role: role as 'manager' | 'publisher', name: 'ada' };
  const token = await system.mintToken(identity);
  expect((await system.request('GET', `updates/${id}/evidence`, { token })).status).toBe(status);
});
