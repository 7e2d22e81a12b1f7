/** A request to a route of the HTTP API, after its token was taken. */
import type { Identity } from '../../domain/identity/identity.ts';

export type Query = Record<string, string | undefined>;

export interface ApiRequest {
  identity: Identity;
  /** Whether the caller's token is of our own making, not the external issuer's. */
  hasOurToken: boolean;
  /** Values of the path's `{name}` parts, decoded. */
  parameters: Record<string, string>;
  /** Nothing but what the operation takes. */
  query: Query;
  body: string;
  idempotencyKey: string | undefined;
  /** Milliseconds since the epoch. */
  now: number;
}

/** A request to a route that anyone may call. */
export interface PublicRequest {
  parameters: Record<string, string>;
  /** Names in lower case. */
  headers: Record<string, string | undefined>;
}
