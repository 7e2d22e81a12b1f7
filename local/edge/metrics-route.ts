/**
 * `GET /_local/metrics`: what the functions have measured since the start, as JSON, or as Prometheus' text for a client
 * that accepts `text/plain`. Counts only, so unlike the other local routes it answers programs. Pages of other sites can
 * send the request but can't read the answer.
 */
import type { EmbeddedMetrics } from '../cloudwatch/embedded-metrics.ts';
import { PROMETHEUS_TYPE, prometheusText } from '../cloudwatch/prometheus.ts';
import { type HttpRequest, type HttpResponse, jsonResponse } from '../http.ts';

const PATH = '/_local/metrics';

/** The answer; undefined if the request is for something else. */
export function answerMetrics(
  { headers, method, path }: HttpRequest,
  metrics: EmbeddedMetrics,
): HttpResponse | undefined {
  if (path !== PATH) return undefined;
  if (method !== 'GET') return jsonResponse(403, { message: 'Forbidden' });
  const statistics = metrics.statistics();
  const fresh = { 'cache-control': 'no-store' };
  if (!headers.accept?.includes('text/plain')) return jsonResponse(200, { items: statistics }, fresh);
  return {
    status: 200,
    headers: { 'content-type': PROMETHEUS_TYPE, ...fresh },
    body: prometheusText(statistics),
  };
}
