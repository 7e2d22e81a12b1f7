/** A message from a client: its route, the Lambda behind it, and the answer to the client. */

import { isObject } from '../../json-text.ts';
import { blocks, MESSAGE_BLOCK_BYTES } from '../../usage.ts';
import { createGatewayId } from '../identifiers.ts';
import { failureReason, type IntegrationResult, invokeIntegration } from '../invocation.ts';
import { readProxyStatus } from '../proxy-result.ts';
import type { WebSocketRoute } from '../types.ts';
import { encodeTextMessage } from './text-frames.ts';
import type { Connection } from './websocket-connection.ts';
import { messageEvent } from './websocket-events.ts';
import { routeArn, type WebSocketState } from './websocket-state.ts';

/** Handles one message; several of one connection run side by side, as on AWS. */
export async function handleMessage(
  state: WebSocketState,
  connection: Connection,
  body: string,
): Promise<void> {
  const { dependencies } = state;
  const requestId = createGatewayId();
  const routeKey = routeKeyFor(state, body);
  if (!state.admits(routeKey)) {
    sendGatewayMessage(state, connection, 'Too Many Requests', requestId);
    return;
  }
  dependencies.usage?.add('message', blocks(Buffer.byteLength(body), MESSAGE_BLOCK_BYTES));
  const route = state.routes.get(routeKey);
  if (!route) {
    sendGatewayMessage(state, connection, 'Forbidden', requestId);
    return;
  }
  const event = messageEvent(state, connection.context, { routeKey, requestId, body });
  const result = await invokeIntegration(dependencies, route.functionArn, event, routeArn(state, routeKey));
  if (isFailure(result)) {
    const reason = 'payload' in result ? 'malformed answer' : failureReason(result);
    dependencies.log(`route ${routeKey} failed: ${reason}`);
    sendGatewayMessage(state, connection, 'Internal server error', requestId);
    return;
  }
  respond(state, connection, route, result);
}

/** A client can't reach `$connect` and `$disconnect` by naming them. */
function routeKeyFor(state: WebSocketState, body: string): string {
  const selected = state.selectRoute(body);
  const isRoute = selected !== undefined && !selected.startsWith('$') && state.routes.has(selected);
  return isRoute ? selected : '$default';
}

/** A proxy integration must answer with an object, on a route without a response too. */
function isFailure(result: IntegrationResult): boolean {
  return !('payload' in result) || readProxyStatus(result.payload) === undefined;
}

/** "Set up a WebSocket API integration response": only the body of a route that has a route response is passed on. */
function respond(
  state: WebSocketState,
  connection: Connection,
  route: WebSocketRoute,
  result: IntegrationResult,
): void {
  if (!route.returnsResponse || !('payload' in result) || !isObject(result.payload)) return;
  const { body } = result.payload;
  if (typeof body === 'string' && body !== '') sendText(state, connection, body);
}

/** The gateway's own answer, where no Lambda answers. */
function sendGatewayMessage(
  state: WebSocketState,
  connection: Connection,
  message: string,
  requestId: string,
): void {
  const { connectionId } = connection.context;
  sendText(state, connection, JSON.stringify({ message, connectionId, requestId }));
}

/** Answers differ from client to client, so they go past the frame cache, which is for posts. */
function sendText(state: WebSocketState, connection: Connection, body: string): void {
  const { limits, usage } = state.dependencies;
  const payload = Buffer.from(body);
  const frames = encodeTextMessage(payload, limits.frameBytes);
  if (!connection.send(frames)) return;
  usage?.add('message', blocks(payload.length, MESSAGE_BLOCK_BYTES));
  usage?.add('sentByte', frames.length);
}
