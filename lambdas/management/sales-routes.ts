/** What the chain has sold: totals by store, region, SKU or minute, and the sales of one store. */

import * as v from 'valibot';
import type { Page } from '../../domain/protocol/http-api.ts';
import type { AnyAudit, AnyTotal } from '../../domain/protocol/sales-answers.ts';
import { PIECES } from '../../domain/retail/quantity.ts';
import type { Span } from '../../domain/sales/hours.ts';
import { auditIdOf } from '../../domain/sales/price-audit.ts';
import { minuteOf, type Sale } from '../../domain/sales/sale.ts';
import { GROUPINGS, type Grouping, idOf, type Total } from '../../domain/sales/sales-sums.ts';
import { Timestamp } from '../../domain/time.ts';
import type { Pace } from '../registry/pace.ts';
import { AUDITED_BY, type AuditedBy, isReadByStore } from '../sales/regional-sums.ts';
import { type SalesBook, saleOrder } from '../sales/sales-book.ts';
import { NotRolledUpError } from '../sales/span-reading.ts';
import type { SalesTotals } from '../sales/span-totals.ts';
import type { ApiRequest } from './api-request.ts';
import { HttpProblem } from './http-answer.ts';
import { decodeCursor, encodeCursor, pageLimit, pageOf } from './paging.ts';

const MINUTE_MS = 60_000;
/** Others take a sign in ISO 8601, and don't compare as text. */
const FIRST_MINUTE = Date.parse('0000-01-01T00:00:00Z');
const LAST_MINUTE = Date.parse('9999-12-31T23:59:00Z');
/** An hour has far more SKUs than regions or minutes, and is as much longer to read. */
const MOST_DAYS: Record<Grouping, number> = { store: 31, region: 31, minute: 31, sku: 7 };
const MOST_DAYS_OF_A_STORE = 31;
/** Lambda answers 6 MB, in which the body is a string: each of its quotes takes two bytes. */
const MOST_BYTES = 5 * 1024 * 1024;

/** A store's SKUs and minutes are in no roll-up: its minutes are read with all their sales. */
const MOST_DAYS_BY_STORE = 7;

const described: Record<Grouping, (total: Total) => object> = {
  store: ({ key, ...sum }) => ({ store: key, ...sum }),
  // Stores of no region are told as such, as in the list of stores.
  region: ({ key, ...sum }) => ({ region: key === '' ? null : key, ...sum }),
  sku: ({ key, unit = PIECES, ...sum }) => ({ sku: key, unit, ...sum }),
  minute: ({ key, ...sum }) => ({ minute: key, ...sum }),
};

/** `GET /sales/totals?from&to&by=store|region|sku|minute&store&region&live`; `live=true` watches: stores report each second. */
export async function salesTotals(
  request: ApiRequest,
  { pace, totals }: { pace: Pace; totals: SalesTotals },
): Promise<Page<AnyTotal>> {
  const { query } = request;
  const by = (query.by ?? 'store') as Grouping;
  if (!GROUPINGS.includes(by))
    throw new HttpProblem(400, `by takes ${GROUPINGS.join(', ')}, not '${query.by}'`);
  if (isLive(query)) await pace.watch(request.now);
  const cut = { by, store: query.store, region: query.region };
  const span = isReadByStore(cut)
    ? spanOf(request, MOST_DAYS_BY_STORE, `by=${by} of one store`)
    : spanOf(request, MOST_DAYS[by], `by=${by}`);
  const page = pageOf(await rolledUp(totals.of(span, cut)), idOf, query);
  // Whoever reads the JSON finds numbers.
  return { ...page, items: page.items.map(described[by]) as AnyTotal[] };
}

/** `GET /sales/audit?from&to&by=store|sku` */
export async function salesAudit(
  request: ApiRequest,
  { totals }: { totals: SalesTotals },
): Promise<Page<AnyAudit>> {
  const { query } = request;
  const by = (query.by ?? 'store') as AuditedBy;
  if (!AUDITED_BY.includes(by))
    throw new HttpProblem(400, `by takes ${AUDITED_BY.join(', ')}, not '${query.by}'`);
  const span = spanOf(request, MOST_DAYS[by], `by=${by}`);
  const page = pageOf(await rolledUp(totals.audit(span, by)), auditIdOf, query);
  const items = page.items.map(({ key, ...counts }) => ({ [by]: key, ...counts }));
  // Whoever reads the JSON finds numbers.
  return { ...page, items: items as AnyAudit[] };
}

function isLive({ live = 'false' }: ApiRequest['query']): boolean {
  if (live === 'true' || live === 'false') return live === 'true';
  throw new HttpProblem(400, `live takes true or false, not '${live.slice(0, 64)}'`);
}

async function rolledUp<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof NotRolledUpError)) throw error;
    const detail =
      'too much of this time is not rolled up yet: ask for a shorter time, or again in five minutes';
    throw new HttpProblem(503, detail);
  }
}

/** `GET /stores/{id}/sales?from&to` */
export async function storeSales(request: ApiRequest, { sales }: { sales: SalesBook }): Promise<Page<Sale>> {
  const { parameters, query } = request;
  const { from, to } = spanOf(request, MOST_DAYS_OF_A_STORE, 'the sales of a store');
  const limit = pageLimit(query);
  const after = query.cursor === undefined ? '' : decodeCursor(query.cursor);
  // The minute of the last sale that the caller has: it may hold others after it.
  const start = after > from ? minuteOf(after) : from;
  if (start >= to) return { items: [] };
  const items: Sale[] = [];
  let bytes = 0;
  for await (const minute of sales.salesOf(parameters.id ?? '', start, to)) {
    for (const sale of minute) {
      if (saleOrder(sale) <= after) continue;
      bytes += Buffer.byteLength(JSON.stringify(JSON.stringify(sale)));
      const last = items.at(-1);
      if (last !== undefined && (items.length === limit || bytes > MOST_BYTES)) {
        return { items, cursor: encodeCursor(saleOrder(last)) };
      }
      items.push(sale);
    }
  }
  return { items };
}

/** Whole minutes: `from` rounds down, `to` up. Left out, they are the last hour. */
function spanOf({ now, query }: ApiRequest, mostDays: number, what: string): Span {
  const to = query.to === undefined ? now : timeIn(query.to, 'to');
  const from = query.from === undefined ? Math.max(to - 3_600_000, FIRST_MINUTE) : timeIn(query.from, 'from');
  if (from >= to) throw new HttpProblem(400, 'from must be earlier than to');
  if (to - from > mostDays * 86_400_000) {
    const detail = `${what} reaches over ${mostDays} days at most: ask for a shorter time, part by part`;
    throw new HttpProblem(400, detail);
  }
  return { from: minuteAt(Math.floor(from / MINUTE_MS)), to: minuteAt(Math.ceil(to / MINUTE_MS)) };
}

function minuteAt(minute: number): string {
  return minuteOf(new Date(Math.min(minute * MINUTE_MS, LAST_MINUTE)).toISOString());
}

function timeIn(text: string, name: string): number {
  const parsed = v.safeParse(Timestamp, text);
  if (!parsed.success) throw new HttpProblem(400, `${name} ${parsed.issues[0].message}`);
  return Date.parse(parsed.output);
}
