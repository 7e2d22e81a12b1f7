import { generateKeyPairSync, type KeyObject, sign as signBytes } from 'node:crypto';
import fc from 'fast-check';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { type Identity, identityFromClaims } from '../../../domain/identity/identity.ts';
import type { Sign } from '../../../domain/identity/jws.ts';
import { defaultLifetimeSeconds, mintToken } from '../../../domain/identity/mint-token.ts';

const store: Identity = { role: 'store', storeId: 's1', region: 'north', groups: ['city'] };
const issuedAt = 1_796_112_000;

/** Signs as KMS does: ECDSA over SHA-256, in DER. */
function signWith(privateKey: KeyObject): Sign {
  return async message => signBytes('sha256', message, { key: privateKey, dsaEncoding: 'der' });
}

function verify(token: string, publicKey: KeyObject) {
  return jwtVerify(token, publicKey, {
    algorithms: ['ES256'],
    issuer: 'storecast',
    audience: 'storecast',
    currentDate: new Date(issuedAt * 1_000),
  });
}

describe('a token', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  it('holds for the public half of its key, and names the key and its holder', async () => {
    const token = await mintToken(store, 'key-1', signWith(privateKey), issuedAt);
    const { payload } = await verify(token, publicKey);
    expect(identityFromClaims(payload)).toEqual({ ...store, signedAt: issuedAt * 1_000 });
    expect(payload).toMatchObject({ sub: 's1', iat: issuedAt });
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'ES256', typ: 'JWT', kid: 'key-1' });
  });

  it('does not hold for another key', async () => {
    const token = await mintToken(store, 'key-1', signWith(privateKey), issuedAt);
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await expect(verify(token, other.publicKey)).rejects.toThrow('signature verification failed');
  });

  it('is base64url without padding, whatever bytes it holds', async () => {
    const identity: Identity = { role: 'manager', name: '\u{1f6d2}\u{ff}?>~ï¿½' };
    const token = await mintToken(identity, 'kéy', signWith(privateKey), issuedAt);
    expect(token).toMatch(/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{86}$/);
    expect((await verify(token, publicKey)).payload.sub).toBe(identity.name);
  });

  it.each<[Identity, number]>([
    [store, 90 * 86_400],
    [{ role: 'manager', name: 'ann' }, 43_200],
    [{ role: 'publisher', name: 'marketing' }, 43_200],
  ])('of $role lives %i seconds', async (identity, seconds) => {
    expect(defaultLifetimeSeconds(identity.role)).toBe(seconds);
    const token = await mintToken(identity, 'key-1', signWith(privateKey), issuedAt);
    expect((await verify(token, publicKey)).payload.exp).toBe(issuedAt + seconds);
  });

  it('lives as long as it is told to', async () => {
    const token = await mintToken(store, 'key-1', signWith(privateKey), issuedAt, 60);
    expect((await verify(token, publicKey)).payload.exp).toBe(issuedAt + 60);
  });
});

describe('a signature', () => {
  it('holds under many keys, those with a short r or s among them', async () => {
    const shortened = { r: 0, s: 0 };
    // One signature in 256 has an r that begins with a zero byte, and one an s: both must have been there.
    for (let round = 0; round < 300 || shortened.r === 0 || shortened.s === 0; round += 20) {
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const sign = signWith(privateKey);
      for (let index = 0; index < 20; index += 1) {
        const token = await mintToken(store, 'key-1', sign, issuedAt, 60 + index);
        const signature = Buffer.from(token.slice(token.lastIndexOf('.') + 1), 'base64url');
        if (signature[0] === 0) shortened.r += 1;
        if (signature[32] === 0) shortened.s += 1;
        await verify(token, publicKey);
      }
    }
  });

  it('has r and s in 32 bytes each, whatever their length in DER', async () => {
    const integers = fc
      .tuple(fc.integer({ min: 0, max: 31 }), fc.uint8Array({ minLength: 32, maxLength: 32 }))
      .map(([zeros, bytes]) => bytes.fill(0, 0, zeros))
      .filter(bytes => bytes.some(byte => byte !== 0));
    await fc.assert(
      fc.asyncProperty(integers, integers, async (r, s) => {
        const token = await mintToken(store, 'key-1', async () => der(r, s), issuedAt);
        const signature = token.slice(token.lastIndexOf('.') + 1);
        expect(signature).toBe(Buffer.concat([r, s]).toString('base64url'));
      }),
    );
  });
});

/** `SEQUENCE { INTEGER r, INTEGER s }`: the shortest form, with a zero byte before a leading bit that is set. */
function der(r: Uint8Array, s: Uint8Array): Uint8Array {
  const body = [r, s].flatMap(value => {
    const digits = [...value.subarray(value.findIndex(byte => byte !== 0))];
    const integer = (digits[0] ?? 0) >= 0x80 ? [0, ...digits] : digits;
    return [0x02, integer.length, ...integer];
  });
  return Uint8Array.from([0x30, body.length, ...body]);
}
