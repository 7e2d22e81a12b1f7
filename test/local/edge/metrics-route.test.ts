/** Metrics are for programs of this machine, too: they hold no secret. */
import { expect, test } from 'vitest';
import { EmbeddedMetrics } from '../../../local/cloudwatch/embedded-metrics.ts';
import { answerMetrics } from '../../../local/edge/metrics-route.ts';
import type { HttpRequest } from '../../../local/http.ts';

const metrics = new EmbeddedMetrics();
metrics.take(
  JSON.stringify({
    Posts: 3,
    _aws: {
      Timestamp: 1,
      CloudWatchMetrics: [
        { Namespace: 'Shop', Dimensions: [[]], Metrics: [{ Name: 'Posts', Unit: 'Count' }] },
      ],
    },
  }),
);

const answer = (headers: Record<string, string>, change: Partial<HttpRequest> = {}) =>
  answerMetrics(
    {
      method: 'GET',
      path: '/_local/metrics',
      query: '',
      headers,
      body: Buffer.alloc(0),
      sourceIp: '',
      ...change,
    },
    metrics,
  );

test('a program gets JSON', () => {
  const { body = '', headers, status } = answer({ host: '127.0.0.1:4566', accept: '*/*' }) ?? {};
  expect([status, headers?.['content-type'], headers?.['cache-control']]).toEqual([
    200,
    'application/json',
    'no-store',
  ]);
  expect(JSON.parse(String(body))).toMatchObject({ items: [{ namespace: 'Shop', name: 'Posts', sum: 3 }] });
});

test('Prometheus gets its own text', () => {
  const accept = 'application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
  const { body, headers } = answer({ host: 'localhost:4566', accept }) ?? {};
  expect(headers?.['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(body).toContain('shop_posts_count_sum{} 3\n');
});

test('a form is refused', () => {
  expect(answer({ host: '127.0.0.1:4566' }, { method: 'POST' })).toMatchObject({ status: 403 });
});

test.each(['/', '/_local', '/_local/metrics/'])('%s is something else', path => {
  expect(answer({ host: '127.0.0.1:4566' }, { path })).toBeUndefined();
});
