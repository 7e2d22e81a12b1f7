/** A local route hands out what only this machine's developer should have: any site that he visits must not get it. */
import { expect, test } from 'vitest';
import { answerLocalRoute } from '../../../local/edge/local-routes.ts';
import type { HttpRequest } from '../../../local/http.ts';

const options = {
  routes: { '/_local/token': async (outputs: Record<string, string>) => ({ token: `of ${outputs.Name}` }) },
  port: 4566,
  outputs: { Name: 'Storecast' },
};

function request(change: Partial<HttpRequest> = {}): HttpRequest {
  const headers = { host: '127.0.0.1:4566', 'sec-fetch-site': 'same-origin' };
  return {
    method: 'GET',
    path: '/_local/token',
    query: '',
    headers,
    body: Buffer.alloc(0),
    sourceIp: '',
    ...change,
  };
}

test.each(['127.0.0.1:4566', 'localhost:4566', '[::1]:4566'])(
  'a page of %s is answered, and nobody keeps it',
  async host => {
    const answer = await answerLocalRoute(
      request({ headers: { host, 'sec-fetch-site': 'same-origin' } }),
      options,
    );
    expect(answer).toMatchObject({ status: 200, body: '{"token":"of Storecast"}' });
    expect(answer?.headers['cache-control']).toBe('no-store');
  },
);

test.each<[string, Partial<HttpRequest>]>([
  [
    'a name that was pointed at loopback',
    { headers: { host: 'evil.example:4566', 'sec-fetch-site': 'same-origin' } },
  ],
  ['another port of this machine', { headers: { host: '127.0.0.1:80', 'sec-fetch-site': 'same-origin' } }],
  ['another site', { headers: { host: '127.0.0.1:4566', 'sec-fetch-site': 'cross-site' } }],
  ['another port’s page', { headers: { host: '127.0.0.1:4566', 'sec-fetch-site': 'same-site' } }],
  ['a typed address', { headers: { host: '127.0.0.1:4566', 'sec-fetch-site': 'none' } }],
  ['who says nothing of it', { headers: { host: '127.0.0.1:4566' } }],
  ['who says nothing at all', { headers: {} }],
  ['a form', { method: 'POST' }],
])('%s is refused', async (_, change) => {
  expect(await answerLocalRoute(request(change), options)).toMatchObject({
    status: 403,
    body: '{"message":"Forbidden"}',
  });
});

test.each(['/', '/_local', '/_local/token/', '/_local/other', '/constructor', '/__proto__'])(
  '%s is no local route',
  async path => {
    expect(await answerLocalRoute(request({ path }), options)).toBeUndefined();
  },
);
