/**
 * `POST /token`: a fresh token for a store that brings one that still holds, until a year after its first signing. A
 * person's token is not renewed: a stolen one would last for good. One of the external issuer is renewed by that issuer
 * alone: whom it lets go could otherwise stay.
 */
import type { Identity, TokenTimes } from '../../domain/identity/identity.ts';
import type { Sign } from '../../domain/identity/jws.ts';
import { mintToken, renewedTimes } from '../../domain/identity/mint-token.ts';
import type { AnswerOf, operations } from '../../domain/protocol/http-api.ts';
import type { Roster } from '../registry/roster.ts';
import type { ApiRequest } from './api-request.ts';
import { HttpProblem } from './http-answer.ts';

/** Signs tokens by the stack's newest key. */
export class TokenMint {
  readonly #keyId: string;
  readonly #sign: Sign;

  constructor(options: { keyId: string; sign: Sign }) {
    this.#keyId = options.keyId;
    this.#sign = options.sign;
  }

  /** @param now milliseconds since the epoch */
  tokenFor(identity: Identity, now: number, times: TokenTimes): Promise<string> {
    return mintToken(identity, this.#keyId, this.#sign, now / 1_000, undefined, times);
  }
}

export async function renewToken(
  { identity, now, ourToken }: ApiRequest,
  { mint, roster }: { mint: TokenMint; roster: Roster },
): Promise<AnswerOf<typeof operations.renewToken>> {
  if (ourToken === undefined) throw new HttpProblem(403, 'the token is of another issuer, which renews it');
  if (identity.role === 'store' && !(await roster.takesTokenOf(identity))) {
    throw new HttpProblem(403, `store ${identity.storeId} is revoked, or was after this token was signed`);
  }
  const times = renewedTimes(ourToken, now / 1_000);
  if (times === undefined) {
    throw new HttpProblem(403, 'the token was first signed a year ago: the store needs a new one');
  }
  const { expiresAt, issuedAt } = times;
  return {
    token: await mint.tokenFor(identity, now, times),
    expiresAt: timestamp(expiresAt),
    renewAt: timestamp(issuedAt + (expiresAt - issuedAt) / 2),
  };
}

/** @param seconds since the epoch */
function timestamp(seconds: number): string {
  return new Date(seconds * 1_000).toISOString();
}
