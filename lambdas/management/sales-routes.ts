/** What the chain has sold: totals by store, region, SKU or minute, and the sales of one store. */

import * as v from 'valibot';
import type { Span } from '../../domain/sales/hours.ts';
import { minuteOf, type Sale } from '../../domain/sales/sale.ts';
import { GROUPINGS, type Grouping, idOf, type Total } from '../../domain/sales/sales-sums.ts';
import { Timestamp } from '../../domain/time.ts';
import { saleOrder } from '../sales/sales-book.ts';
import { NotRolledUpError } from '../sales/span-totals.ts';
import type { HttpAnswer, ManagementContext } from './context.ts';
import { decodeCursor, encodeCursor, json, paged, pageLimit } from './http-answers.ts';
import { HttpProblem } from './problem.ts';

const MINUTE_MS = 60_000;
/** Others take a sign in ISO 8601, and don't compare as text. */
const FIRST_MINUTE = Date.parse('0000-01-01T00:00:00Z');
const LAST_MINUTE = Date.parse('9999-12-31T23:59:00Z');
/** An hour has far more SKUs than regions or minutes, and is as much longer to read. */
const MOST_DAYS: Record<Grouping, number> = { store: 31, region: 31, minute: 31, sku: 7 };
const MOST_DAYS_OF_A_STORE = 31;
/** Lambda answers 6 MB, in which the body is a string: each of its quotes takes two bytes. */
const MOST_BYTES = 5 * 1024 * 1024;

/** `GET /sales/totals?from&to&by=store|region|sku|minute` */
export async function salesTotals(context: ManagementContext): Promise<HttpAnswer> {
  const { query } = context;
  const by = (query.by ?? 'store') as Grouping;
  if (!GROUPINGS.includes(by))
    throw new HttpProblem(400, `by takes ${GROUPINGS.join(', ')}, not '${query.by}'`);
  const page = paged(await totalsOf(context, by), idOf, query);
  const items = page.items.map(({ key, count, amount, currency }) => ({
    // Stores of no region are told as such, as in the list of stores.
    [by]: key === '' ? null : key,
    count,
    amount,
    currency,
  }));
  return json(200, { ...page, items });
}

async function totalsOf(context: ManagementContext, by: Grouping): Promise<Total[]> {
  const span = spanOf(context, MOST_DAYS[by], `by=${by}`);
  try {
    return await context.totals.of(span, by);
  } catch (error) {
    if (!(error instanceof NotRolledUpError)) throw error;
    const detail =
      'too much of this time is not rolled up yet: ask for a shorter time, or again in five minutes';
    throw new HttpProblem(503, detail);
  }
}

/** `GET /stores/{id}/sales?from&to` */
export async function storeSales(context: ManagementContext): Promise<HttpAnswer> {
  const { parameters, query, sales } = context;
  const { from, to } = spanOf(context, MOST_DAYS_OF_A_STORE, 'the sales of a store');
  const limit = pageLimit(query);
  const after = query.cursor === undefined ? '' : decodeCursor(query.cursor);
  // The minute of the last sale that the caller has: it may hold others after it.
  const start = after > from ? minuteOf(after) : from;
  if (start >= to) return json(200, { items: [] });
  const items: Sale[] = [];
  let bytes = 0;
  for await (const minute of sales.salesOf(parameters.id ?? '', start, to)) {
    for (const sale of minute) {
      if (saleOrder(sale) <= after) continue;
      bytes += Buffer.byteLength(JSON.stringify(JSON.stringify(sale)));
      const last = items.at(-1);
      if (last !== undefined && (items.length === limit || bytes > MOST_BYTES)) {
        return json(200, { items, cursor: encodeCursor(saleOrder(last)) });
      }
      items.push(sale);
    }
  }
  return json(200, { items });
}

/** Whole minutes: `from` rounds down, `to` up. Left out, they are the last hour. */
function spanOf({ now, query }: ManagementContext, mostDays: number, what: string): Span {
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
