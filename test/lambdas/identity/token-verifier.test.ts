/** Tokens that our own key has signed, and that hold nevertheless not: the claims of others, or of another time. */
import { generateKeyPairSync } from 'node:crypto';
import { KMSClient } from '@aws-sdk/client-kms';
import { SignJWT } from 'jose';
import { expect, it } from 'vitest';
import { TOKEN_AUDIENCE, TOKEN_ISSUER } from '../../../domain/identity/identity.ts';
import { EVIDENCE_TYPE } from '../../../domain/protocol/evidence-statement.ts';
import { InvalidTokenError, TokenVerifier } from '../../../lambdas/identity/token-verifier.ts';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const spki = publicKey.export({ type: 'spki', format: 'der' });
let asked = 0;
const client = new KMSClient({ region: 'local' });
client.send = (async () => {
  asked += 1;
  return { PublicKey: spki };
}) as typeof client.send;
const verifier = new TokenVerifier({ client, keyIds: ['key-1'] });

const inAMinute = Math.floor(Date.now() / 1000) + 60;
const claims = { iss: TOKEN_ISSUER, aud: TOKEN_AUDIENCE, role: 'manager', sub: 'ada', exp: inAMinute };
const header = { alg: 'ES256', typ: 'JWT', kid: 'key-1' };
const signed = (payload: object, protectedHeader = header) =>
  new SignJWT({ ...payload }).setProtectedHeader(protectedHeader).sign(privateKey);

it('takes a token of its key, and asks KMS for that once', async () => {
  for (const _ of [1, 2, 3])
    expect(await verifier.verify(await signed(claims))).toEqual({
      identity: { role: 'manager', name: 'ada' },
      ours: expect.anything(),
    });
  expect(asked).toBe(1);
});

it.each<[string, object]>([
  ['of another issuer', { ...claims, iss: 'elsewhere' }],
  ['without an issuer', { ...claims, iss: undefined }],
  ['for another audience', { ...claims, aud: 'elsewhere' }],
  ['that never expires', { ...claims, exp: undefined }],
  ['that has expired', { ...claims, exp: inAMinute - 120 }],
  ['that holds later only', { ...claims, nbf: inAMinute }],
  ['without a role', { ...claims, role: undefined }],
])('refuses a token %s', async (_title, payload) => {
  await expect(verifier.verify(await signed(payload))).rejects.toThrow(InvalidTokenError);
});

it('refuses a token whose algorithm makes a secret of the public key', async () => {
  const token = await new SignJWT(claims)
    .setProtectedHeader({ ...header, alg: 'HS256' })
    .sign(new Uint8Array(spki));
  await expect(verifier.verify(token)).rejects.toThrow(InvalidTokenError);
});

it.each([EVIDENCE_TYPE, 'at+jwt', undefined])('refuses claims that were signed as %s', async typ => {
  const token = await signed(claims, { ...header, typ } as typeof header);
  await expect(verifier.verify(token)).rejects.toThrow(InvalidTokenError);
});
