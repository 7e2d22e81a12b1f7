import { describe, expect, it } from 'vitest';
import { createHttpApi } from '../../../../local/apigateway/http/http-service.ts';
import type { HttpApiDefinition, HttpApiResponse, InvokeResult } from '../../../../local/apigateway/types.ts';
import type { Limits } from '../../../../local/cloud-options.ts';
import type { HttpRequest } from '../../../../local/http.ts';
import { createDependencies, type Invocation } from '../websocket/gateway.ts';

const definition: HttpApiDefinition = {
  apiId: 'h77p',
  stageName: '$default',
  domainName: 'h77p.execute-api.eu-central-1.amazonaws.com',
  routes: { $default: { functionArn: 'all' } },
};

interface Setup {
  routes?: string[];
  stageName?: string;
  answer?: InvokeResult | Promise<InvokeResult>;
  limits?: Partial<Limits>;
  /** Of the stage. */
  throttle?: { rate: number; burst: number };
}

/** An HTTP API whose every route has a function of the route's own name. */
function api({ routes, stageName = '$default', answer, limits = {}, throttle }: Setup = {}) {
  const invocations: Invocation[] = [];
  const dependencies = createDependencies({ limits }, async (functionArn, event, caller) => {
    invocations.push({ functionArn, event, ...caller });
    return answer ?? { payload: { statusCode: 200 } };
  });
  const named = routes && Object.fromEntries(routes.map(route => [route, { functionArn: route }]));
  const gateway = createHttpApi(
    { ...definition, stageName, routes: named ?? definition.routes, ...(throttle && { throttle }) },
    dependencies,
  );
  const request = (overrides: Partial<HttpRequest> = {}): Promise<HttpApiResponse> =>
    gateway.handle({
      method: 'GET',
      path: '/',
      query: '',
      headers: {},
      body: Buffer.alloc(0),
      sourceIp: '192.0.2.1',
      ...overrides,
    });
  return { request, invocations, clock: dependencies.clock };
}

describe('the event', () => {
  it('has the shape of payload format 2.0', async () => {
    const { request, invocations } = api({ routes: ['POST /stores/{id}'] });
    await request({
      method: 'POST',
      path: '/stores/a%2Fb',
      query: 'tag=x&tag=y&q=a%20b',
      headers: { 'content-type': 'application/json', 'user-agent': 'till/1', cookie: 'a=1; b=2', host: 'h' },
      body: Buffer.from('{"n":1}'),
    });
    expect(invocations[0]?.sourceArn).toBe(
      'arn:aws:execute-api:eu-central-1:123456789012:h77p/$default/POST/stores/{id}',
    );
    const { event } = invocations[0] ?? {};
    expect(event).toMatchObject({
      version: '2.0',
      routeKey: 'POST /stores/{id}',
      rawPath: '/stores/a/b',
      rawQueryString: 'tag=x&tag=y&q=a%20b',
      cookies: ['a=1', 'b=2'],
      headers: { 'content-type': 'application/json', host: 'h', 'x-forwarded-for': '192.0.2.1' },
      queryStringParameters: { tag: 'x,y', q: 'a b' },
      pathParameters: { id: 'a/b' },
      requestContext: {
        accountId: '123456789012',
        apiId: 'h77p',
        domainName: 'h77p.execute-api.eu-central-1.amazonaws.com',
        domainPrefix: 'h77p',
        http: {
          method: 'POST',
          path: '/stores/a/b',
          protocol: 'HTTP/1.1',
          sourceIp: '192.0.2.1',
          userAgent: 'till/1',
        },
        requestId: expect.any(String),
        routeKey: 'POST /stores/{id}',
        stage: '$default',
        time: expect.stringMatching(/ \+0000$/),
        timeEpoch: expect.any(Number),
      },
      body: '{"n":1}',
      isBase64Encoded: false,
    });
    expect(event.headers).not.toHaveProperty('cookie');
  });

  it('leaves out what the request does not have', async () => {
    const { request, invocations } = api();
    await request();
    for (const field of ['cookies', 'queryStringParameters', 'pathParameters', 'body']) {
      expect(invocations[0]?.event).not.toHaveProperty(field);
    }
  });

  it.each([
    ['application/json; charset=utf-8', 'é', false],
    ['text/csv', 'é', false],
    ['application/problem+json', 'é', false],
    ['application/octet-stream', 'w6k=', true],
    ['application/x-www-form-urlencoded', 'w6k=', true],
    ['application/jsonish', 'w6k=', true],
    ['', 'w6k=', true],
  ])('has the body of type "%s" as %s', async (type, body, isBase64Encoded) => {
    const { request, invocations } = api();
    await request({ method: 'POST', headers: { 'content-type': type }, body: Buffer.from('é') });
    expect(invocations[0]?.event).toMatchObject({ body, isBase64Encoded });
  });
});

