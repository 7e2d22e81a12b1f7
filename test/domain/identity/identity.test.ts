import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  claimsFor,
  fromAuthorizerContext,
  identityFromClaims,
  timesOf,
  toAuthorizerContext,
} from '../../../domain/identity/identity.ts';
import { identities } from '../arbitraries.ts';

/** What is left of a value on its way through API Gateway or a token. */
const overTheWire = <T>(value: T): T => JSON.parse(JSON.stringify(value));

describe('every identity', () => {
  it("comes back from the authorizer's context, of strings alone, as it went in", () => {
    fc.assert(
      fc.property(identities, identity => {
        const context = toAuthorizerContext(identity);
        for (const value of Object.values(context)) expect(value).toBeTypeOf('string');
        expect(fromAuthorizerContext(overTheWire(context))).toStrictEqual(identity);
      }),
    );
  });

  it('comes back from the claims of its token as it went in', () => {
    fc.assert(
      fc.property(identities, identity => {
        const times = { issuedAt: 1_000, expiresAt: 2_000, firstSignedAt: 500 };
        const claims = claimsFor(identity, 1_000_250, times);
        expect(claims).toMatchObject({ iss: 'storecast', aud: 'storecast', iat: 1_000, exp: 2_000 });
        expect(timesOf(overTheWire(claims))).toEqual(times);
        const signedAt = identity.role === 'store' ? { signedAt: 1_000_250 } : {};
        expect(identityFromClaims(overTheWire(claims))).toStrictEqual({ ...identity, ...signedAt });
      }),
    );
  });
});

describe('claims', () => {
  it.each<[string, object]>([
    ['a store', { role: 'store', storeId: 's1' }],
    ['a store with its time zone', { role: 'store', storeId: 's1', timeZone: 'Asia/Tokyo' }],
    ['another claim beside', { role: 'manager', sub: 'ann', scope: 'all' }],
  ])('of %s are taken', (_title, claims) => {
    expect(identityFromClaims(claims)).toBeDefined();
  });

  // 4e-323 was written to a table that takes no such number, and the handshake was answered 502.
  it('tell when they were signed in whole milliseconds', () => {
    expect(identityFromClaims({ role: 'store', storeId: 's1', iat: 4e-323 })).toMatchObject({ signedAt: 0 });
    expect(identityFromClaims({ role: 'store', storeId: 's1', iat: 1.0015 })).toMatchObject({
      signedAt: 1_001,
    });
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a text', 'store'],
    ['a list', [{ role: 'store', storeId: 's1' }]],
    ['no role', { sub: 'ann' }],
    ['an unknown role', { role: 'admin', sub: 'ann' }],
    ['a role of an object', { role: 'toString', sub: 'ann' }],
    ['two roles', { role: ['store', 'manager'], storeId: 's1', sub: 'ann' }],
    ['a store without its id', { role: 'store', sub: 's1' }],
    ['a store signed at no date', { role: 'store', storeId: 's1', iat: 1e300 }],
    ['a store id with a slash', { role: 'store', storeId: 'a/b' }],
    ['a store id with a space', { role: 'store', storeId: 'a b' }],
    ['a region that is no name', { role: 'store', storeId: 's1', region: '' }],
    ['a group with a space, which would become two', { role: 'store', storeId: 's1', groups: ['a b'] }],
    ['a time zone that nobody knows', { role: 'store', storeId: 's1', timeZone: 'Mars/Olympus' }],
    ['a text for groups', { role: 'store', storeId: 's1', groups: 'a' }],
    ['a manager without a name', { role: 'manager', storeId: 's1' }],
  ])('with %s describe nobody', (_title, claims) => {
    expect(identityFromClaims(claims)).toBeUndefined();
  });
});

describe("an authorizer's context", () => {
  it.each<[string, Record<string, unknown> | null | undefined]>([
    ['no context', undefined],
    ['a null context', null],
    ['an empty one', {}],
    ['an unknown role', { role: 'admin', name: 'ann' }],
    ['a store without its id', { role: 'store', name: 's1' }],
    ['a manager without a name', { role: 'manager', storeId: 's1' }],
    ['a number for a name', { role: 'manager', name: 7 }],
  ])('is refused when it is %s', (_title, context) => {
    expect(() => fromAuthorizerContext(context)).toThrow(TypeError);
  });
});
