/** "Use @connections commands in your backend service": post to a client, look at its connection, close it. */
import { randomUUID } from 'node:crypto';
import { type HttpRequest, type HttpResponse, jsonResponse } from '../../http.ts';
import { blocks, MESSAGE_BLOCK_BYTES } from '../../usage.ts';
import { isGatewayId } from '../identifiers.ts';
import { type Connection, closings } from './websocket-connection.ts';
import type { WebSocketState } from './websocket-state.ts';

const METHODS = ['POST', 'GET', 'DELETE'];

export function handleConnectionsRequest(state: WebSocketState, request: HttpRequest): HttpResponse {
  const connectionId = connectionIdOf(state.definition.stageName, request.path);
  if (connectionId === undefined || !METHODS.includes(request.method)) {
    return failure(403, 'ForbiddenException', 'Forbidden');
  }
  if (!state.dependencies.requests.take()) return limitExceeded();
  if (!isGatewayId(connectionId)) {
    return failure(400, 'BadRequestException', `Invalid connectionId: ${connectionId}`);
  }
  if (request.method === 'POST') return post(state, connectionId, request.body);
  const connection = openConnection(state, connectionId);
  if (request.method === 'GET') return connection ? describe(connection) : gone();
  if (!connection) return gone();
  connection.close(closings.deleted);
  return success(204);
}

/** 200 says that the socket took the bytes, never that the client has them; 429 also that it takes no more of them now. */
function post(state: WebSocketState, connectionId: string, body: Buffer): HttpResponse {
  const { faults, limits, usage } = state.dependencies;
  const fault = faults.post?.(connectionId);
  if (fault === 'throttle') return limitExceeded();
  if (fault === 'error') return failure(500, 'InternalServerErrorException', 'Internal server error');
  if (body.length > limits.messageBytes) {
    return failure(413, 'PayloadTooLargeException', 'Payload too large');
  }
  const connection = state.connections.get(connectionId);
  if (fault !== 'lose' && !connection?.isOpen) return gone();
  const frames = state.frames.encode(body);
  if (fault !== 'lose' && !connection?.post(frames)) return limitExceeded();
  usage?.add('message', blocks(body.length, MESSAGE_BLOCK_BYTES));
  usage?.add('sentByte', frames.length);
  return success(200);
}

/** A connection is known from the end of its `$connect` to the beginning of its close; before and after it is gone. */
function openConnection(state: WebSocketState, connectionId: string): Connection | undefined {
  const connection = state.connections.get(connectionId);
  return connection?.isOpen ? connection : undefined;
}

function describe({ context, lastActiveAt }: Connection): HttpResponse {
  const { sourceIp, userAgent = '' } = context.identity;
  return jsonResponse(
    200,
    {
      connectedAt: new Date(context.connectedAt).toISOString(),
      identity: { sourceIp, userAgent },
      lastActiveAt: new Date(lastActiveAt).toISOString(),
    },
    { 'x-amzn-RequestId': randomUUID() },
  );
}

/** SDKs send the id's `=` as `%3D`. */
function connectionIdOf(stageName: string, path: string): string | undefined {
  const prefix = `/${stageName}/@connections/`;
  const encodedPrefix = `/${stageName}/%40connections/`;
  const used = [prefix, encodedPrefix].find(candidate => path.startsWith(candidate));
  if (used === undefined) return undefined;
  const encoded = path.slice(used.length);
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

function success(status: number): HttpResponse {
  return { status, headers: { 'x-amzn-RequestId': randomUUID() }, body: '' };
}

/** The one error of which AWS's model has no message. */
function gone(): HttpResponse {
  return {
    status: 410,
    headers: { 'x-amzn-RequestId': randomUUID(), 'x-amzn-ErrorType': 'GoneException' },
    body: '',
  };
}

function limitExceeded(): HttpResponse {
  return failure(429, 'LimitExceededException', 'Too Many Requests');
}

function failure(status: number, errorType: string, message: string): HttpResponse {
  return jsonResponse(
    status,
    { message },
    { 'x-amzn-RequestId': randomUUID(), 'x-amzn-ErrorType': errorType },
  );
}
