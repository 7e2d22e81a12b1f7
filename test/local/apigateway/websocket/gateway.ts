/**
 * A small HTTP server that wires the gateway as the local cloud's edge does, with real WebSocket clients and the real
 * SDK; only Lambda is the test's own.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { ApiGatewayManagementApiClient } from '@aws-sdk/client-apigatewaymanagementapi';
import { WebSocket } from 'ws';
import type {
  GatewayDependencies,
  InvokeResult,
  WebSocketApi,
  WebSocketApiDefinition,
} from '../../../../local/apigateway/types.ts';
import { createWebSocketApi } from '../../../../local/apigateway/websocket/websocket-api.ts';
import { type AdjustableClock, createClock } from '../../../../local/cloud-clock.ts';
import { awsLimits, type Faults, type Limits } from '../../../../local/cloud-options.ts';
import type { HttpRequest } from '../../../../local/http.ts';
import { TokenBucket } from '../../../../local/token-bucket.ts';
import type { Usage } from '../../../../local/usage.ts';

export interface Invocation {
  functionArn: string;
  sourceArn: string;
  /** Whether the client waits for what comes of it. */
  isThere: () => boolean;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into events at any depth.
  event: any;
}

/** A queue of what happened, for `await next()` instead of a sleep. */
export class Inbox<T> {
  readonly #items: T[] = [];
  readonly #waiting: ((item: T) => void)[] = [];

  push(item: T): void {
    const waiter = this.#waiting.shift();
    if (waiter) waiter(item);
    else this.#items.push(item);
  }

  next(): Promise<T> {
    const item = this.#items.shift();
    return item === undefined ? new Promise(resolve => this.#waiting.push(resolve)) : Promise.resolve(item);
  }

  get size(): number {
    return this.#items.length;
  }
}

export const ok: InvokeResult = { payload: { statusCode: 200 } };

export const routes: WebSocketApiDefinition['routes'] = {
  $connect: { functionArn: 'connect', returnsResponse: false },
  $disconnect: { functionArn: 'disconnect', returnsResponse: false },
  $default: { functionArn: 'fallback', returnsResponse: true },
  ping: { functionArn: 'ping', returnsResponse: true },
  quiet: { functionArn: 'quiet', returnsResponse: false },
};

export type Answer = (invocation: Invocation) => InvokeResult | Promise<InvokeResult>;

export interface GatewayOptions {
  routes?: WebSocketApiDefinition['routes'];
  routeSelectionExpression?: string;
  limits?: Partial<Limits>;
  faults?: Faults;
  usage?: Usage;
  /** Answers by function; a function that is not named answers 200 without a body. */
  lambdas?: Record<string, Answer>;
}

export interface Gateway {
  api: WebSocketApi;
  clock: AdjustableClock;
  port: number;
  url: string;
  sdk: ApiGatewayManagementApiClient;
  logs: string[];
  /** The gateway's ends of the connections. */
  sockets: Duplex[];
  /** Invocations of one function, in their order. */
  invocations(functionArn: string): Inbox<Invocation>;
  connect(options?: ClientOptions): Promise<Client>;
  close(): Promise<void>;
}

export function createDependencies(
  options: Pick<GatewayOptions, 'limits' | 'faults' | 'usage'>,
  invoke: GatewayDependencies['invoke'],
): GatewayDependencies & { clock: AdjustableClock; logs: string[] } {
  const clock = createClock();
  const limits = { ...awsLimits, ...options.limits };
  const logs: string[] = [];
  return {
    invoke,
    clock,
    limits,
    logs,
    faults: options.faults ?? {},
    requests: new TokenBucket(clock, limits.requests),
    ...(options.usage ? { usage: options.usage } : {}),
    log: message => logs.push(message),
    accountId: '123456789012',
    region: 'eu-central-1',
  };
}

export async function startGateway(options: GatewayOptions = {}): Promise<Gateway> {
  const inboxes = new Map<string, Inbox<Invocation>>();
  const invocations = (functionArn: string): Inbox<Invocation> => {
    const inbox = inboxes.get(functionArn) ?? new Inbox<Invocation>();
    inboxes.set(functionArn, inbox);
    return inbox;
  };
  const dependencies = createDependencies(options, async (functionArn, event, caller) => {
    const invocation = { functionArn, event, ...caller };
    invocations(functionArn).push(invocation);
    return (await options.lambdas?.[functionArn]?.(invocation)) ?? ok;
  });
  const api = createWebSocketApi(
    {
      apiId: 'abc123',
      stageName: 'prod',
      domainName: 'abc123.execute-api.eu-central-1.amazonaws.com',
      routeSelectionExpression: options.routeSelectionExpression ?? '$request.body.action',
      routes: options.routes ?? routes,
    },
    dependencies,
  );
  const sockets: Duplex[] = [];
  const server = serve(api, sockets);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const sdk = new ApiGatewayManagementApiClient({
    endpoint: `http://127.0.0.1:${port}/prod`,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'secret' },
    maxAttempts: 1,
  });
  const clients = new Set<Client>();
  const url = `ws://127.0.0.1:${port}/prod`;
  return {
    api,
    clock: dependencies.clock,
    port,
    url,
    sdk,
    logs: dependencies.logs,
    sockets,
    invocations,
    async connect(clientOptions = {}) {
      const client = await Client.open(url, clientOptions);
      clients.add(client);
      return client;
    },
    async close() {
      for (const client of clients) client.socket.terminate();
      await api.close();
      sdk.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function serve(api: WebSocketApi, sockets: Duplex[]): Server {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const [path = '', query = ''] = (request.url ?? '').split('?');
    const answer = api.handleConnectionsRequest({
      method: request.method ?? '',
      path,
      query,
      headers: request.headers as HttpRequest['headers'],
      body: Buffer.concat(chunks),
      sourceIp: '127.0.0.1',
    });
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  server.on('upgrade', (request, socket, head) => {
    sockets.push(socket);
    api.handleUpgrade(request, socket, head);
  });
  return server;
}

export interface ClientOptions {
  path?: string;
  protocols?: string[];
  headers?: Record<string, string>;
}

/** A real WebSocket client with a queue of what it was sent. */
export class Client {
  readonly socket: WebSocket;
  readonly messages = new Inbox<string>();
  readonly closed: Promise<{ code: number; reason: string }>;

  constructor(url: string, options: ClientOptions) {
    const headers = { 'User-Agent': 'till/1', ...options.headers };
    this.socket = new WebSocket(`${url}${options.path ?? ''}`, options.protocols ?? [], { headers });
    this.socket.on('message', data => this.messages.push(data.toString()));
    this.closed = new Promise(resolve => {
      this.socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
  }

  static async open(url: string, options: ClientOptions): Promise<Client> {
    const client = new Client(url, options);
    await once(client.socket, 'open');
    return client;
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** The next message, parsed. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into messages at any depth.
  async next(): Promise<any> {
    return JSON.parse(await this.messages.next());
  }
}

/** The HTTP answer to a handshake that must fail. */
export async function refusedHandshake(
  url: string,
  options: ClientOptions = {},
): Promise<{ status: number | undefined; body: unknown }> {
  const client = new WebSocket(`${url}${options.path ?? ''}`, options.protocols ?? [], {
    headers: options.headers ?? {},
  });
  const [, response] = await once(client, 'unexpected-response');
  let body = '';
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode, body: JSON.parse(body) };
}
