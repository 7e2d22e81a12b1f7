/** The HTTP API as commands call it: with a short-lived token of their own, and answers read by their contract. */
import * as v from 'valibot';
import {
  addressOf,
  type Call,
  type Operation,
  type Page,
  Problem,
  readAnswer,
  wholeList,
} from '../domain/protocol/http-api.ts';
import { CommandError, NotFoundError } from './errors.ts';

/** Whose token a call needs: whoever reads needs no right to change anything. */
export type CallerRole = 'manager' | 'publisher';

const PAGE_LIMIT = 1_000;

export class ApiClient {
  readonly #url: () => string;
  readonly #token: (role: CallerRole) => Promise<string>;

  constructor(options: { url: () => string; token: (role: CallerRole) => Promise<string> }) {
    this.#url = options.url;
    this.#token = options.token;
  }

  /** @throws CommandError with the API's own detail; UnexpectedAnswerError */
  async call<A>(operation: Operation<A>, call: Call = {}): Promise<A> {
    const { method } = operation;
    const token = await this.#token(method === 'GET' ? 'manager' : 'publisher');
    const url = new URL(addressOf(operation, call), this.#url());
    const headers = { authorization: `Bearer ${token}` };
    const sent = call.body === undefined ? {} : { body: JSON.stringify(call.body) };
    const response = await fetch(url, { method, headers, ...sent });
    const body = response.status === 204 ? undefined : parse(await response.text());
    if (response.ok) return readAnswer(operation, body);
    const problem = v.safeParse(Problem, body);
    const Failure = response.status === 404 ? NotFoundError : CommandError;
    throw new Failure(problem.success ? problem.output.detail : `${url} answered ${response.status}`);
  }

  /** Every item of a list, whatever its pages. */
  list<T>(operation: Operation<Page<T>>, { parameters, query }: Call = {}): Promise<T[]> {
    return wholeList(
      cursor =>
        this.call(operation, {
          ...(parameters === undefined ? {} : { parameters }),
          query: { ...query, limit: PAGE_LIMIT, cursor },
        }),
      page => page.items,
    );
  }
}

/** Undefined for what is no JSON: the gateway has answers of its own. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
