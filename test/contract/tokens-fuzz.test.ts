/** Tokens that somebody has worked on: each is refused, at the line and at the HTTP API alike; none fails the system. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { patience } from '../patience.ts';
import { refusalOf } from './store.ts';
import { openSystem } from './system.ts';
import { tamperedToken } from './tokens.ts';

const system = await openSystem();
const good = await system.mintToken({ role: 'manager', name: 'head-office' });

const anything = fc.jsonValue({ maxDepth: 2 });
const base64url = fc.constantFrom(...'ABCXYZabcxyz0189-_');
const encoded = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url');
const [header = '', claims = '', signature = ''] = good.split('.');

const patched = fc
  .tuple(fc.nat(), fc.nat({ max: 3 }), fc.oneof(base64url, fc.constantFrom('.', '=', '', ' ', '\t', '~')))
  .map(([at, cut, patch]) => {
    const from = at % good.length;
    return good.slice(0, from) + patch + good.slice(from + cut);
  });
const replacedPart = fc.oneof(
  anything.map(part => `${encoded(part)}.${claims}.${signature}`),
  anything.map(part => `${header}.${encoded(part)}.${signature}`),
  fc
    .dictionary(fc.constantFrom('alg', 'kid', 'typ', 'crit', 'b64', 'jku', 'jwk', 'x5c', 'zip'), anything)
    .map(
      change =>
        `${encoded({ ...(JSON.parse(Buffer.from(header, 'base64url').toString()) as object), ...change })}.${claims}.${signature}`,
    ),
  fc.array(base64url, { maxLength: 120 }).map(letters => `${header}.${claims}.${letters.join('')}`),
);
const garbage = fc.oneof(
  fc
    .array(fc.constantFrom('.', 'a', '=', '{', '}', 'é', ',', ';', '"'), { maxLength: 40 })
    .map(parts => parts.join('')),
  fc.integer({ min: 1, max: 6_000 }).map(length => `${'a'.repeat(length)}.${claims}.${signature}`),
);
/** The last letter of a part holds bits that mean nothing: another letter may be the same token. */
const isAnother = (token: string) => {
  const bytes = (text: string) =>
    text
      .split('.')
      .map(part => Buffer.from(part, 'base64url').toString('hex'))
      .join('.');
  return bytes(token) !== bytes(good);
};
const statusOf = async (token: string) => (await system.request('GET', 'stores?limit=1', { token })).status;

test('a token that was changed anywhere is answered 401', { timeout: patience(60_000) }, async () => {
  expect(await statusOf(good)).toBe(200);
  await fc.assert(
    fc.asyncProperty(fc.oneof(patched, replacedPart, garbage).filter(isAnother), async token => {
      expect(await statusOf(token)).toBe(401);
    }),
    { numRuns: 250 },
  );
});

test('a line is refused with 401 for a token that was changed anywhere', {
  timeout: patience(60_000),
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(patched, replacedPart, garbage).filter(isAnother), async token => {
      expect(await refusalOf(system, { token })).toBe(401);
    }),
    { numRuns: 60 },
  );
});

test('a token of our own key with whatever in it is taken or refused, never a failure', {
  timeout: patience(60_000),
}, async () => {
  const claim = fc.oneof(
    anything,
    fc.constantFrom('__proto__', 'store', 'manager', 'x'.repeat(500), 'a/b', ''),
  );
  const names = [
    'role',
    'storeId',
    'name',
    'region',
    'groups',
    'sub',
    'iss',
    'aud',
    'exp',
    'iat',
    'nbf',
    'jti',
  ];
  const changes = fc.record({
    claims: fc.dictionary(fc.constantFrom(...names), claim, { maxKeys: 4 }),
    header: fc.dictionary(fc.constantFrom('typ', 'crit', 'b64', 'cty'), anything, { maxKeys: 1 }),
  });
  await fc.assert(
    fc.asyncProperty(changes, async change => {
      const token = await tamperedToken(system.clients.keys, system.outputs.TokenKeyId ?? '', change);
      expect([200, 401, 403]).toContain(await statusOf(token));
      expect([undefined, 401, 403]).toContain(await refusalOf(system, { token }));
    }),
    { numRuns: 60 },
  );
});
