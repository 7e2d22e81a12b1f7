import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { InvokeResult } from '../../../../local/apigateway/types.ts';
import { type Gateway, routes, startGateway } from './gateway.ts';

let gateway: Gateway;
afterEach(() => gateway.close());

const { $default: _removed, ...withoutDefault } = routes;

describe('a message', () => {
  it('goes to the route that its action names, in the shape of AWS', async () => {
    gateway = await startGateway();
    const client = await gateway.connect();
    const { event: connect } = await gateway.invocations('connect').next();
    client.send('{"action":"ping","n":1}');
    const { event, sourceArn } = await gateway.invocations('ping').next();
    expect(sourceArn).toBe('arn:aws:execute-api:eu-central-1:123456789012:abc123/prod/ping');
    expect(event).toMatchObject({
      body: '{"action":"ping","n":1}',
      isBase64Encoded: false,
      requestContext: {
        routeKey: 'ping',
        eventType: 'MESSAGE',
        messageId: expect.any(String),
        connectionId: connect.requestContext.connectionId,
        connectedAt: connect.requestContext.connectedAt,
      },
    });
    expect(event).not.toHaveProperty('headers');
  });

  it.each([
    ['is no JSON', 'hello'],
    ['names no route', '{"action":"pong"}'],
    ['names nothing', '{"n":1}'],
    ['is no object', '"ping"'],
    ['names a property of all objects', '{"action":"constructor"}'],
    ['names $connect', '{"action":"$connect"}'],
    ['names $disconnect', '{"action":"$disconnect"}'],
  ])('goes to $default when it %s', async (_what, message) => {
    gateway = await startGateway();
    const client = await gateway.connect();
    client.send(message);
    const { event } = await gateway.invocations('fallback').next();
    expect(event.requestContext.routeKey).toBe('$default');
  });

  it('is forbidden where there is no $default', async () => {
    gateway = await startGateway({ routes: withoutDefault });
    const client = await gateway.connect();
    const { event } = await gateway.invocations('connect').next();
    client.send('hello');
    const { connectionId } = event.requestContext;
    expect(await client.next()).toEqual({
      message: 'Forbidden',
      connectionId,
      requestId: expect.any(String),
    });
  });

  // biome-ignore lint/suspicious/noTemplateCurlyInString: AWS writes these expressions so.
  it.each(['$request.body.type.name', '${request.body.type.name}'])('is routed by %s', async expression => {
    gateway = await startGateway({ routeSelectionExpression: expression });
    const client = await gateway.connect();
    client.send({ type: { name: 'ping' } });
    await gateway.invocations('ping').next();
  });

  it('can not be routed by an expression that is not emulated', async () => {
    gateway = await startGateway();
    await expect(startGateway({ routeSelectionExpression: '$request.header.x' })).rejects.toThrow(
      /route selection expression \$request\.header\.x is not supported/,
    );
  });

  it('is handled while an earlier one of the same connection still is', async () => {
    const first = Promise.withResolvers<InvokeResult>();
    gateway = await startGateway({
      lambdas: {
        ping: ({ event }) =>
          event.body.includes('slow') ? first.promise : { payload: { statusCode: 200, body: '"quick"' } },
      },
    });
    const client = await gateway.connect();
    client.send({ action: 'ping', slow: true });
    client.send({ action: 'ping' });
    expect(await client.next()).toBe('quick');
    first.resolve({ payload: { statusCode: 200, body: '"slow"' } });
    expect(await client.next()).toBe('slow');
  });
});

describe('the answer of a route', () => {
  it('is sent where the route has a response, and only there', async () => {
    const body = '{"type":"pong"}';
    const answer = () => ({ payload: { statusCode: 200, body } });
    gateway = await startGateway({
      lambdas: { quiet: answer, ping: answer, fallback: () => ({ payload: { statusCode: 200 } }) },
    });
    const client = await gateway.connect();
    client.send({ action: 'quiet' });
    await gateway.invocations('quiet').next();
    client.send('no body');
    await gateway.invocations('fallback').next();
    client.send({ action: 'ping' });
    expect(await client.messages.next()).toBe(body);
    expect(client.messages.size).toBe(0);
  });

  it('of more than 32 KB arrives whole', async () => {
    const body = JSON.stringify({ text: 'ü'.repeat(40_000) });
    gateway = await startGateway({ lambdas: { ping: () => ({ payload: { statusCode: 200, body } }) } });
    const client = await gateway.connect();
    client.send({ action: 'ping' });
    expect(await client.messages.next()).toBe(body);
  });

  it.each<[string, InvokeResult]>([
    ['fails', { functionError: { errorType: 'TypeError', errorMessage: 'x is undefined' } }],
    ['is throttled', { throttled: true }],
    ['answers nothing', { payload: null }],
    ['answers an impossible status', { payload: { statusCode: 'no' } }],
  ])("is the gateway's own when the Lambda %s", async (_what, answer) => {
    gateway = await startGateway({ lambdas: { quiet: () => answer } });
    const client = await gateway.connect();
    client.send({ action: 'quiet' });
    expect(await client.next()).toEqual({
      message: 'Internal server error',
      connectionId: expect.any(String),
      requestId: expect.any(String),
    });
    expect(client.socket.readyState).toBe(client.socket.OPEN);
  });

  it("is the gateway's own when the Lambda takes more than 29 s", async () => {
    gateway = await startGateway({ lambdas: { ping: () => new Promise(() => {}) } });
    const client = await gateway.connect();
    client.send({ action: 'ping' });
    await gateway.invocations('ping').next();
    gateway.clock.advance(29_000);
    expect(await client.next()).toMatchObject({ message: 'Internal server error' });
  });

  it("is the gateway's own when the account is throttled", async () => {
    gateway = await startGateway({ limits: { requests: { rate: 1, burst: 2 } } });
    const client = await gateway.connect();
    client.send({ action: 'quiet' });
    client.send({ action: 'quiet' });
    expect(await client.next()).toMatchObject({ message: 'Too Many Requests' });
  });
});

