/** What API Gateway needs from its surroundings, and how an API is described to it. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../cloud-clock.ts';
import type { Faults, Limits } from '../cloud-options.ts';
import type { HttpRequest, HttpResponse } from '../http.ts';
import type { TokenBucket } from '../token-bucket.ts';
import type { Usage } from '../usage.ts';

/** What Lambda answers to a synchronous invocation. */
export type InvokeResult =
  | { payload: unknown }
  | { functionError: { errorType: string; errorMessage: string } }
  | { throttled: true };

export interface Caller {
  /** The ARN that the function's permission names. */
  sourceArn: string;
  /** Whether somebody still waits for the answer. */
  isThere: () => boolean;
}

export interface GatewayDependencies {
  /** Synchronous Lambda invocation. */
  invoke(functionArn: string, event: unknown, caller: Caller): Promise<InvokeResult>;
  clock: Clock;
  limits: Limits;
  faults: Faults;
  /** The account's throttle, shared by all APIs. */
  requests: TokenBucket;
  /** Counts connections, messages and requests. */
  usage?: Usage;
  log(message: string): void;
  accountId: string;
  region: string;
}

/** Of each route of a stage, besides the account's: requests a second, and at once after a pause. */
export interface Throttle {
  rate: number;
  burst: number;
}

export interface WebSocketAuthorizer {
  /** Part of the ARN that Lambda sees as the caller of the authorizer. */
  authorizerId: string;
  functionArn: string;
  /** For example `route.request.header.Authorization`; all must be present, or the authorizer is not invoked. */
  identitySources: string[];
}

export interface WebSocketRoute {
  functionArn: string;
  /** API Gateway takes one on `$connect` only. */
  authorizer?: WebSocketAuthorizer;
  /** The route has a route response: what the Lambda answers goes to the client. */
  returnsResponse: boolean;
}

export interface WebSocketApiDefinition {
  apiId: string;
  stageName: string;
  /** @default the account's alone */
  throttle?: Throttle;
  domainName: string;
  /** For example `$request.body.action`. */
  routeSelectionExpression: string;
  /** By route key: `$connect`, `$disconnect`, `$default` or a value of the selection expression. */
  routes: Record<string, WebSocketRoute>;
}

export interface WebSocketApi {
  /** Takes the socket of an HTTP server's `upgrade` event and answers it, whatever comes of it. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** The `@connections` commands; the edge has checked that the caller may call them. */
  handleConnectionsRequest(request: HttpRequest): HttpResponse;
  readonly connectionCount: number;
  /** Closes every connection with 1001 and gives `$disconnect` a second at most. */
  close(): Promise<void>;
}

export interface HttpApiDefinition {
  apiId: string;
  /** `$default` serves from the root, any other stage from `/{stageName}`. */
  stageName: string;
  /** @default the account's alone */
  throttle?: Throttle;
  domainName: string;
  /** By route key, for example `GET /stores/{id}`, `ANY /{proxy+}` or `$default`. */
  routes: Record<string, { functionArn: string }>;
}

/** `HttpResponse` has one value a header, so each cookie is kept apart: one `set-cookie` header each. */
export interface HttpApiResponse extends HttpResponse {
  cookies: string[];
}

export interface HttpApi {
  handle(request: HttpRequest): Promise<HttpApiResponse>;
}
