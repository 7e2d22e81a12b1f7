/** A WebSocket API of API Gateway: it takes handshakes, keeps the connections and tells Lambdas when they end. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { HttpRequest, HttpResponse } from '../../http.ts';
import { TokenBucket } from '../../token-bucket.ts';
import { failureReason, invokeIntegration } from '../invocation.ts';
import type { GatewayDependencies, WebSocketApi, WebSocketApiDefinition } from '../types.ts';
import { handleConnectionsRequest } from './connections-requests.ts';
import { type Admission, admit } from './handshake.ts';
import { handleMessage } from './messages.ts';
import { isWebSocketHandshake, type Refusal, readUpgradeRequest, refuse } from './upgrade-request.ts';
import { type Closing, Connection, type ConnectionContext, closings } from './websocket-connection.ts';
import { disconnectEvent } from './websocket-events.ts';
import { createState, routeArn, type WebSocketState } from './websocket-state.ts';

/** A client that does not answer a close frame is cut off, so that its `$disconnect` is not late. */
const closeTimeoutMs = 2_000;
/** `close()` waits so long for the clients, and so long in all. */
const closeGraceMs = 500;
const closeLimitMs = 1_000;

/** What a connection that ended without a close frame counts as. */
const abnormal: Closing = { code: 1006, reason: 'Connection closed abnormally' };
const unavailable: Refusal = { status: 503, body: { message: 'Service Unavailable' } };

/**
 * Serves one WebSocket API.
 * @throws Error when the route selection expression is of a form that is not emulated.
 */
export function createWebSocketApi(
  definition: WebSocketApiDefinition,
  dependencies: GatewayDependencies,
): WebSocketApi {
  return new Api(createState(definition, dependencies));
}

class Api implements WebSocketApi {
  readonly #state: WebSocketState;
  readonly #newConnections: TokenBucket;
  readonly #server: WebSocketServer;
  /** The subprotocol that each handshake's `$connect` selected, for `ws` to ask. */
  readonly #protocols = new WeakMap<IncomingMessage, string>();
  /** Handshakes and `$disconnect` invocations under way. */
  readonly #tasks = new Set<Promise<void>>();
  #isClosed = false;
  #drained: (() => void) | undefined;

  constructor(state: WebSocketState) {
    this.#state = state;
    const { clock, limits } = state.dependencies;
    this.#newConnections = new TokenBucket(clock, limits.newConnections);
    const options = {
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: limits.messageBytes,
      closeTimeout: closeTimeoutMs,
      handleProtocols: (offered: Set<string>, request: IncomingMessage) => {
        const selected = this.#protocols.get(request);
        return selected !== undefined && offered.has(selected) ? selected : false;
      },
    };
    this.#server = new WebSocketServer(options);
  }

