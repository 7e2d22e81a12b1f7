/** Who answers at an address: a storecast is known by how it refuses a caller without a token. */
import { WebSocket } from 'ws';

export const ANSWER_TIMEOUT_MS = 5_000;

export interface Answer {
  isStorecast: boolean;
  status: number;
  /** The server's time, in milliseconds since the epoch, and ours when its answer arrived. */
  serverTime: number;
  receivedAt: number;
}

/** @returns why nobody answered, in a few words */
export async function askManagement(url: string): Promise<Answer | string> {
  try {
    const { headers, status } = await fetch(new URL('stores', url), {
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    const isProblem = headers.get('content-type')?.includes('application/problem+json') ?? false;
    return {
      isStorecast: status === 401 && isProblem,
      status,
      serverTime: Date.parse(headers.get('date') ?? ''),
      receivedAt: Date.now(),
    };
  } catch (error) {
    return reasonOf(error);
  }
}

/** @returns the status of a handshake without a token, or why there was none */
export function askForLine(endpoint: string): Promise<number | string> {
  return new Promise(resolve => {
    try {
      const socket = new WebSocket(endpoint, { handshakeTimeout: ANSWER_TIMEOUT_MS });
      socket.on('unexpected-response', (request, response) => {
        resolve(response.statusCode ?? 0);
        request.destroy();
      });
      socket.on('open', () => {
        resolve(101);
        socket.terminate();
      });
      socket.on('error', error => resolve(reasonOf(error)));
    } catch (error) {
      resolve(reasonOf(error));
    }
  });
}

/** `fetch` says only "fetch failed"; the reason is in `cause`. */
export function reasonOf(error: unknown): string {
  const { cause, code, message, name } = (error ?? {}) as NodeJS.ErrnoException;
  const inner = (cause ?? {}) as NodeJS.ErrnoException;
  if (name === 'TimeoutError') return `no answer within ${ANSWER_TIMEOUT_MS / 1_000} s`;
  return inner.code ?? code ?? inner.message ?? message ?? String(error);
}
