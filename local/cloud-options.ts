import { availableParallelism } from 'node:os';

/** Limits of the emulated services; the defaults are AWS's own (see docs/architecture.md, "Limits"). */
export interface Limits {
  /** API Gateway, account-wide: requests of HTTP APIs, WebSocket messages and `@connections` calls. */
  requests: { rate: number; burst: number };
  /** API Gateway, account-wide: new WebSocket connections. */
  newConnections: { rate: number; burst: number };
  /** One WebSocket frame; a larger one closes the connection with 1009. */
  frameBytes: number;
  /** One WebSocket message of one or more frames, and one `@connections` post. */
  messageBytes: number;
  /** A connection without traffic for so long is closed with 1001. */
  idleSeconds: number;
  /** A connection so old is closed with 1001, however busy it is. */
  lifetimeSeconds: number;
  /** API Gateway waits so long for a Lambda behind a route. */
  integrationTimeoutSeconds: number;
  /** DynamoDB: write and read units of one partition key, of a table or an index; `burst` is five minutes of them. */
  partitionWrites: { rate: number; burst: number };
  partitionReads: { rate: number; burst: number };
  /** Lambda environments of one function that run side by side on this machine; further invocations wait. */
  environmentsPerFunction: number;
  /** So many of them without a wait, as many as the machine has cores; another one where none has ended for a moment. */
  environmentsAtOnce: number;
}

export const awsLimits: Limits = {
  requests: { rate: 10_000, burst: 5_000 },
  newConnections: { rate: 500, burst: 500 },
  frameBytes: 32 * 1024,
  messageBytes: 128 * 1024,
  idleSeconds: 600,
  lifetimeSeconds: 7_200,
  integrationTimeoutSeconds: 29,
  partitionWrites: { rate: 1_000, burst: 300_000 },
  partitionReads: { rate: 3_000, burst: 900_000 },
  environmentsPerFunction: 4,
  environmentsAtOnce: availableParallelism(),
};

/** What a test can make go wrong; each hook is asked at each occasion and answers with a fault or nothing. */
export interface Faults {
  /** An `@connections` POST: 429, 500, or answered 200 and never sent. */
  post?: (connectionId: string) => 'throttle' | 'error' | 'lose' | undefined;
  /** A request to DynamoDB for a table: over its capacity, or failed. It changes nothing. */
  table?: (operation: string, tableName: string) => 'throttle' | 'error' | undefined;
  /** A closed connection whose `$disconnect` is never delivered. */
  disconnect?: (connectionId: string) => 'lose' | undefined;
  /** An invocation that Lambda throttles, or whose environment dies before or after the handler ran, or in the middle. */
  invoke?: (
    functionName: string,
  ) => 'throttle' | 'crash-before' | 'crash-after' | { crashAfterMs: number } | undefined;
}

/** Routes that whoever starts the local cloud adds for its own pages. By path, `GET` each; the answer goes out as JSON. */
export type LocalRoutes = Record<string, (outputs: Record<string, string>) => Promise<unknown>>;