describe('the route', () => {
  const routes = [
    '$default',
    'ANY /{proxy+}',
    'GET /stores/{proxy+}',
    'GET /stores/{id}',
    'ANY /stores/me',
    'GET /stores/me',
    'GET /',
  ];

  it.each([
    ['GET', '/', 'GET /'],
    ['POST', '/', '$default'],
    ['GET', '/stores/me', 'GET /stores/me'],
    ['PUT', '/stores/me', 'ANY /stores/me'],
    ['GET', '/stores/7', 'GET /stores/{id}'],
    ['GET', '/stores/7/sales', 'GET /stores/{proxy+}'],
    ['DELETE', '/stores/7', 'ANY /{proxy+}'],
    ['GET', '/other', 'ANY /{proxy+}'],
  ])('of %s %s is %s', async (method, path, expected) => {
    const { request, invocations } = api({ routes });
    await request({ method, path });
    expect(invocations.map(({ functionArn }) => functionArn)).toEqual([expected]);
  });

  it('takes the rest of the path into a greedy parameter', async () => {
    const { request, invocations } = api({ routes });
    await request({ path: '/stores/7/sales' });
    expect(invocations[0]?.event.pathParameters).toEqual({ proxy: '7/sales' });
  });

  it.each(['/stores', '/stores/', '/stores/7/', '/Stores/7'])('is missing for %s', async path => {
    const { request, invocations } = api({ routes: ['GET /stores/{id}'] });
    expect(await request({ path })).toMatchObject({ status: 404, body: '{"message":"Not Found"}' });
    expect(invocations).toEqual([]);
  });

  it.each([
    ['/prod/stores', 200],
    ['/prod', 404],
    ['/stores', 404],
    ['/production/stores', 404],
  ])('of a named stage is found below it only: %s', async (path, status) => {
    const { request } = api({ stageName: 'prod', routes: ['GET /stores'] });
    expect((await request({ path })).status).toBe(status);
  });

  it.each(['stores', 'GET stores', 'get /stores', ''])('can not have the key "%s"', key => {
    expect(() => api({ routes: [key] })).toThrow(/is not supported: write it as METHOD \/path/);
  });
});

describe('the response', () => {
  it('is what the Lambda says', async () => {
    const payload = {
      statusCode: 201,
      headers: { Location: '/x', 'X-Count': 2 },
      cookies: ['a=1', 'b=2; Secure'],
      body: '{}',
    };
    expect(await api({ answer: { payload } }).request()).toEqual({
      status: 201,
      headers: { 'content-type': 'text/plain; charset=utf-8', location: '/x', 'x-count': '2' },
      cookies: ['a=1', 'b=2; Secure'],
      body: '{}',
    });
  });

  it('may come in base64', async () => {
    const payload = {
      statusCode: 200,
      headers: { 'Content-Type': 'image/png' },
      body: 'AP8=',
      isBase64Encoded: true,
    };
    const { headers, body } = await api({ answer: { payload } }).request();
    expect([headers['content-type'], body]).toEqual(['image/png', Buffer.from([0, 255])]);
  });

  it.each([
    ['an object', { a: 1 }, '{"a":1}'],
    ['a list', [1], '[1]'],
    ['a text', 'hello', 'hello'],
    ['nothing', undefined, 'null'],
  ])('is inferred as JSON from %s without a status code', async (_what, payload, body) => {
    expect(await api({ answer: { payload } }).request()).toEqual({
      status: 200,
      headers: { 'content-type': 'application/json' },
      cookies: [],
      body,
    });
  });

  const failed = { status: 500, body: '{"message":"Internal Server Error"}' };
  const unavailable = { status: 503, body: '{"message":"Service Unavailable"}' };
  it.each<[string, InvokeResult, object]>([
    ['a function error', { functionError: { errorType: 'Error', errorMessage: 'secret' } }, failed],
    ['an impossible status', { payload: { statusCode: 99 } }, failed],
    ['a body that is no text', { payload: { statusCode: 200, body: {} } }, failed],
    ['cookies that are no list', { payload: { statusCode: 200, cookies: 'a=1' } }, failed],
    ['a throttled function', { throttled: true }, unavailable],
  ])('to %s tells nothing of it', async (_what, answer, expected) => {
    expect(await api({ answer }).request()).toMatchObject(expected);
  });

  it('is 503 when the Lambda takes too long', async () => {
    const { request, clock } = api({ answer: new Promise(() => {}) });
    const response = request();
    clock.advance(29_000);
    expect(await response).toMatchObject(unavailable);
  });

  it("is 429 beyond the account's rate", async () => {
    const { request } = api({ limits: { requests: { rate: 1, burst: 1 } } });
    await request();
    expect(await request()).toMatchObject({ status: 429, body: '{"message":"Too Many Requests"}' });
  });

  it("is 429 beyond the stage's rate, of one route and no other", async () => {
    const { request } = api({ routes: ['GET /a', 'GET /b'], throttle: { rate: 1, burst: 1 } });
    expect((await request({ path: '/a' })).status).toBe(200);
    expect((await request({ path: '/a' })).status).toBe(429);
    expect((await request({ path: '/b' })).status).toBe(200);
  });

  it('is 413 for more than 10 MB', async () => {
    const { request, invocations } = api();
    expect((await request({ method: 'POST', body: Buffer.alloc(10 * 1024 * 1024) })).status).toBe(200);
    expect((await request({ method: 'POST', body: Buffer.alloc(10 * 1024 * 1024 + 1) })).status).toBe(413);
    expect(invocations).toHaveLength(1);
  });
});
