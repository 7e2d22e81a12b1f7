/** `POST /token`: a fresh token for whoever brings one that still holds. */
import { mintToken } from '../../domain/token.ts';
import { json } from './answers.ts';
import type { HttpAnswer, ManagementContext } from './context.ts';

export async function renewToken({
  identity,
  now,
  tokenKeyId,
  sign,
}: ManagementContext): Promise<HttpAnswer> {
  return json(200, { token: await mintToken(identity, tokenKeyId, sign, Math.floor(now / 1000)) });
}
