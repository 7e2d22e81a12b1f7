/** The page as the management function serves it out of its bundle: to anyone, and nothing else but it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { afterAll, describe, expect, it } from 'vitest';
import { Environment, LOCAL_TOKEN_PATH } from '../../domain/names.ts';
import { handler } from '../../lambdas/management.ts';

const root = mkdtempSync(join(tmpdir(), 'storecast-page-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
mkdirSync(join(root, 'page', 'assets'), { recursive: true });
writeFileSync(join(root, 'page', 'index.html'), '<meta name="store-endpoint" content="{{endpoint}}" />');
writeFileSync(join(root, 'page', 'assets', 'page-ABC.js'), 'run()');
writeFileSync(join(root, 'page', 'assets', 'page-ABC.js.br'), 'small');
writeFileSync(join(root, 'page', 'assets', 'page-ABC.js.gz'), 'smaller');
writeFileSync(join(root, 'page', 'assets', 'page-DEF.css'), 'p {}');
writeFileSync(join(root, 'page', 'openapi.json'), '{"openapi":"3.1.0"}');
writeFileSync(join(root, 'index.cjs'), 'secret');
process.env.LAMBDA_TASK_ROOT = root;
process.env[Environment.allowedOrigins] = 'https://office.example.com';
process.env[Environment.storeEndpoint] = 'wss://abc.execute-api.eu-central-1.amazonaws.com/prod';

function request(
  method: string,
  rawPath: string,
  headers: Record<string, string> = {},
  queryStringParameters?: object,
) {
  const event = {
    rawPath,
    headers,
    queryStringParameters,
    isBase64Encoded: false,
    requestContext: { http: { method } },
  };
  return handler(event as unknown as APIGatewayProxyEventV2);
}

describe('the document', () => {
  it('is served without a token, names the line, and lets the page talk to nobody else', async () => {
    const { statusCode, headers = {}, body } = await request('GET', '/');
    expect(statusCode).toBe(200);
    expect(body).toContain('content="wss://abc.execute-api.eu-central-1.amazonaws.com/prod"');
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-cache',
    });
    expect(headers['content-security-policy']?.split('; ')).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      "connect-src 'self' wss://abc.execute-api.eu-central-1.amazonaws.com",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ]);
  });

  it('is not sent again to a browser that has it', async () => {
    const { headers: { etag = '' } = {} } = await request('GET', '/');
    expect(await request('GET', '/', { 'if-none-match': etag })).toMatchObject({ statusCode: 304 });
    expect(await request('GET', '/', { 'if-none-match': '"another"' })).toMatchObject({ statusCode: 200 });
  });
});

it('the description of the HTTP API is served without a token, and not again to whoever has it', async () => {
  const { headers: { etag = '', ...headers } = {}, ...answer } = await request('GET', '/openapi.json');
  expect(answer).toEqual({ statusCode: 200, body: '{"openapi":"3.1.0"}' });
  expect(headers).toEqual({
    'content-type': 'application/json',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-cache',
  });
  expect(await request('GET', '/openapi.json', { 'if-none-match': etag })).toMatchObject({ statusCode: 304 });
});

it('answers HEAD as GET, without the body', async () => {
  const { body: _, ...get } = await request('GET', '/');
  expect(await request('HEAD', '/')).toEqual(get);
});

it.each([
  ['page-ABC.js', 'text/javascript; charset=utf-8', 'run()'],
  ['page-DEF.css', 'text/css; charset=utf-8', 'p {}'],
])('%s is served as %s, to be kept for good', async (name, type, body) => {
  const answer = await request('GET', `/assets/${name}`);
  expect(answer).toMatchObject({ statusCode: 200, body });
  expect(answer.headers).toMatchObject({
    'content-type': type,
    'x-content-type-options': 'nosniff',
    'cache-control': 'public, max-age=31536000, immutable',
  });
});

it.each([
  ['gzip, deflate, br', 'br', 'small', '"page-ABC.js.br"'],
  ['gzip;q=1.0, br;q=0', 'gzip', 'smaller', '"page-ABC.js.gz"'],
  ['GZIP', 'gzip', 'smaller', '"page-ABC.js.gz"'],
])('to a browser that takes %s the script is sent as %s', async (accepted, encoding, body, etag) => {
  const answer = await request('GET', '/assets/page-ABC.js', { 'accept-encoding': accepted });
  expect(answer).toMatchObject({
    statusCode: 200,
    isBase64Encoded: true,
    body: Buffer.from(body).toString('base64'),
    headers: { 'content-encoding': encoding, vary: 'accept-encoding', etag },
  });
});

it.each(['', 'identity', 'zstd'])('to a browser that takes %j it is sent as it is', async accepted => {
  const answer = await request('GET', '/assets/page-ABC.js', { 'accept-encoding': accepted });
  expect(answer).toMatchObject({ statusCode: 200, body: 'run()' });
  expect(answer.headers).not.toHaveProperty('content-encoding');
});

it.each<[number, string, string, object?]>([
  [404, 'GET', '/assets/page-ABC.js.br'],
  [404, 'GET', '/assets/page-OLD.js'],
  [404, 'GET', '/assets/..%2F..%2Findex.cjs'],
  [404, 'GET', '/assets/'],
  [404, 'GET', '/index.html'],
  [404, 'GET', LOCAL_TOKEN_PATH],
  [400, 'GET', '/', { token: 'x' }],
  [405, 'POST', '/'],
])('%i is the answer to %s %s, as a problem', async (status, method, path, query) => {
  const { statusCode, headers } = await request(method, path, {}, query);
  expect(statusCode).toBe(status);
  expect(headers?.['content-type']).toBe('application/problem+json');
});
