import { once } from 'node:events';
import { request } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { GoneException, PostToConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { InvokeResult } from '../../../../local/apigateway/types.ts';
import {
  Client,
  type Gateway,
  type GatewayOptions,
  refusedHandshake,
  routes,
  startGateway,
} from './gateway.ts';

let gateway: Gateway;
afterEach(() => gateway.close());

const connectArn = 'arn:aws:execute-api:eu-central-1:123456789012:abc123/prod/$connect';

function policy(effect: string, resource = connectArn, action = 'execute-api:Invoke'): object {
  return {
    Version: '2012-10-17',
    Statement: [{ Effect: effect, Action: action, Resource: resource }],
  };
}

function authorized(
  answer: InvokeResult,
  identitySources = ['route.request.header.Authorization'],
): GatewayOptions {
  return {
    routes: {
      ...routes,
      $connect: {
        functionArn: 'connect',
        returnsResponse: false,
        authorizer: { authorizerId: 'au7h', functionArn: 'authorizer', identitySources },
      },
    },
    lambdas: { authorizer: () => answer },
  };
}

const allowed = (context?: unknown): InvokeResult => ({
  payload: { principalId: 'store-7', policyDocument: policy('Allow'), ...(context ? { context } : {}) },
});

const token = { headers: { Authorization: 'Bearer x' } };

describe('the handshake', () => {
  it.each(['', '/', '?lane=3'])('opens at the stage%s', async path => {
    gateway = await startGateway();
    await gateway.connect({ path });
    expect(gateway.api.connectionCount).toBe(1);
  });

  it.each(['x', '/x', '//'])('is forbidden at another path: stage%s', async path => {
    gateway = await startGateway();
    expect(await refusedHandshake(gateway.url, { path })).toEqual({
      status: 403,
      body: { message: 'Forbidden' },
    });
  });

  it('tells $connect about the request in the shape of AWS', async () => {
    gateway = await startGateway();
    await gateway.connect({ path: '?lane=1&lane=2&till=a%20b', headers: { 'X-Lane': '3' } });
    const { event, sourceArn } = await gateway.invocations('connect').next();
    expect(sourceArn).toBe(connectArn);
    expect(event).toMatchObject({
      headers: { 'X-Lane': '3', 'X-Forwarded-For': '127.0.0.1' },
      multiValueHeaders: { 'X-Lane': ['3'] },
      queryStringParameters: { lane: '2', till: 'a b' },
      multiValueQueryStringParameters: { lane: ['1', '2'], till: ['a b'] },
      requestContext: {
        routeKey: '$connect',
        eventType: 'CONNECT',
        messageDirection: 'IN',
        stage: 'prod',
        apiId: 'abc123',
        domainName: 'abc123.execute-api.eu-central-1.amazonaws.com',
        identity: { sourceIp: '127.0.0.1', userAgent: 'till/1' },
      },
      isBase64Encoded: false,
    });
    expect(event.requestContext.connectionId).toMatch(/^[\w-]{15}=$/);
    expect(event.requestContext.requestTime).toMatch(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
    expect(event.requestContext).not.toHaveProperty('authorizer');
  });

  it.each<[string, InvokeResult, number]>([
    ['its own status', { payload: { statusCode: 418 } }, 418],
    ['502 for a function error', { functionError: { errorType: 'Error', errorMessage: 'no' } }, 502],
    ['502 for a malformed answer', { payload: null }, 502],
    ['500 when Lambda throttles', { throttled: true }, 500],
  ])('fails with what $connect answers: %s', async (_what, answer, status) => {
    gateway = await startGateway({ lambdas: { connect: () => answer } });
    expect((await refusedHandshake(gateway.url)).status).toBe(status);
    expect(gateway.api.connectionCount).toBe(0);
    expect(gateway.invocations('disconnect').size).toBe(0);
  });

  it('fails with 504 when $connect takes too long', async () => {
    gateway = await startGateway({ lambdas: { connect: () => new Promise(() => {}) } });
    const refused = refusedHandshake(gateway.url);
    const { isThere } = await gateway.invocations('connect').next();
    expect(isThere()).toBe(true);
    gateway.clock.advance(29_000);
    expect((await refused).status).toBe(504);
    expect(isThere()).toBe(false);
  });

  it.each(['destroy', 'resetAndDestroy'] as const)('is known to be awaited no more: %s', async leave => {
    let answer = (_: { payload: object }): void => {};
    const answered = new Promise<{ payload: object }>(resolve => (answer = resolve));
    gateway = await startGateway({ lambdas: { connect: () => answered } });
    const socket = connectTcp(gateway.port, '127.0.0.1');
    const key = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
    socket.write(
      `GET /prod HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${key}\r\n\r\n`,
    );
    const { isThere } = await gateway.invocations('connect').next();
    expect(isThere()).toBe(true);
    socket[leave]();
    await vi.waitFor(() => expect(isThere()).toBe(false));
    answer({ payload: { statusCode: 200 } });
  });

  it('is refused before any Lambda when it is no WebSocket handshake', async () => {
    gateway = await startGateway();
    const socket = connectTcp(gateway.port, '127.0.0.1');
    socket.write('GET /prod HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    const [answer] = await once(socket, 'data');
    expect(answer.toString()).toMatch(/^HTTP\/1.1 400 /);
    expect(gateway.invocations('connect').size).toBe(0);
  });

  it.each([
    ['new connections', { newConnections: { rate: 1, burst: 1 } }],
    ['requests of the account', { requests: { rate: 1, burst: 1 } }],
  ])('is throttled with 429 beyond the rate of %s', async (_what, limits) => {
    gateway = await startGateway({ limits });
    await gateway.connect();
    expect(await refusedHandshake(gateway.url)).toEqual({
      status: 429,
      body: { message: 'Too Many Requests' },
    });
    gateway.clock.advance(1000);
    await gateway.connect();
  });
});

describe('the subprotocol', () => {
  it.each([
    ['selects the one that $connect names', ['a', 'b'], { 'sec-websocket-PROTOCOL': 'b' }, 'b'],
    ['is none for a client that offers none', [], { 'Sec-WebSocket-Protocol': 'b' }, ''],
  ])('%s', async (_what, protocols, headers, selected) => {
    gateway = await startGateway({ lambdas: { connect: () => ({ payload: { statusCode: 200, headers } }) } });
    const client = await gateway.connect({ protocols });
    expect(client.socket.protocol).toBe(selected);
  });

  it.each([
    ['by the gateway itself', {}],
    ['when $connect names one that the client did not offer', { 'Sec-WebSocket-Protocol': 'b' }],
  ])('is not selected %s', async (_what, headers) => {
    gateway = await startGateway({ lambdas: { connect: () => ({ payload: { statusCode: 200, headers } }) } });
    const client = new Client(gateway.url, { protocols: ['a'] });
    const [error] = await once(client.socket, 'error');
    expect(error.message).toBe('Server sent no subprotocol');
  });
});

describe('a header in two lines', () => {
  it('is whole in the multi-value headers, and its last line in the others', async () => {
    gateway = await startGateway({
      lambdas: {
        connect: () => ({ payload: { statusCode: 200, headers: { 'sec-websocket-protocol': 'a' } } }),
      },
    });
    const handshake = request(`http://127.0.0.1:${gateway.port}/prod`, {
      headers: {
        ...{ connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        'Sec-WebSocket-Protocol': ['a', 'b'],
      },
    });
    handshake.end();
    const [response, socket] = await once(handshake, 'upgrade');
    socket.destroy();
    expect(response.headers['sec-websocket-protocol']).toBe('a');
    const { event } = await gateway.invocations('connect').next();
    expect(event.headers['Sec-WebSocket-Protocol']).toBe('b');
    expect(event.multiValueHeaders['Sec-WebSocket-Protocol']).toEqual(['a', 'b']);
  });
});

describe('the authorizer', () => {
  it('is asked with the request, as AWS asks', async () => {
    gateway = await startGateway(authorized(allowed()));
    await gateway.connect(token);
    const { event, sourceArn } = await gateway.invocations('authorizer').next();
    expect(sourceArn).toBe('arn:aws:execute-api:eu-central-1:123456789012:abc123/authorizers/au7h');
    expect(event).toMatchObject({
      type: 'REQUEST',
      methodArn: connectArn,
      headers: { Authorization: 'Bearer x' },
      multiValueHeaders: { Authorization: ['Bearer x'] },
      queryStringParameters: {},
      requestContext: { routeKey: '$connect', eventType: 'CONNECT', connectionId: expect.any(String) },
    });
  });

  it('gives its context, as strings, to every event of the connection', async () => {
    gateway = await startGateway(authorized(allowed({ storeId: '7', till: 3, open: true })));
    const client = await gateway.connect(token);
    client.send({ action: 'ping' });
    const message = await gateway.invocations('ping').next();
    client.socket.close();
    const events = [
      await gateway.invocations('connect').next(),
      message,
      await gateway.invocations('disconnect').next(),
    ];
    for (const { event } of events) {
      expect(event.requestContext.authorizer).toEqual({
        storeId: '7',
        till: '3',
        open: 'true',
        principalId: 'store-7',
        integrationLatency: expect.any(Number),
      });
    }
  });

  it.each([
    ['header', ['route.request.header.Authorization'], {}],
    ['query parameter', ['route.request.querystring.token'], token],
    ['one of two', ['route.request.header.Authorization', 'route.request.querystring.token'], token],
  ])('is not asked without its identity source: %s', async (_what, sources, options) => {
    gateway = await startGateway(authorized(allowed(), sources));
    const refused = await refusedHandshake(gateway.url, options);
    expect(refused).toEqual({ status: 401, body: { message: 'Unauthorized' } });
    expect(gateway.invocations('authorizer').size).toBe(0);
  });

  it('finds identity sources in any header case and in the query', async () => {
    const sources = ['route.request.header.Authorization', 'route.request.querystring.lane'];
    gateway = await startGateway(authorized(allowed(), sources));
    await gateway.connect({ path: '?lane=1', headers: { authorization: 'x' } });
  });

  const explicitDeny = { Message: 'User is not authorized to access this resource with an explicit deny' };
  const noAllow = { Message: 'User is not authorized to access this resource' };
  const failed = { message: 'Internal server error' };
  const error = (errorMessage: string): InvokeResult => ({
    functionError: { errorType: 'Error', errorMessage },
  });
  const decided = (policyDocument: unknown): InvokeResult => ({
    payload: { principalId: 'p', policyDocument },
  });

  it.each<[string, InvokeResult, number, object]>([
    ['an error named Unauthorized', error('Unauthorized'), 401, { message: 'Unauthorized' }],
    ['another error', error('unauthorized, sorry'), 500, failed],
    ['a throttle', { throttled: true }, 500, failed],
    ['an explicit deny', decided(policy('Deny')), 403, explicitDeny],
    ['a policy for another API', decided(policy('Allow', `${connectArn}x`)), 403, noAllow],
    [
      'a policy for another action',
      decided(policy('Allow', '*', 'execute-api:ManageConnections')),
      403,
      noAllow,
    ],
    ['no policy', decided(undefined), 500, failed],
    ['a policy without statements', decided({ Version: '2012-10-17' }), 500, failed],
    [
      'a policy with a condition',
      decided({ Statement: [{ Effect: 'Allow', Action: '*', Resource: '*', Condition: {} }] }),
      500,
      failed,
    ],
    ['no principal', { payload: { policyDocument: policy('Allow') } }, 500, failed],
    ['a nested context', allowed({ groups: ['a'] }), 500, failed],
    ['a null in the context', allowed({ region: null }), 500, failed],
    ['a result beyond 8 KB', allowed({ text: 'x'.repeat(8200) }), 500, failed],
    ['no object', { payload: 'yes' }, 500, failed],
  ])('refuses with %s', async (_what, answer, status, body) => {
    gateway = await startGateway(authorized(answer));
    expect(await refusedHandshake(gateway.url, token)).toEqual({ status, body });
    expect(gateway.invocations('connect').size).toBe(0);
  });

  it.each([
    ['wildcards', policy('Allow', 'arn:aws:execute-api:*:*:abc12?/*/$connect', 'EXECUTE-API:*')],
    [
      'lists',
      { Statement: { Effect: 'Allow', Action: ['a:b', 'execute-api:Invoke'], Resource: ['x', '*'] } },
    ],
  ])('may write its policy with %s', async (_what, policyDocument) => {
    gateway = await startGateway(authorized({ payload: { principalId: 'p', policyDocument } }));
    await gateway.connect(token);
  });
});

describe('while $connect runs', () => {
  it('the connection can not be posted to', async () => {
    let rejected: unknown;
    gateway = await startGateway({
      lambdas: {
        connect: async ({ event }) => {
          const { connectionId: ConnectionId } = event.requestContext;
          const command = new PostToConnectionCommand({ ConnectionId, Data: '{}' });
          rejected = await gateway.sdk.send(command).catch(error => error);
          return { payload: { statusCode: 200 } };
        },
      },
    });
    await gateway.connect();
    expect(rejected).toBeInstanceOf(GoneException);
  });

  it.each([
    ['closes', (client: Client) => client.socket.terminate()],
    // What a reset or a broken network does to the gateway's end, once it is noticed.
    ['is lost', () => gateway.sockets[0]?.destroy(new Error('read ECONNRESET'))],
  ])('a client that %s is followed by $disconnect', async (_what, hangUp) => {
    const connecting = Promise.withResolvers<InvokeResult>();
    gateway = await startGateway({ lambdas: { connect: () => connecting.promise } });
    const client = new Client(gateway.url, {});
    client.socket.on('error', () => {});
    const { event } = await gateway.invocations('connect').next();
    hangUp(client);
    await client.closed;
    connecting.resolve({ payload: { statusCode: 200 } });
    const { event: disconnect } = await gateway.invocations('disconnect').next();
    expect(disconnect.requestContext).toMatchObject({
      connectionId: event.requestContext.connectionId,
      disconnectStatusCode: 1006,
    });
    expect(gateway.api.connectionCount).toBe(0);
  });
});
