/** Tokens of an identity provider of the chain's own: which hold, which don't, and what its absence means. */
import { generateKeyPairSync } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { KMSClient } from '@aws-sdk/client-kms';
import { SignJWT, UnsecuredJWT } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import { TOKEN_AUDIENCE, TOKEN_ISSUER } from '../../../domain/identity/identity.ts';
import { ExternalIssuer, IssuerUnavailableError } from '../../../lambdas/identity/external-issuer.ts';
import { InvalidTokenError, TokenVerifier } from '../../../lambdas/identity/token-verifier.ts';
import {
  AUDIENCE,
  type ForeignToken,
  foreignToken,
  ISSUER,
  privateKeys,
  publicKeys,
  startIdentityProvider,
} from './jwks.ts';

const provider = await startIdentityProvider();
afterEach(() => {
  provider.fault = undefined;
});

const ours = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const client = new KMSClient({ region: 'local' });
client.send = (async () => ({
  PublicKey: ours.publicKey.export({ type: 'spki', format: 'der' }),
})) as typeof client.send;
const external = () => new ExternalIssuer({ issuer: ISSUER, jwksUrl: provider.jwksUrl, audience: AUDIENCE });
/** As in a new Lambda environment, which has asked for no keys yet. */
const newVerifier = () => new TokenVerifier({ client, keyIds: ['key-1'], external: external() });
const verifier = newVerifier();

const ownClaims = {
  iss: TOKEN_ISSUER,
  aud: TOKEN_AUDIENCE,
  role: 'manager',
  sub: 'ada',
  exp: Math.floor(Date.now() / 1000) + 60,
};

describe('a token of the external issuer', () => {
  it.each(['RS256', 'ES256'])('holds by %s', async alg => {
    expect(await verifier.verify(await foreignToken({ header: { alg } }))).toEqual({
      identity: { role: 'manager', name: 'ada' },
      ours: undefined,
    });
  });

  it('speaks for a store by the claims that our own have', async () => {
    const claims = { role: 'store', sub: 'device-7', storeId: '0417', region: 'north', groups: ['city'] };
    const { identity } = await verifier.verify(await foreignToken({ claims }));
    expect(identity).toEqual({ role: 'store', storeId: '0417', region: 'north', groups: ['city'] });
  });

  it('asks for the keys once, however many come', async () => {
    const fresh = newVerifier();
    const before = provider.asked;
    const tokens = await Promise.all(Array.from({ length: 20 }, () => foreignToken()));
    await Promise.all(tokens.map(token => fresh.verify(token)));
    await fresh.verify(await foreignToken());
    expect(provider.asked - before).toBe(1);
  });

  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const modulus = Buffer.from(publicKeys.RS256.export({ type: 'spki', format: 'pem' }));
  it.each<[string, ForeignToken]>([
    ['signed by a key that is not the issuer’s', { key: stranger }],
    ['signed with the public key as a secret', { header: { alg: 'HS256', kid: 'RS256' }, key: modulus }],
    [
      'signed by an algorithm that is not taken',
      { header: { alg: 'PS256', kid: 'RS256' }, key: privateKeys.RS256 },
    ],
    ['of a kid that the issuer doesn’t show', { header: { kid: 'unknown' } }],
    ['for another audience', { claims: { aud: 'payroll' } }],
    ['for our own audience', { claims: { aud: TOKEN_AUDIENCE } }],
    ['without an audience', { claims: { aud: undefined } }],
    ['of another issuer', { claims: { iss: 'https://id.example.com' } }],
    ['that says it is ours', { claims: { iss: TOKEN_ISSUER, aud: TOKEN_AUDIENCE } }],
    [
      'that says it is ours, under our kid',
      { claims: { iss: TOKEN_ISSUER }, header: { alg: 'ES256', kid: 'key-1' } },
    ],
    ['that never expires', { claims: { exp: undefined } }],
    ['that has expired', { claims: { exp: ownClaims.exp - 120 } }],
    ['of a role that there is not', { claims: { role: 'admin' } }],
    ['without a role', { claims: { role: undefined } }],
    ['of a store without its id', { claims: { role: 'store' } }],
    ['whose store id is a path', { claims: { role: 'store', storeId: 'a/b' } }],
  ])('is refused %s', async (_title, token) => {
    await expect(verifier.verify(await foreignToken(token))).rejects.toThrow(InvalidTokenError);
  });

  it('is taken though our clock is a little behind its issuer’s, and no longer for that', async () => {
    const now = Math.floor(Date.now() / 1_000);
    const verify = async (claims: Record<string, unknown>) => verifier.verify(await foreignToken({ claims }));
    expect(await verify({ nbf: now + 30 })).toMatchObject({ ours: undefined });
    await expect(verify({ nbf: now + 120 })).rejects.toThrow(InvalidTokenError);
    await expect(verify({ exp: now - 1 })).rejects.toThrow(InvalidTokenError);
  });

  it('is refused unsigned', async () => {
    const token = new UnsecuredJWT({ ...ownClaims, iss: ISSUER, aud: AUDIENCE }).encode();
    await expect(verifier.verify(token)).rejects.toThrow(InvalidTokenError);
  });

  it('is refused where the stack names no other issuer', async () => {
    const alone = new TokenVerifier({ client, keyIds: ['key-1'] });
    await expect(alone.verify(await foreignToken())).rejects.toThrow(InvalidTokenError);
  });
});

it('takes our own tokens besides, and by our key alone', async () => {
  const header = { alg: 'ES256', typ: 'JWT', kid: 'key-1' };
  const own = await new SignJWT(ownClaims).setProtectedHeader(header).sign(ours.privateKey);
  expect(await verifier.verify(own)).toMatchObject({ ours: expect.anything() });
  const borrowed = { ...ownClaims, iss: ISSUER, aud: AUDIENCE };
  const foreign = await new SignJWT(borrowed).setProtectedHeader(header).sign(ours.privateKey);
  await expect(verifier.verify(foreign)).rejects.toThrow(InvalidTokenError);
});

describe('while the keys can’t be had', () => {
  it.each<[string, (response: ServerResponse) => void]>([
    ['the issuer answers 500', response => response.writeHead(500).end()],
    ['the issuer sends elsewhere', response => response.writeHead(302, { location: '/elsewhere' }).end()],
    ['its answer is no JSON', response => response.end('<html>')],
    ['its answer is no key set', response => response.end('{"keys":"none"}')],
    ['nobody answers', response => response.destroy()],
  ])('nobody is let in and no token is judged: %s', async (_title, fault) => {
    provider.fault = fault;
    const fresh = newVerifier();
    const token = await foreignToken();
    await expect(fresh.verify(token)).rejects.toThrow(IssuerUnavailableError);
    provider.fault = undefined;
    expect(await fresh.verify(token)).toMatchObject({ ours: undefined });
  });

  it('a token of a foreign algorithm is refused without asking', async () => {
    provider.fault = response => response.destroy();
    const secret = new Uint8Array(32);
    const token = await foreignToken({ header: { alg: 'HS256', kid: 'RS256' }, key: secret });
    await expect(newVerifier().verify(token)).rejects.toThrow(InvalidTokenError);
  });
});
