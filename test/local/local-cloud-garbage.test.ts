/** What nobody should send, sent: requests of every shape to the HTTP API, and bytes of every kind to the one port. */
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { patience } from '../patience.ts';
import { type BootedCloud, bootCloud } from './booted-cloud.ts';

interface Answer {
  status: number;
  type: string;
  body: string;
}

/** Unlike fetch it sends a path as it is. */
function send(
  origin: string,
  {
    body,
    headers,
    method,
    path,
  }: { method: string; path: string; headers: Record<string, string>; body: string },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin);
    const length = { 'content-length': Buffer.byteLength(body) };
    const request = httpRequest(
      { hostname, port, method, path, headers: { ...headers, ...length }, agent: false },
      response => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            type: response.headers['content-type'] ?? '',
            body: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

const name = fc.constantFrom(
  '0001',
  '__proto__',
  'constructor',
  '..',
  '%2e%2e',
  '%',
  '%ff',
  '%00',
  'a%2Fb',
  'x'.repeat(3_000),
  '%F0%9F%A5%96',
);
const part = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'stores',
      'updates',
      'sales',
      'totals',
      'token',
      'assets',
      'delivery',
      'revocation',
      'connection',
      '',
    ),
  },
  { weight: 2, arbitrary: name },
  {
    weight: 1,
    arbitrary: fc
      .string({ unit: 'binary', maxLength: 20 })
      .map(text => encodeURIComponent(text.toWellFormed())),
  },
);
const known = fc.constantFrom<(id: string) => string>(
  id => `/stores/${id}`,
  id => `/stores/${id}/sales`,
  id => `/stores/${id}/revocation`,
  id => `/stores/${id}/connection`,
  id => `/updates/${id}`,
  id => `/updates/${id}/delivery`,
  id => `/assets/${id}`,
  () => '/updates',
  () => '/sales/totals',
  () => '/token',
);
const path = fc.oneof(
  fc.array(part, { maxLength: 4 }).map(parts => `/${parts.join('/')}`),
  fc.tuple(known, name).map(([pathOf, id]) => pathOf(id)),
);
const moment = fc.constantFrom(
  '2026-01-01T00:00:00Z',
  '2026-01-01T05:00:00Z',
  '9999-12-31T23:59:59Z',
  '0000-01-01T00:00:00Z',
  'now',
  '',
  '2026-02-30T00:00:00Z',
);
const query = fc
  .record(
    {
      from: moment,
      to: moment,
      by: fc.constantFrom('store', 'region', 'sku', 'minute', '__proto__', ''),
      limit: fc.constantFrom('1', '1000', '0', '-1', '1e3', '0x10', 'NaN', ''),
      cursor: fc.oneof(
        fc.constantFrom('', 'e30', 'bnVsbA', '__proto__'),
        fc.string({ unit: 'binary' }).map(text => Buffer.from(text).toString('base64url')),
        fc.jsonValue({ maxDepth: 1 }).map(value => Buffer.from(JSON.stringify(value)).toString('base64url')),
      ),
    },
    { requiredKeys: [] },
  )
  .map(values => new URLSearchParams(values).toString());
const body = fc.oneof(
  fc.constantFrom('', '{', 'null', '[]', '"x"', '{"type":"PriceChanged"}', '['.repeat(5_000)),
  fc.json(),
  fc
    .record({ type: fc.constantFrom('PriceChanged', 'OfferPublished', '__proto__'), detail: fc.object() })
    .map(value => JSON.stringify(value)),
);
const headers = fc.record(
  {
    'content-type': fc.constantFrom('application/json', 'text/plain', 'application/octet-stream', 'x', ''),
    'idempotency-key': fc.constantFrom('', ' ', 'k', 'x'.repeat(5_000), 'é'),
    cookie: fc.constantFrom('', ';;;', 'a=b; c'),
    accept: fc.constantFrom('image/png', ''),
  },
  { requiredKeys: [] },
);
const requests = fc.record({
  method: fc.constantFrom('GET', 'GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'),
  path: fc.tuple(path, query).map(([place, text]) => `${place}?${text}`),
  headers,
  body,
});

test('every request to the HTTP API has an answer below 500, and each refusal is a problem that says why', {
  timeout: patience(90_000),
}, async () => {
  const { errors, system } = await bootCloud();
  const token = await system.mintToken({ role: 'manager', name: 'head-office' });
  await fc.assert(
    fc.asyncProperty(requests, async each => {
      const authorized = { ...each, headers: { ...each.headers, authorization: `Bearer ${token}` } };
      const { body: text, status, type } = await send(system.managementUrl, authorized);
      expect(status, text).toBeLessThan(500);
      if (status < 400) return;
      expect(type).toBe('application/problem+json');
      expect(JSON.parse(text)).toEqual({
        type: 'about:blank',
        title: expect.any(String),
        status,
        detail: expect.stringMatching(/\w{3}/),
      });
    }),
    { numRuns: 500 },
  );
  expect(errors).toEqual([]);
});

