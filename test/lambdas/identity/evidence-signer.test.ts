/** Evidence of large fleets: it fits what a Lambda answers, whatever the stores say. */
import { generateKeyPairSync, sign as signBytes } from 'node:crypto';
import { flattenedVerify } from 'jose';
import { expect, it } from 'vitest';
import { MAX_REASON_LENGTH } from '../../../domain/protocol/store-frames.ts';
import { EvidenceSigner, mostThatFit } from '../../../lambdas/identity/evidence-signer.ts';

/** AWS's quota for the answer of a function, as JSON. */
const ANSWER_BYTES = 6_291_556;
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const signer = new EvidenceSigner({
  keyId: 'key-1',
  madeBy: { deployment: 'Storecast', storeEndpoint: 'wss://line.example.com' },
  sign: async message => signBytes('sha256', message, { key: privateKey, dsaEncoding: 'der' }),
});

const at = new Date(0).toISOString();
/** As long as an update may be. */
const update = {
  updateId: 'u'.repeat(64),
  kind: 'price.changed',
  publishedAt: at,
  validFrom: null,
  validUntil: null,
  audience: null,
  positions: null,
  data: { filling: 'x'.repeat(30_000) },
};
const applied = (storeId: string) => ({ storeId, state: 'applied' as const, at });
const refused = (storeId: string) => ({
  ...applied(storeId),
  state: 'rejected' as const,
  reason: '€'.repeat(MAX_REASON_LENGTH),
});
const fleet = (count: number, said: typeof applied | typeof refused) =>
  Array.from({ length: count }, (_, index) => said(`store-${String(index).padStart(6, '0')}`));

it.each<[number, string, typeof applied | typeof refused, boolean]>([
  [1_000, 'have applied it', applied, true],
  [10_000, 'have applied it', applied, true],
  [1_000, 'refuse it at length', refused, true],
  [10_000, 'refuse it at length', refused, false],
  [200_000, 'have applied it', applied, false],
])('of %i stores that %s it fits an answer', async (count, _title, said, isWhole) => {
  const stores = fleet(count, said);
  const most = mostThatFit(stores, update);
  expect(most === count).toBe(isWhole);
  expect(most).toBeGreaterThan(0);
  const counts = { targeted: count, applied: count, pending: 0, offline: 0, rejected: 0, expired: 0 };
  const delivery = {
    updateId: update.updateId,
    ...counts,
    lastAppliedMs: 1,
    stores: stores.slice(0, most),
    cursor: 'c'.repeat(100),
  };
  const jws = await signer.sign({ madeAt: at, update, delivery, after: 's'.repeat(64) });
  const answer = { statusCode: 200, headers: { a: 'x'.repeat(2_000) }, body: JSON.stringify(jws) };
  expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(ANSWER_BYTES);
  const { payload } = await flattenedVerify(jws, publicKey);
  expect(JSON.parse(new TextDecoder().decode(payload)).delivery.stores).toHaveLength(most);
});