  get connectionCount(): number {
    return this.#state.connections.size;
  }

  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Node's HTTP server takes its own listeners off an upgraded socket; what `close` then means, `#open` finds out.
    socket.on('error', ignoreUntilOpen);
    const refusal = this.#refusalOf(request);
    if (refusal) refuse(socket, refusal);
    else this.#track(this.#shakeHands(request, socket, head));
  }

  handleConnectionsRequest(request: HttpRequest): HttpResponse {
    return handleConnectionsRequest(this.#state, request);
  }

  close(): Promise<void> {
    this.#isClosed = true;
    const { connections, dependencies } = this.#state;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#drained = resolve;
    for (const connection of connections.values()) connection.close(closings.goingAway);
    const timers = [
      dependencies.clock.after(closeGraceMs, () => {
        for (const connection of connections.values()) connection.terminate();
      }),
      dependencies.clock.after(closeLimitMs, resolve),
    ];
    this.#checkDrained();
    return promise.finally(() => {
      for (const cancel of timers) cancel();
    });
  }

  /** What is decided before any Lambda is asked. */
  #refusalOf(request: IncomingMessage): Refusal | undefined {
    if (this.#isClosed) return unavailable;
    if (!isWebSocketHandshake(request)) return { status: 400, body: { message: 'Bad Request' } };
    const path = request.url?.split('?', 1)[0]?.replace(/\/$/, '');
    if (path !== `/${this.#state.definition.stageName}`) {
      return { status: 403, body: { message: 'Forbidden' } };
    }
    const hasRoom = this.#newConnections.take() && this.#state.admits('$connect');
    return hasRoom ? undefined : { status: 429, body: { message: 'Too Many Requests' } };
  }

  async #shakeHands(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const decision = await admit(
      this.#state,
      readUpgradeRequest(request, this.#state.dependencies.clock.now()),
      () => !socket.destroyed && !socket.readableEnded,
    );
    if ('refusal' in decision) refuse(socket, decision.refusal);
    // `$connect` has succeeded, and the client is gone meanwhile: whatever it stored must be told.
    else if (!this.#open(decision, request, socket, head)) await this.#disconnect(decision.context, abnormal);
  }

  /** False when the client's socket did not outlive `$connect`. */
  #open({ context, protocol }: Admission, request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    if (this.#isClosed) {
      refuse(socket, unavailable);
      return false;
    }
    let isOpen = false;
    if (protocol !== undefined) this.#protocols.set(request, protocol);
    this.#server.handleUpgrade(request, socket, head, webSocket => {
      isOpen = true;
      socket.off('error', ignoreUntilOpen);
      const settings = { ...this.#state.dependencies, endOfTurn: this.#state.endOfTurn };
      this.#serve(new Connection(context, webSocket, socket, settings), webSocket, socket);
    });
    return isOpen;
  }

  #serve(connection: Connection, webSocket: WebSocket, socket: Duplex): void {
    const state = this.#state;
    state.connections.set(connection.context.connectionId, connection);
    state.dependencies.usage?.addRate('connectionMinute', 1);
    // Before the listener of `ws`, which is there already, and before any data: it flows from the next tick on.
    socket.prependListener('data', (chunk: Buffer) => connection.follow(chunk));
    webSocket.on('message', (data, isBinary) => {
      if (!connection.accepts()) return;
      if (isBinary) connection.close(closings.binary);
      else void this.#logged(handleMessage(state, connection, data.toString()));
    });
    webSocket.on('error', error => {
      // A frame that breaks the protocol; `ws` closes by itself, with the code that this tells `$disconnect`.
      connection.closing ??= closingFor(error);
      state.dependencies.log(`connection ${connection.context.connectionId}: ${error.message}`);
    });
    webSocket.on('close', (code, reason) => this.#closed(connection, code, reason.toString()));
  }

  #closed(connection: Connection, code: number, reason: string): void {
    connection.dispose();
    this.#state.connections.delete(connection.context.connectionId);
    this.#state.dependencies.usage?.addRate('connectionMinute', -1);
    this.#track(this.#disconnect(connection.context, connection.closing ?? clientClosing(code, reason)));
  }

  /** "Manage connected users and client apps": `$disconnect` is best effort, tried once, after the connection closed. */
  async #disconnect(context: ConnectionContext, closing: Closing): Promise<void> {
    const { definition, dependencies, routes } = this.#state;
    const route = routes.get('$disconnect');
    if (!route || dependencies.faults.disconnect?.(context.connectionId) === 'lose') return;
    const event = disconnectEvent(this.#state, context, closing);
    const sourceArn = routeArn(this.#state, '$disconnect');
    const result = await invokeIntegration(dependencies, route.functionArn, event, sourceArn);
    if (!('payload' in result)) {
      dependencies.log(`$disconnect of ${definition.apiId} failed: ${failureReason(result)}`);
    }
  }

  #track(task: Promise<void>): void {
    const tracked = this.#logged(task).then(() => {
      this.#tasks.delete(tracked);
      this.#checkDrained();
    });
    this.#tasks.add(tracked);
  }

  /** Nobody waits for these, so a fault of the gateway's own must not end the process unheard. */
  #logged(task: Promise<void>): Promise<void> {
    return task.catch(error => this.#state.dependencies.log(`API Gateway failed: ${error}`));
  }

  #checkDrained(): void {
    if (this.#state.connections.size === 0 && this.#tasks.size === 0) this.#drained?.();
  }
}

/** Without a listener a reset would end the process; the reset shows as a socket that can't be opened. */
function ignoreUntilOpen(): void {}

/** `ws` tells what was wrong by its error's code only. */
function closingFor(error: Error): Closing {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'WS_ERR_INVALID_UTF8') return closings.invalidText;
  const isTooBig =
    code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' || code === 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH';
  return isTooBig ? closings.tooBig : closings.protocolError;
}

/** How AWS words a close that came from the client; its own reason, or none, otherwise. */
function clientClosing(code: number, reason: string): Closing {
  if (code === abnormal.code) return abnormal;
  return { code, reason: code === 1005 ? 'Client-side close frame status not set' : reason };
}
