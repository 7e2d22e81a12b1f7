/**
 * `POST /token`: a fresh token for whoever brings one that still holds, unless its store is revoked. A token of the
 * external issuer is renewed by that issuer alone: whom it lets go could otherwise stay for good.
 */
import { mintToken, type Sign } from '../../domain/identity/mint-token.ts';
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
  tokenFor(identity: ApiRequest['identity'], now: number): Promise<string> {
    return mintToken(identity, this.#keyId, this.#sign, Math.floor(now / 1000));
  }
}

export async function renewToken(
  { hasOurToken, identity, now }: ApiRequest,
  { mint, roster }: { mint: TokenMint; roster: Roster },
): Promise<AnswerOf<typeof operations.renewToken>> {
  if (!hasOurToken) throw new HttpProblem(403, 'the token is of another issuer, which renews it');
  if (identity.role === 'store' && (await roster.revokedAt(identity.storeId)) !== undefined) {
    throw new HttpProblem(403, `store ${identity.storeId} is revoked`);
  }
  return { token: await mint.tokenFor(identity, now) };
}
