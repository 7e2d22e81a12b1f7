/**
 * Who a token speaks for. Identity comes from the signed token alone: the claims become an `Identity` at
 * `$connect`, travel in the authorizer's context, and are read back from there for every frame.
 */
import * as v from 'valibot';
import { Name } from '../names.ts';
import { TimeZone } from '../retail/local-time.ts';
import type { StorePlacement } from '../updates/channels.ts';

export const TOKEN_ISSUER = 'storecast';
export const TOKEN_AUDIENCE = 'storecast';
export const TOKEN_ALGORITHM = 'ES256';
/** The header's `typ`: the same keys sign what is no token. */
export const TOKEN_TYPE = 'JWT';

/** The last moment of a `Date`. What a key signs may name any number, and a table takes fewer. */
const LATEST_MS = 8.64e15;

const StoreClaims = v.object({
  role: v.literal('store'),
  iat: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(LATEST_MS / 1_000))),
  iatMs: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(LATEST_MS))),
  storeId: Name,
  region: v.optional(Name),
  groups: v.optional(v.array(Name), []),
  timeZone: v.optional(TimeZone),
});
const PersonClaims = v.object({ role: v.picklist(['manager', 'publisher']), sub: Name });
const Claims = v.variant('role', [StoreClaims, PersonClaims]);

/** `signedAt`: when its token was signed, in milliseconds since the epoch; undefined where the token doesn't say. */
export type StoreIdentity = {
  role: 'store';
  signedAt?: number | undefined;
  /** IANA; of its local times. */
  timeZone?: string | undefined;
} & StorePlacement;
export type PersonIdentity = { role: 'manager' | 'publisher'; name: string };
export type Identity = StoreIdentity | PersonIdentity;

/**
 * The identity that verified claims describe.
 *
 * @returns undefined if the claims are not storecast's: no role, or a store without its id
 */
export function identityFromClaims(claims: unknown): Identity | undefined {
  const parsed = v.safeParse(Claims, claims);
  if (!parsed.success) return undefined;
  if (parsed.output.role !== 'store') return { role: parsed.output.role, name: parsed.output.sub };
  const { storeId, region, groups, timeZone, iat, iatMs } = parsed.output;
  const signedAt = iatMs ?? (iat === undefined ? undefined : iat * 1_000);
  return {
    role: 'store',
    storeId,
    region,
    groups,
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(signedAt === undefined ? {} : { signedAt: Math.floor(signedAt) }),
  };
}

/** When a token was signed, first signed, and ends: in whole seconds since the epoch. */
export interface TokenTimes {
  issuedAt: number;
  expiresAt: number;
  /** Of the first in its chain of renewals. */
  firstSignedAt: number;
}

/**
 * The claims of a new token: `sub` names whom it speaks for, times are in seconds as RFC 7519 has them, and `auth_time`
 * is the time of the first signing. A store's has `iatMs` besides: a revocation ends the tokens that were signed before
 * it, to the millisecond.
 */
export function claimsFor(
  identity: Identity,
  signedAtMs: number,
  times: TokenTimes,
): Record<string, unknown> {
  const { issuedAt: iat, expiresAt: exp, firstSignedAt } = times;
  const registered = { iss: TOKEN_ISSUER, aud: TOKEN_AUDIENCE, iat, exp, auth_time: firstSignedAt };
  if (identity.role !== 'store') return { ...registered, role: identity.role, sub: identity.name };
  const { role, storeId, region, groups, timeZone } = identity;
  return { ...registered, iatMs: signedAtMs, role, sub: storeId, storeId, region, groups, timeZone };
}

/** The times of claims that `claimsFor` made; a token from before `auth_time` counts as the first. */
export function timesOf({ auth_time, exp = 0, iat = 0 }: Record<string, unknown>): TokenTimes {
  const [issuedAt, expiresAt] = [Number(iat), Number(exp)];
  return { issuedAt, expiresAt, firstSignedAt: typeof auth_time === 'number' ? auth_time : issuedAt };
}

/** An authorizer's context holds strings, numbers and booleans only: `groups` goes through as one string. */
export type AuthorizerContext = Record<string, string>;

export function toAuthorizerContext(identity: Identity): AuthorizerContext {
  if (identity.role !== 'store') return { role: identity.role, name: identity.name };
  const { role, storeId, region, groups, signedAt, timeZone } = identity;
  return {
    role,
    storeId,
    groups: groups.join(' '),
    ...(region === undefined ? {} : { region }),
    ...(signedAt === undefined ? {} : { signedAt: String(signedAt) }),
    ...(timeZone === undefined ? {} : { timeZone }),
  };
}

/** @throws TypeError if the context is not one that `toAuthorizerContext` made: the authorizer is not wired */
export function fromAuthorizerContext(context: Record<string, unknown> | null | undefined): Identity {
  const { role, name, storeId, region, groups, signedAt, timeZone } = context ?? {};
  if ((role === 'manager' || role === 'publisher') && typeof name === 'string') return { role, name };
  if (role === 'store' && typeof storeId === 'string') {
    return {
      role,
      storeId,
      region: typeof region === 'string' ? region : undefined,
      groups: typeof groups === 'string' && groups !== '' ? groups.split(' ') : [],
      ...(typeof signedAt === 'string' ? { signedAt: Number(signedAt) } : {}),
      ...(typeof timeZone === 'string' ? { timeZone } : {}),
    };
  }
  throw new TypeError('the request carries no identity from the authorizer');
}
