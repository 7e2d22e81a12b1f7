/** What is, was or will be in force in a store. */
import * as v from 'valibot';
import { Name } from '../../../domain/names.ts';
import type { Page } from '../../../domain/protocol/http-api.ts';
import type { StorePrice } from '../../../domain/protocol/trust-answers.ts';
import { Timestamp } from '../../../domain/time.ts';
import {
  type Moment,
  type PricedStore,
  pricesFrom,
  pricesOfSkus,
  storePriceKey,
} from '../../books/store-prices.ts';
import type { Roster } from '../../registry/roster.ts';
import type { CurrentState } from '../../updates/current-state.ts';
import type { ApiRequest, Query } from '../api-request.ts';
import { HttpProblem } from '../http-answer.ts';
import { decodeCursor, encodeCursor, pageLimit, pageOf } from '../paging.ts';
import { knownStore } from './store-routes.ts';

const MOST_SKUS = 100;
const KEPT_DAYS = 30;
const DAY_MS = 86_400_000;

/** `GET /stores/{id}/prices?sku&at`: of every SKU where none is named; by what is stored, so a moment behind the log. */
export async function storePrices(
  { now, parameters, query }: ApiRequest,
  { current, roster }: { current: CurrentState; roster: Roster },
): Promise<Page<StorePrice>> {
  const moment = { now, at: timeOf(query, now) };
  const skus = skusOf(query);
  const store = await knownStore(parameters, roster);
  if (skus === undefined) return pageOfAll(store, current, moment, query);
  return pageOf(await pricesOfSkus(store, skus, current, moment), storePriceKey, query);
}

async function pageOfAll(
  store: PricedStore,
  current: CurrentState,
  moment: Moment,
  query: Query,
): Promise<Page<StorePrice>> {
  const limit = pageLimit(query);
  const after = query.cursor === undefined ? '' : decodeCursor(query.cursor);
  const items: StorePrice[] = [];
  for await (const price of pricesFrom(store, after.split('/', 1)[0] ?? '', current, moment)) {
    if (storePriceKey(price) <= after) continue;
    const last = items.at(-1);
    if (last !== undefined && items.length === limit)
      return { items, cursor: encodeCursor(storePriceKey(last)) };
    items.push(price);
  }
  return { items };
}

/** API Gateway joins the values of a parameter that is repeated by commas, which no SKU has. */
function skusOf({ sku }: Query): string[] | undefined {
  const skus = sku?.split(',');
  const wrong = skus?.find(name => !v.safeParse(Name, name).success);
  if (wrong !== undefined) throw new HttpProblem(400, `sku takes SKUs, not '${wrong.slice(0, 64)}'`);
  if (skus !== undefined && skus.length > MOST_SKUS)
    throw new HttpProblem(400, `at most ${MOST_SKUS} SKUs may be asked for at once`);
  return skus;
}

function timeOf({ at }: Query, now: number): number {
  if (at === undefined) return now;
  const parsed = v.safeParse(Timestamp, at);
  if (!parsed.success)
    throw new HttpProblem(400, `at takes an ISO 8601 time with its zone, not '${at.slice(0, 64)}'`);
  const time = Date.parse(parsed.output);
  if (time < now - KEPT_DAYS * DAY_MS)
    throw new HttpProblem(400, `past prices are kept for ${KEPT_DAYS} days: at must be no earlier`);
  return time;
}
