/** The HTTP API as the page calls it: same origin, the token in a header and nowhere else. */

/** The answer was not the one asked for; the message is the API's own words, for people. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const TIMEOUT_MS = 30_000;
const PAGE_LIMIT = 1_000;

export class Api {
  readonly #token: () => string;

  constructor(token: () => string) {
    this.#token = token;
  }

  /** @throws ApiError if it refuses; TypeError or a DOMException if nobody answers */
  get<T>(path: string): Promise<T> {
    return this.#call('GET', path);
  }

  post<T>(path: string, body: object, headers: Record<string, string> = {}): Promise<T> {
    return this.#call('POST', path, { body: JSON.stringify(body), headers });
  }

  /** Every item of a list, whatever its pages. */
  async list<T>(path: string, items = 'items'): Promise<T[]> {
    const all: T[] = [];
    let cursor: string | undefined;
    do {
      const query = `limit=${PAGE_LIMIT}${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
      const page = await this.get<Record<string, unknown>>(
        `${path}${path.includes('?') ? '&' : '?'}${query}`,
      );
      all.push(...(page[items] as T[]));
      cursor = page.cursor as string | undefined;
    } while (cursor !== undefined);
    return all;
  }

  async #call<T>(
    method: string,
    path: string,
    { body, headers }: { body?: string; headers?: Record<string, string> } = {},
  ): Promise<T> {
    const response = await fetch(path, {
      method,
      headers: {
        authorization: `Bearer ${this.#token()}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) throw new ApiError(response.status, await refusalOf(response));
    return (await response.json()) as T;
  }
}

/** The detail of a problem (RFC 9457); the gateway's own refusals are none. */
async function refusalOf(response: Response): Promise<string> {
  const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json') ?? false;
  const { detail } = isProblem ? ((await response.json()) as { detail?: string }) : {};
  return detail ?? `the chain answered ${response.status}`;
}

/** What went wrong, for people. */
export function reasonOf(error: unknown): string {
  return error instanceof ApiError ? error.message : 'the chain does not answer';
}
