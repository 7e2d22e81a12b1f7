/** Mints a JWT: claims that are signed as a JWS in its compact form, and how long they hold. */
import { claimsFor, type Identity, TOKEN_ALGORITHM, TOKEN_TYPE, type TokenTimes } from './identity.ts';
import { type Sign, signJws } from './jws.ts';

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
  const header = { alg: TOKEN_ALGORITHM, typ: TOKEN_TYPE, kid: keyId };
  const claims = claimsFor(identity, Math.round(issuedAt * 1_000), times);
  const { payload, protected: encodedHeader, signature } = await signJws(header, claims, sign);
  return `${encodedHeader}.${payload}.${signature}`;
}
