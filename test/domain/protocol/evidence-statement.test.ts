import { generateKeyPairSync, sign as signBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { signJws } from '../../../domain/identity/jws.ts';
import { allParts, EVIDENCE_TYPE, unverifiedStatement } from '../../../domain/protocol/evidence-statement.ts';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const at = new Date(0).toISOString();

/** One of the parts of a report, each of one store; the cursor is the number of the next. */
async function part(index: number, count: number) {
  const times = { publishedAt: at, validFrom: null, validUntil: null };
  const update = {
    updateId: 'u',
    kind: 'price.changed',
    ...times,
    audience: null,
    positions: null,
    data: {},
  };
  const counts = { targeted: count, applied: 0, pending: 0, offline: count, rejected: 0, expired: 0 };
  const stores = [{ storeId: `Zürich-${index}`, state: 'offline', at: null }];
  const cursor = index + 1 < count ? { cursor: String(index + 1) } : {};
  const statement = {
    madeAt: at,
    madeBy: { deployment: 'd', storeEndpoint: 'wss://e' },
    update,
    delivery: { updateId: 'u', ...counts, lastAppliedMs: null, stores, ...cursor },
    after: index === 0 ? null : `Zürich-${index - 1}`,
  };
  const header = { alg: 'ES256', typ: EVIDENCE_TYPE, kid: 'k' };
  return signJws(header, statement, async message =>
    signBytes('sha256', message, { key: privateKey, dsaEncoding: 'der' }),
  );
}

it.each([1, 2, 5])(
  '%i parts are asked for one after the other, each by the cursor of the one before',
  async count => {
    const asked: (string | undefined)[] = [];
    const parts = await allParts(cursor => {
      asked.push(cursor);
      return part(Number(cursor ?? 0), count);
    });
    expect(asked).toEqual([undefined, ...Array.from({ length: count - 1 }, (_, index) => String(index + 1))]);
    expect(parts.map(jws => unverifiedStatement(jws).delivery.stores[0]?.storeId)).toEqual(
      Array.from({ length: count }, (_, index) => `Zürich-${index}`),
    );
  },
);

it('what is no evidence is not read as such', async () => {
  const header = { alg: 'ES256', typ: EVIDENCE_TYPE, kid: 'k' };
  const jws = await signJws(header, { role: 'manager' }, async () =>
    Uint8Array.of(0x30, 6, 2, 1, 1, 2, 1, 1),
  );
  expect(() => unverifiedStatement(jws)).toThrow();
  expect(() => unverifiedStatement({ ...jws, payload: '' })).toThrow();
});
