/** The HTTP API as the page calls it: same origin, the token in a header and nowhere else. */

import * as v from 'valibot';
import {
  addressOf,
  type Call,
  type Operation,
  Problem,
  readAnswer,
  UnexpectedAnswerError,
  wholeList,
} from '../domain/protocol/http-api.ts';

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

interface Sent extends Call {
  body?: object;
  headers?: Record<string, string>;
}

export class Api {
  readonly #token: () => string;

  constructor(token: () => string) {
    this.#token = token;
  }

  /** @throws ApiError if it refuses; UnexpectedAnswerError; TypeError or a DOMException if nobody answers */
  async call<A>(operation: Operation<A>, { body, headers, ...call }: Sent = {}): Promise<A> {
    const response = await fetch(addressOf(operation, call), {
      method: operation.method,
      headers: {
        authorization: `Bearer ${this.#token()}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) throw new ApiError(response.status, await refusalOf(response));
    return readAnswer(operation, response.status === 204 ? undefined : await response.json());
  }

  /** Every item of a list, whatever its pages. */
  list<P extends { cursor?: string }, T>(
    operation: Operation<P>,
    itemsOf: (page: P) => readonly T[],
    { query, ...call }: Call = {},
  ): Promise<T[]> {
    return wholeList(
      cursor => this.call(operation, { ...call, query: { ...query, limit: PAGE_LIMIT, cursor } }),
      itemsOf,
    );
  }
}

/** The detail of a problem (RFC 9457); the gateway's own refusals are none. */
async function refusalOf(response: Response): Promise<string> {
  const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json') ?? false;
  const problem = isProblem ? v.safeParse(Problem, await response.json()) : undefined;
  return problem?.success ? problem.output.detail : `the chain answered ${response.status}`;
}

/** Whether nobody answered at all. */
export function isNoAnswer(error: unknown): boolean {
  return !(error instanceof ApiError || error instanceof UnexpectedAnswerError);
}

/** What went wrong, for people. */
export function reasonOf(error: unknown): string {
  if (error instanceof ApiError || error instanceof UnexpectedAnswerError) return error.message;
  return 'there is no connection to storecast';
}
