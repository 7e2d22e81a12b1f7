/** A local route answers what only this machine's developer should have: no site that the developer visits gets it. */
import { expect, test } from 'vitest';
import { answerLocalRoute } from '../../../local/edge/local-routes.ts';
import type { HttpRequest } from '../../../local/http.ts';

const routes = {
  '/_local/token': async (outputs: Record<string, string>) => ({ token: `of ${outputs.Name}` }),
};
const answerTo = (change?: Partial<HttpRequest>) =>
  answerLocalRoute(request(change), routes, { Name: 'Storecast' });

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

test('a page of this very origin is answered, and nobody keeps it', async () => {
  const answer = await answerTo();
  expect(answer).toMatchObject({ status: 200, body: '{"token":"of Storecast"}' });
  expect(answer?.headers['cache-control']).toBe('no-store');
});

test.each<[string, Partial<HttpRequest>]>([
  ['another site', { headers: { host: '127.0.0.1:4566', 'sec-fetch-site': 'cross-site' } }],
  ['another port’s page', { headers: { host: '127.0.0.1:4566', 'sec-fetch-site': 'same-site' } }],
  ['a typed address', { headers: { host: '127.0.0.1:4566', 'sec-fetch-site': 'none' } }],
  ['who says nothing of it', { headers: { host: '127.0.0.1:4566' } }],
  ['who says nothing at all', { headers: {} }],
  ['a form', { method: 'POST' }],
])('%s is refused', async (_, change) => {
  expect(await answerTo(change)).toMatchObject({
    status: 403,
    body: '{"message":"Forbidden"}',
  });
});

test.each(['/', '/_local', '/_local/token/', '/_local/other', '/constructor', '/__proto__'])(
  '%s is no local route',
  async path => {
    expect(await answerTo({ path })).toBeUndefined();
  },
);