const key = 'dGhlIHNhbXBsZSBub25jZQ==';
const upgrade = (...lines: string[]) =>
  ['GET /prod HTTP/1.1', 'Host: x', 'Connection: Upgrade', 'Upgrade: websocket', ...lines, '', ''].join(
    '\r\n',
  );
const awsRequest = (target: string, text: string) =>
  [
    'POST / HTTP/1.1',
    'Host: x',
    `X-Amz-Target: ${target}`,
    'Authorization: AWS4-HMAC-SHA256 Credential=local',
    `Content-Length: ${text.length}`,
    '',
    text,
  ].join('\r\n');
const wholeBytes = (text: string) => Buffer.from(text, 'latin1');
const garbage = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 300 }).map(bytes => Buffer.from(bytes)),
  fc
    .constantFrom(
      'GET',
      'GET / HTTP/1.1\r\n',
      'GET / HTTP/1.1\r\nHost: x\r\nContent-Le',
      'GET / HTTP/9.9\r\nHost: x\r\n\r\n',
      'BREW / HTTP/1.1\r\nHost: x\r\n\r\n',
      'POST /updates HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"half":',
      'POST /updates HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n{}',
      'POST /updates HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}',
      'POST /updates HTTP/1.1\r\nHost: x\r\nContent-Length: 1e3\r\n\r\n{}',
      'POST /updates HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      'POST /updates HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab',
      'POST /updates HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n',
      'GET /% HTTP/1.1\r\nHost: x\r\n\r\n',
      'GET //// HTTP/1.1\r\nHost: x\r\n\r\n',
      'GET http:// HTTP/1.1\r\nHost: x\r\n\r\n',
      'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n',
      'CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n',
      'POST /2015-03-31/functions/%/invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n',
      'POST /prod/@connections/%ff HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n',
      'DELETE /prod/%40connections/ HTTP/1.1\r\nHost: x\r\n\r\n',
      upgrade(),
      upgrade('Sec-WebSocket-Key: short', 'Sec-WebSocket-Version: 13'),
      upgrade(`Sec-WebSocket-Key: ${key}`, 'Sec-WebSocket-Version: 99'),
      upgrade(`Sec-WebSocket-Key: ${key}`, 'Sec-WebSocket-Version: 13'),
      upgrade(
        `Sec-WebSocket-Key: ${key}`,
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Protocol: storecast.v1, bearer.',
      ),
      upgrade(`Sec-WebSocket-Key: ${key}`, 'Sec-WebSocket-Version: 13', 'Authorization: Bearer'),
      upgrade(`Sec-WebSocket-Key: ${key}`, 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Protocol: ,,,'),
      upgrade(
        `Sec-WebSocket-Key: ${key}`,
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Extensions: permessage-deflate; x="',
      ),
      upgrade(`Sec-WebSocket-Key: ${key}`, 'Sec-WebSocket-Version: 13').replace('/prod', '/elsewhere?%'),
      `${upgrade(`Sec-WebSocket-Key: ${key}`, 'Sec-WebSocket-Version: 13')}\u0081\u00ff\u0000`,
      upgrade(`Sec-WebSocket-Key: ${key}`).replace('websocket', 'h2c'),
    )
    .map(wholeBytes),
  fc
    .tuple(
      fc.constantFrom(
        'DynamoDB_20120810.GetItem',
        'AmazonSQS.SendMessage',
        'AWSEvents.PutEvents',
        'TrentService.Sign',
        'x',
        '.',
        'DynamoDB_20120810.__proto__',
      ),
      fc.oneof(fc.json(), fc.string()),
    )
    .map(([target, text]) => wholeBytes(awsRequest(target, text))),
);
const HANG_MS = 5_000;

/** Sends the bytes and no more; resolves once the cloud has let go of them. */
async function sendBytes(port: number, bytes: Buffer): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: false });
  socket.on('error', () => {});
  socket.resume();
  const closed = once(socket, 'close');
  socket.end(bytes);
  const timer = setTimeout(() => socket.destroy(new Error('hangs')), HANG_MS);
  const outcome = await closed;
  clearTimeout(timer);
  expect(socket.errored?.message, bytes.toString('latin1')).not.toBe('hangs');
  return void outcome;
}

/** What the cloud complains of must be its client's doing, not a fault of its own. */
function ownFaults({ errors }: BootedCloud): string[] {
  return errors.filter(line => /^\w*Error\b/.test(line));
}

test('whatever bytes come to the port, the cloud lets go of them, and answers the next good request', {
  timeout: patience(90_000),
}, async () => {
  const booted = await bootCloud();
  const port = Number(new URL(booted.system.managementUrl).port);
  const good = { method: 'GET', path: '/stores', headers: {}, body: '' };
  await fc.assert(
    fc.asyncProperty(garbage, async bytes => {
      await sendBytes(port, bytes);
      expect(await send(booted.system.managementUrl, good)).toMatchObject({ status: 401 });
    }),
    { numRuns: 300 },
  );
  expect(ownFaults(booted)).toEqual([]);
});
