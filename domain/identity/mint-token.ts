/**
 * Mints a JWT with a key that never leaves KMS. This module builds the text to sign and converts the signature to JOSE's
 * form; the caller asks KMS to sign. (RFC 7515, RFC 7518 section 3.4.)
 */
import { claimsFor, type Identity, TOKEN_ALGORITHM, type TokenTimes } from './identity.ts';

const DAY_SECONDS = 86_400;
/** No chain of renewals lasts longer from its first signing. */
const LONGEST_RENEWED_SECONDS = 365 * DAY_SECONDS;

/** Seconds that a token lives unless told otherwise: a till stays signed in for 90 days, a person for 12 hours. */
export function defaultLifetimeSeconds(role: Identity['role']): number {
  return role === 'store' ? 90 * DAY_SECONDS : DAY_SECONDS / 2;
}

/** The times of a token that is signed anew. @param issuedAt seconds since the epoch */
export function timesFrom(issuedAt: number, lifetimeSeconds: number): TokenTimes {
  const whole = Math.floor(issuedAt);
  return { issuedAt: whole, expiresAt: whole + lifetimeSeconds, firstSignedAt: whole };
}

/**
 * The times of a renewed token: of the lifetime that the one before had, and never past a year from the first signing.
 *
 * @param issuedAt seconds since the epoch
 * @returns undefined once that year is over
 */
export function renewedTimes(before: TokenTimes, issuedAt: number): TokenTimes | undefined {
  const { firstSignedAt } = before;
  const fresh = timesFrom(issuedAt, before.expiresAt - before.issuedAt);
  const expiresAt = Math.min(fresh.expiresAt, firstSignedAt + LONGEST_RENEWED_SECONDS);
  return expiresAt > fresh.issuedAt ? { ...fresh, expiresAt, firstSignedAt } : undefined;
}

/** Signs bytes with ECDSA over P-256 and SHA-256; answers the DER signature that KMS gives. */
export type Sign = (message: Uint8Array) => Promise<Uint8Array>;

/**
 * A signed token for `identity`.
 *
 * @param keyId becomes the header's `kid`, by which the verifier picks its public key
 * @param issuedAt seconds since the epoch; their fraction tells the token from a revocation in the same second
 * @param times of a renewal @default those of a first token
 */
export async function mintToken(
  identity: Identity,
  keyId: string,
  sign: Sign,
  issuedAt: number,
  lifetimeSeconds = defaultLifetimeSeconds(identity.role),
  times: TokenTimes = timesFrom(issuedAt, lifetimeSeconds),
): Promise<string> {
  const header = { alg: TOKEN_ALGORITHM, typ: 'JWT', kid: keyId };
  const claims = claimsFor(identity, Math.round(issuedAt * 1_000), times);
  const signingInput = `${encodeJson(header)}.${encodeJson(claims)}`;
  const signature = await sign(new TextEncoder().encode(signingInput));
  return `${signingInput}.${base64url(joseSignature(signature))}`;
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

function encodeJson(value: unknown): string {
  return base64url(new TextEncoder().encode(JSON.stringify(value)));
}

/** KMS answers `SEQUENCE { INTEGER r, INTEGER s }`; JOSE wants r and s as 32 bytes each, one after the other. */
function joseSignature(der: Uint8Array): Uint8Array {
  const signature = new Uint8Array(64);
  let offset = 2;
  for (const end of [32, 64]) {
    const length = der[offset + 1] ?? 0;
    const integer = der.subarray(offset + 2, offset + 2 + length);
    // A leading zero only keeps DER's integer positive.
    const value = integer.length > 32 ? integer.subarray(integer.length - 32) : integer;
    signature.set(value, end - value.length);
    offset += 2 + length;
  }
  return signature;
}
