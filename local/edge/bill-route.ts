/** `GET /_local/bill`: what all this would have cost on AWS. For programs of this machine, as `GET /_local/metrics` is. */

import type { Meter } from '../billing/meter.ts';
import { billOf } from '../billing/priced-usage.ts';
import { type HttpRequest, type HttpResponse, jsonResponse } from '../http.ts';

/** The answer; undefined if the request is for something else. */
export function answerBill({ method, path }: HttpRequest, meter: Meter): HttpResponse | undefined {
  if (path !== '/_local/bill') return undefined;
  if (method !== 'GET') return jsonResponse(403, { message: 'Forbidden' });
  return jsonResponse(200, billOf(meter), { 'cache-control': 'no-store' });
}
