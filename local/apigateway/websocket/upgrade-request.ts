/** A WebSocket handshake as API Gateway shows it to Lambdas, and the plain HTTP answer of one that is refused. */
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { createGatewayId, traceId } from '../identifiers.ts';

export interface UpgradeRequest {
  path: string;
  sourceIp: string;
  userAgent: string | undefined;
  /** Names as the client wrote them; of a repeated header the last value. */
  headers: Record<string, string>;
  multiValueHeaders: Record<string, string[]>;
  queryStringParameters: Record<string, string>;
  multiValueQueryStringParameters: Record<string, string[]>;
}

/** A handshake that fails. */
export interface Refusal {
  status: number;
  body: object;
}

export function readUpgradeRequest(request: IncomingMessage, now: number): UpgradeRequest {
  const [path = '', query = ''] = (request.url ?? '').split('?', 2);
  // A dual-stack listener reports IPv4 clients as mapped addresses.
  const sourceIp = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  const headers = groupByName(headerPairs(request.rawHeaders));
  const multiValueHeaders = {
    ...headers,
    'X-Amzn-Trace-Id': [traceId(now)],
    'X-Forwarded-For': [sourceIp],
    'X-Forwarded-Port': [String(request.socket.localPort ?? '')],
    'X-Forwarded-Proto': ['http'],
  };
  const multiValueQueryStringParameters = groupByName(new URLSearchParams(query));
  return {
    path,
    sourceIp,
    userAgent: request.headers['user-agent'],
    headers: lastValues(multiValueHeaders),
    multiValueHeaders,
    queryStringParameters: lastValues(multiValueQueryStringParameters),
    multiValueQueryStringParameters,
  };
}

/** RFC 6455, 4.2.1. `ws` checks it too, but only after `$connect` has been invoked, which must not see such a client. */
export function isWebSocketHandshake(request: IncomingMessage): boolean {
  const { upgrade, 'sec-websocket-key': key, 'sec-websocket-version': version } = request.headers;
  return (
    request.method === 'GET' &&
    upgrade?.toLowerCase() === 'websocket' &&
    /^[+/0-9A-Za-z]{22}==$/.test(key ?? '') &&
    (version === '13' || version === '8')
  );
}

/** Answers the handshake with an HTTP status and closes the socket. */
export function refuse(socket: Duplex, { status, body }: Refusal): void {
  const content = JSON.stringify(body);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(content)}`,
    `x-amzn-RequestId: ${createGatewayId()}`,
    'Connection: close',
  ];
  // `end` alone leaves a half-open socket to a client that never closes its side.
  socket.once('finish', () => socket.destroy());
  socket.end(`${head.join('\r\n')}\r\n\r\n${content}`);
}

function* headerPairs(rawHeaders: string[]): Generator<[string, string]> {
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    yield [rawHeaders[index] ?? '', rawHeaders[index + 1] ?? ''];
  }
}

/** Built by `fromEntries`, which defines `__proto__` like any other name. */
function groupByName(pairs: Iterable<[string, string]>): Record<string, string[]> {
  const values = new Map<string, string[]>();
  for (const [name, value] of pairs) values.set(name, [...(values.get(name) ?? []), value]);
  return Object.fromEntries(values);
}

function lastValues(values: Record<string, string[]>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, all]) => [name, all.at(-1) ?? '']));
}
