/** How somebody of head office signs in. The token is never in a URL, and gone with the browser's session (kept-token.ts). */
import { LOCAL_TOKEN_PATH } from '../domain/names.ts';
import { operations } from '../domain/protocol/http-api.ts';
import { Api, ApiError, reasonOf } from './api.ts';
import { RefusedTokenError, readToken, type Session } from './model/read-token.ts';

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

/** On the machine of the local cloud its page opens signed in; undefined anywhere else. */
export async function localToken(): Promise<string | undefined> {
  if (!LOOPBACK.includes(location.hostname)) return undefined;
  try {
    const response = await fetch(LOCAL_TOKEN_PATH.slice(1));
    if (!response.ok) return undefined;
    return ((await response.json()) as { token?: string }).token;
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** @throws RefusedTokenError if the chain doesn't take it either, or doesn't answer */
export async function signIn(text: string, now: number): Promise<Session> {
  const session = readToken(text, now);
  try {
    await new Api(() => session.token).call(operations.listStores, { query: { limit: 1 } });
    return session;
  } catch (error) {
    const isRefused = error instanceof ApiError && error.status === 401;
    const reason = isRefused
      ? 'The chain does not take this token: another system signed it, or it was changed.'
      : `That didn’t work: ${reasonOf(error)}. Try again.`;
    throw new RefusedTokenError(reason, { cause: error });
  }
}
