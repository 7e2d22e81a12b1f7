/**
 * `POST /token`: a fresh token for whoever brings one that still holds, unless his store is revoked. Not for a token of the
 * external issuer: whom that one lets go could otherwise stay for good.
 */
import { mintToken } from '../../domain/identity/mint-token.ts';
import type { HttpAnswer, ManagementContext } from './context.ts';
import { json } from './http-answers.ts';
import { HttpProblem } from './problem.ts';

export async function renewToken({
  hasOurToken,
  identity,
  now,
  roster,
  tokenKeyId,
  sign,
}: ManagementContext): Promise<HttpAnswer> {
  if (!hasOurToken) throw new HttpProblem(403, 'the token is of another issuer, which renews it');
  if (identity.role === 'store' && (await roster.revokedAt(identity.storeId)) !== undefined) {
    throw new HttpProblem(403, `store ${identity.storeId} is revoked`);
  }
  return json(200, { token: await mintToken(identity, tokenKeyId, sign, Math.floor(now / 1000)) });
}
