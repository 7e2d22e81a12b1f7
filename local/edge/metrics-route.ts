/**
 * `GET /_local/metrics`: what the functions have measured since the start, as JSON, or as Prometheus' text for whoever
 * accepts `text/plain`. Counts only, so unlike the other local routes it answers programs; pages of other sites can send
 * the request but not read the answer, unless by a name that was pointed at loopback, which is refused.
 */
import type { EmbeddedMetrics } from '../cloudwatch/embedded-metrics.ts';
import { PROMETHEUS_TYPE, prometheusText } from '../cloudwatch/prometheus.ts';
import { type HttpRequest, type HttpResponse, jsonResponse } from '../http.ts';
import { isLoopback } from './local-routes.ts';

const PATH = '/_local/metrics';

/** The answer; undefined if the request is for something else. */
export function answerMetrics(
  { headers, method, path }: HttpRequest,
  metrics: EmbeddedMetrics,
  port: number,
): HttpResponse | undefined {
  if (path !== PATH) return undefined;
  if (method !== 'GET' || !isLoopback(headers.host, port)) return jsonResponse(403, { message: 'Forbidden' });
  const statistics = metrics.statistics();
  const fresh = { 'cache-control': 'no-store' };
  if (!headers.accept?.includes('text/plain')) return jsonResponse(200, { items: statistics }, fresh);
  return {
    status: 200,
    headers: { 'content-type': PROMETHEUS_TYPE, ...fresh },
    body: prometheusText(statistics),
  };
}
