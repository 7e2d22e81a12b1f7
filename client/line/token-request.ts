/** `POST {managementUrl}token`: a fresh token for one that holds. */
import * as v from 'valibot';

const ANSWER_TIMEOUT_MS = 30_000;

const Answer = v.object({ token: v.string(), renewAt: v.optional(v.string()) });

export interface FreshToken {
  token: string;
  /** When to ask for the next one, in milliseconds since the epoch; undefined where the chain doesn't say. */
  renewAt: number | undefined;
}

/** The chain answered that it gives no token for this one. */
export class TokenRefusedError extends Error {
  override readonly name = 'TokenRefusedError';
  readonly status: number;
  constructor(path: string, status: number) {
    super(`POST ${path} answered ${status}`);
    this.status = status;
  }
}

/** @throws TokenRefusedError, or whatever `fetch` throws */
export async function requestToken(managementUrl: string, token: string): Promise<FreshToken> {
  const url = new URL('token', managementUrl.endsWith('/') ? managementUrl : `${managementUrl}/`);
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
  });
  if (!response.ok) throw new TokenRefusedError(url.pathname, response.status);
  const answer = v.parse(Answer, await response.json());
  const renewAt = Date.parse(answer.renewAt ?? '');
  return { token: answer.token, renewAt: Number.isNaN(renewAt) ? undefined : renewAt };
}
