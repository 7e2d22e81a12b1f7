/** `POST /token`: a fresh token for whoever brings one that still holds, unless his store is revoked. */
import { mintToken } from '../../domain/token.ts';
import { json } from './answers.ts';
import type { HttpAnswer, ManagementContext } from './context.ts';
import { HttpProblem } from './problem.ts';

export async function renewToken({
  identity,
  now,
  roster,
  tokenKeyId,
  sign,
}: ManagementContext): Promise<HttpAnswer> {
  if (identity.role === 'store' && (await roster.revokedAt(identity.storeId)) !== undefined) {
    throw new HttpProblem(403, `store ${identity.storeId} is revoked`);
  }
  return json(200, { token: await mintToken(identity, tokenKeyId, sign, Math.floor(now / 1000)) });
}
