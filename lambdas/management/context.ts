/** What a route of the HTTP API is given, and what it answers. */
import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { Identity } from '../../domain/identity/identity.ts';
import type { Sign } from '../../domain/identity/mint-token.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Receipts } from '../receipts/receipts.ts';
import type { Connections } from '../registry/connections.ts';
import type { Roster } from '../registry/roster.ts';
import type { SalesBook } from '../sales/sales-book.ts';
import type { SalesTotals } from '../sales/span-totals.ts';
import type { CurrentState } from '../updates/current-state.ts';
import type { UpdateLog } from '../updates/update-log.ts';

/** What a route answers from: the request, and the function's collaborators. */
export interface ManagementContext {
  identity: Identity;
  /** Whether the caller's token is of our own making, not the external issuer's. */
  hasOurToken: boolean;
  /** Name of the caller, for what belongs to him. */
  caller: string;
  /** Values of the path's `{name}` parts, decoded. */
  parameters: Record<string, string>;
  query: Record<string, string | undefined>;
  body: string;
  idempotencyKey: string | undefined;
  /** Milliseconds since the epoch. */
  now: number;
  connections: Connections;
  current: CurrentState;
  events: EventBridgeClient;
  busName: string;
  gateway: Gateway;
  log: UpdateLog;
  receipts: Receipts;
  roster: Roster;
  sales: SalesBook;
  totals: SalesTotals;
  sign: Sign;
  tokenKeyId: string;
}

/** A request to a route that anyone may call. */
export interface PublicRequest {
  parameters: Record<string, string>;
  /** Names in lower case. */
  headers: Record<string, string | undefined>;
}

export interface HttpAnswer {
  statusCode: number;
  headers?: Record<string, string>;
  body?: string;
}
