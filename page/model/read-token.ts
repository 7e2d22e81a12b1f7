/** What a token says of itself, before the chain is asked whether it is true. */
import * as v from 'valibot';
import { identityFromClaims } from '../../domain/identity/identity.ts';

/** A token with which nobody can sign in here; the message says why, and what to do. */
export class RefusedTokenError extends Error {
  override readonly name = 'RefusedTokenError';
}

export interface Session {
  token: string;
  /** Whom the token speaks for. */
  name: string;
  /** Managers read; publishers publish, too. */
  mayPublish: boolean;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

const Claims = v.looseObject({ exp: v.number() });

/**
 * Says before the chain does what is wrong with a token, as far as it can be read off it.
 *
 * @param now milliseconds since the epoch
 * @throws RefusedTokenError
 */
export function readToken(text: string, now: number): Session {
  const token = text.trim();
  if (token === '') throw new RefusedTokenError('Paste a manager’s or a publisher’s token.');
  const claims = claimsIn(token);
  const identity = identityFromClaims(claims);
  if (identity === undefined) throw new RefusedTokenError('This is no token of storecast.');
  if (identity.role === 'store')
    throw new RefusedTokenError('This is the token of a store; the page takes a manager’s or a publisher’s.');
  const { exp } = v.parse(Claims, claims);
  if (exp * 1000 <= now)
    throw new RefusedTokenError(
      `This token expired on ${new Date(exp * 1000).toLocaleString()}; get a new one.`,
    );
  return { token, name: identity.name, mayPublish: identity.role === 'publisher', expiresAt: exp * 1000 };
}

function claimsIn(token: string): unknown {
  try {
    const payload = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    return v.parse(Claims, JSON.parse(atob(payload)));
  } catch (error) {
    throw new RefusedTokenError('This is no token: it must be three parts with dots between, copied whole.', {
      cause: error,
    });
  }
}
