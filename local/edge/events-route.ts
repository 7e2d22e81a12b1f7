/**
 * `GET /_local/events?bus=NAME&after=NUMBER&limit=N`: the events that were put on the buses, in their order, for programs of
 * this machine. `cursor` is the `after` of what comes next.
 */
import type { EventRecord } from '../eventbridge/event-record.ts';
import { type HttpRequest, type HttpResponse, jsonResponse } from '../http.ts';

const MOST = 1_000;

/** The answer; undefined if the request is for something else. */
export function answerEvents(
  { method, path, query }: HttpRequest,
  record: EventRecord,
): HttpResponse | undefined {
  if (path !== '/_local/events') return undefined;
  if (method !== 'GET') return jsonResponse(403, { message: 'Forbidden' });
  const asked = new URLSearchParams(query);
  const [after, limit] = [Number(asked.get('after') ?? 0), Number(asked.get('limit') ?? 100)];
  if (!isWhole(after) || !isWhole(limit))
    return jsonResponse(400, { message: 'after and limit must be whole numbers' });
  const bus = asked.get('bus') ?? undefined;
  const found = record.read({ bus, after, limit: Math.min(Math.max(1, limit), MOST) });
  const items = found.map(({ event }) => event);
  return jsonResponse(200, { items, cursor: found.at(-1)?.number ?? after }, { 'cache-control': 'no-store' });
}

function isWhole(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
