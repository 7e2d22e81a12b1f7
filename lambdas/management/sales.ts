/** What the chain has sold: totals by store, region, SKU or minute, and the sales of one store. */

import * as v from 'valibot';
import { minuteOf, type Sale } from '../../domain/sales.ts';
import { Timestamp } from '../../domain/time.ts';
import type { MinuteTotal } from '../shared/sales-book.ts';
import { json, paged } from './answers.ts';
import type { HttpAnswer, ManagementContext } from './context.ts';
import { HttpProblem } from './problem.ts';

interface Total {
  key: string;
  count: number;
  amount: number;
  currency: string;
}

const MINUTE_MS = 60_000;
/** Later ones take a sign in ISO 8601, and don't compare as text. */
const LAST_MINUTE = Date.parse('9999-12-31T23:59:00Z');
const MOST_DAYS = 31;
/** Totals by SKU read every sale. */
const MOST_SKU_DAYS = 1;
const GROUPINGS = ['store', 'region', 'sku', 'minute'] as const;
type Grouping = (typeof GROUPINGS)[number];

const groupKeys: Record<Exclude<Grouping, 'sku'>, (total: MinuteTotal) => string> = {
  store: ({ storeId }) => storeId,
  region: ({ region }) => region ?? '',
  minute: ({ minute }) => minute,
};

/** `GET /sales/totals?from&to&by=store|region|sku|minute` */
export async function salesTotals(context: ManagementContext): Promise<HttpAnswer> {
  const { query, sales } = context;
  const by = (query.by ?? 'store') as Grouping;
  if (!GROUPINGS.includes(by))
    throw new HttpProblem(400, `by takes ${GROUPINGS.join(', ')}, not '${query.by}'`);
  const { from, to } = range(context, by === 'sku' ? MOST_SKU_DAYS : MOST_DAYS);
  const totals =
    by === 'sku'
      ? await totalsBySku(context, from, to)
      : group(await sales.totals(from, to), groupKeys[by], ({ count, amount }) => ({ count, amount }));
  const page = paged(totals, ({ key, currency }) => `${key} ${currency}`, query);
  const items = page.items.map(({ key, count, amount, currency }) => ({
    [by]: key,
    count,
    amount,
    currency,
  }));
  return json(200, { ...page, items });
}

/** `GET /stores/{id}/sales?from&to` */
export async function storeSales(context: ManagementContext): Promise<HttpAnswer> {
  const { parameters, query, sales } = context;
  const { from, to } = range(context, MOST_DAYS);
  const found: Sale[] = [];
  for await (const minute of sales.salesOf(parameters.id ?? '', from, to)) found.push(...minute);
  const keyOf = ({ soldAt, saleId }: Sale) => `${soldAt} ${saleId}`;
  found.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  return json(200, paged(found, keyOf, query));
}

async function totalsBySku({ sales }: ManagementContext, from: string, to: string): Promise<Total[]> {
  const lines: { sku: string; quantity: number; amount: number; currency: string }[] = [];
  const storeIds = new Set((await sales.totals(from, to)).map(({ storeId }) => storeId));
  await Promise.all(
    [...storeIds].map(async storeId => {
      for await (const minute of sales.salesOf(storeId, from, to)) lines.push(...minute.flatMap(linesOf));
    }),
  );
  return group(
    lines,
    ({ sku }) => sku,
    ({ quantity, amount }) => ({ count: quantity, amount }),
  );
}

function linesOf({ currency, lines }: Sale) {
  return lines.map(({ sku, quantity, unitPrice }) => ({
    sku,
    quantity,
    amount: quantity * unitPrice,
    currency,
  }));
}

/** Sums by key and currency, sorted by both. */
function group<T extends { currency: string }>(
  values: readonly T[],
  keyOf: (value: T) => string,
  read: (value: T) => { count: number; amount: number },
): Total[] {
  const totals = new Map<string, Total>();
  for (const value of values) {
    const { currency } = value;
    const key = keyOf(value);
    const id = `${key} ${currency}`;
    const total = totals.get(id) ?? { key, count: 0, amount: 0, currency };
    const { count, amount } = read(value);
    totals.set(id, { ...total, count: total.count + count, amount: total.amount + amount });
  }
  return [...totals].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, total]) => total);
}

/** Whole minutes: `from` rounds down, `to` up. Left out, they are the last hour. */
function range({ now, query }: ManagementContext, mostDays: number): { from: string; to: string } {
  const to = query.to === undefined ? now : timeIn(query.to, 'to');
  const from = query.from === undefined ? to - 3_600_000 : timeIn(query.from, 'from');
  if (from >= to) throw new HttpProblem(400, 'from must be earlier than to');
  if (to - from > mostDays * 86_400_000) {
    throw new HttpProblem(400, `from and to span more than ${mostDays} day(s): ask for a shorter time`);
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
