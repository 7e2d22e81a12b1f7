/** A request to a route of the HTTP API, after its token was taken. */
import type { Identity, TokenTimes } from '../../domain/identity/identity.ts';
import { HttpProblem } from './http-answer.ts';

export type Query = Record<string, string | undefined>;

export interface ApiRequest {
  identity: Identity;
  /** Times of the caller's token if a key of this stack has signed it; undefined for the external issuer's. */
  ourToken: TokenTimes | undefined;
  /** Values of the path's `{name}` parts, decoded. */
  parameters: Record<string, string>;
  /** Nothing but what the operation takes. */
  query: Query;
  body: string;
  idempotencyKey: string | undefined;
  /** Milliseconds since the epoch. */
  now: number;
}

/** Who calls, by name. */
export function nameOf({ identity }: ApiRequest): string {
  return identity.role === 'store' ? identity.storeId : identity.name;
}

/** The same as a text that is another one for another role, and for a name of another issuer. */
export function callerOf(request: ApiRequest): string {
  return JSON.stringify([request.ourToken !== undefined, request.identity.role, nameOf(request)]);
}

/** A request to a route that anyone may call. */
export interface PublicRequest {
  parameters: Record<string, string>;
  /** Names in lower case. */
  headers: Record<string, string | undefined>;
}

/** @throws HttpProblem 400 */
export function parseBody(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    if (error instanceof SyntaxError) throw new HttpProblem(400, 'the body is not JSON');
    throw error;
  }
}