describe('the limits of messages', () => {
  it.each([
    ['1003 for a binary frame', Buffer.from('{"action":"ping"}'), 1003],
    ['1009 for a frame of 40 KB', 'x'.repeat(40 * 1024), 1009],
    ['1009 for a frame of one byte too many', 'x'.repeat(32 * 1024 + 1), 1009],
  ])('close with %s', async (_what, message, code) => {
    gateway = await startGateway();
    const client = await gateway.connect();
    client.socket.send(message);
    expect((await client.closed).code).toBe(code);
    const { event } = await gateway.invocations('disconnect').next();
    expect(event.requestContext.disconnectStatusCode).toBe(code);
    expect(gateway.invocations('fallback').size).toBe(0);
    expect(gateway.invocations('ping').size).toBe(0);
  });

  it.each([
    ['one frame of 32 KB', [32 * 1024]],
    ['60 KB in three fragments', [20_000, 20_000, 20_000]],
    ['128 KB in four fragments', [32_768, 32_768, 32_768, 32_768]],
  ])('let %s pass', async (_what, sizes) => {
    gateway = await startGateway();
    const client = await gateway.connect();
    sizes.forEach((size, index) => {
      client.socket.send('x'.repeat(size), { fin: index === sizes.length - 1 });
    });
    const { event } = await gateway.invocations('fallback').next();
    expect(event.body.length).toBe(sizes.reduce((sum, size) => sum + size));
  });

  it('close with 1009 for 130 KB in fragments', async () => {
    gateway = await startGateway();
    const client = await gateway.connect();
    for (let part = 1; part <= 5; part += 1) client.socket.send('x'.repeat(26 * 1024), { fin: part === 5 });
    expect((await client.closed).code).toBe(1009);
    const { event } = await gateway.invocations('disconnect').next();
    expect(event.requestContext.disconnectStatusCode).toBe(1009);
    expect(gateway.invocations('fallback').size).toBe(0);
  });

  it('still deliver the message that came in one piece with a frame too long', async () => {
    gateway = await startGateway();
    const socket = await rawClient(gateway.port);
    socket.write(Buffer.concat([textFrame('first'), textFrame('x'.repeat(33_000)), textFrame('last')]));
    expect((await gateway.invocations('fallback').next()).event.body).toBe('first');
    expect(await readCloseCode(socket)).toBe(1009);
    expect(gateway.invocations('fallback').size).toBe(0);
  });

  it('find the length in a header that arrives byte by byte', async () => {
    gateway = await startGateway();
    const socket = await rawClient(gateway.port);
    const code = readCloseCode(socket);
    await writeByteByByte(socket, textFrame('hello'));
    expect((await gateway.invocations('fallback').next()).event.body).toBe('hello');
    await writeByteByByte(socket, textFrame('x'.repeat(40_000)).subarray(0, 4));
    expect(await code).toBe(1009);
    const { event } = await gateway.invocations('disconnect').next();
    expect(event.requestContext.disconnectStatusCode).toBe(1009);
  });

  it('close with 1007 for text that is not UTF-8', async () => {
    gateway = await startGateway();
    const client = await gateway.connect();
    client.socket.send(Buffer.from([0xff, 0xfe]), { binary: false });
    expect((await client.closed).code).toBe(1007);
    const { event } = await gateway.invocations('disconnect').next();
    expect(event.requestContext.disconnectStatusCode).toBe(1007);
  });
});

async function rawClient(port: number): Promise<Socket> {
  const socket = connectTcp(port, '127.0.0.1').setNoDelay();
  const key = Buffer.alloc(16).toString('base64');
  socket.write(
    `GET /prod HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  );
  const [answer] = await once(socket, 'data');
  expect(answer.toString()).toMatch(/^HTTP\/1.1 101 /);
  return socket;
}

/** Masked with zeros, as RFC 6455 allows. */
function textFrame(text: string): Buffer {
  const length = text.length < 126 ? [0x80 | text.length] : [0xfe, text.length >> 8, text.length & 0xff];
  return Buffer.concat([Buffer.from([0x81, ...length, 0, 0, 0, 0]), Buffer.from(text)]);
}

async function writeByteByByte(socket: Socket, bytes: Buffer): Promise<void> {
  for (const byte of bytes) {
    await new Promise(resolve => socket.write(Buffer.from([byte]), resolve));
    await new Promise(resolve => setImmediate(resolve));
  }
}

/** Reads up to the gateway's close frame, hangs up as a client should, and answers the frame's code. */
async function readCloseCode(socket: Socket): Promise<number> {
  let bytes = Buffer.alloc(0);
  for await (const chunk of socket) {
    bytes = Buffer.concat([bytes, chunk]);
    const start = bytes.lastIndexOf(0x88);
    if (start >= 0 && bytes.length >= start + 4) return bytes.readUInt16BE(start + 2);
  }
  throw new Error('the connection ended without a close frame');
}
