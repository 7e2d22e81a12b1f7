/**
 * Who a token speaks for. Identity comes from the signed token alone: the claims become an `Identity` at
 * `$connect`, travel in the authorizer's context, and are read back from there for every frame.
 */
import * as v from 'valibot';
import { Name } from '../names.ts';
import type { StorePlacement } from '../updates/channels.ts';

export const TOKEN_ISSUER = 'storecast';
export const TOKEN_AUDIENCE = 'storecast';
export const TOKEN_ALGORITHM = 'ES256';

const StoreClaims = v.object({
  role: v.literal('store'),
  storeId: Name,
  region: v.optional(Name),
  groups: v.optional(v.array(Name), []),
});
const PersonClaims = v.object({ role: v.picklist(['manager', 'publisher']), sub: Name });
const Claims = v.variant('role', [StoreClaims, PersonClaims]);

export type StoreIdentity = { role: 'store' } & StorePlacement;
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
  const { storeId, region, groups } = parsed.output;
  return { role: 'store', storeId, region, groups };
}

/** The claims of a new token: `sub` names whom it speaks for, times are in seconds as RFC 7519 has them. */
export function claimsFor(identity: Identity, issuedAt: number, expiresAt: number): Record<string, unknown> {
  const registered = { iss: TOKEN_ISSUER, aud: TOKEN_AUDIENCE, iat: issuedAt, exp: expiresAt };
  if (identity.role !== 'store') return { ...registered, role: identity.role, sub: identity.name };
  const { role, storeId, region, groups } = identity;
  return { ...registered, role, sub: storeId, storeId, region, groups };
}

/** An authorizer's context holds strings, numbers and booleans only: `groups` goes through as one string. */
export type AuthorizerContext = Record<string, string>;

export function toAuthorizerContext(identity: Identity): AuthorizerContext {
  if (identity.role !== 'store') return { role: identity.role, name: identity.name };
  const { role, storeId, region, groups } = identity;
  return { role, storeId, groups: groups.join(' '), ...(region === undefined ? {} : { region }) };
}

/** @throws TypeError if the context is not one that `toAuthorizerContext` made: the authorizer is not wired */
export function fromAuthorizerContext(context: Record<string, unknown> | null | undefined): Identity {
  const { role, name, storeId, region, groups } = context ?? {};
  if ((role === 'manager' || role === 'publisher') && typeof name === 'string') return { role, name };
  if (role === 'store' && typeof storeId === 'string') {
    return {
      role,
      storeId,
      region: typeof region === 'string' ? region : undefined,
      groups: typeof groups === 'string' && groups !== '' ? groups.split(' ') : [],
    };
  }
  throw new TypeError('the request carries no identity from the authorizer');
}
