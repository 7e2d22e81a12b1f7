/** One report of a list of prices that took more than one update: a store has it once it has each part. */
import {
  DELIVERY_STATES,
  type Delivery,
  type DeliveryState,
  operations,
  type StoreDelivery,
  type UpdateSummary,
} from '../domain/protocol/http-api.ts';
import type { ApiClient } from './api-client.ts';

/** Of a store's parts the first of these tells how it stands with the list. */
const WORST_FIRST: readonly DeliveryState[] = ['rejected', 'pending', 'offline', 'expired', 'applied'];

/** The ids of the updates of a list; empty where there is no such list among what was published. */
export async function partsOf(api: ApiClient, priceList: string): Promise<string[]> {
  const parts: UpdateSummary[] = [];
  let cursor: string | undefined;
  let found: UpdateSummary[];
  do {
    const page = await api.call(operations.listUpdates, { query: { limit: 1_000, cursor } });
    found = page.items.filter(update => update.priceList === priceList);
    parts.push(...found);
    cursor = page.cursor;
    // The parts of a list lie together.
  } while (cursor !== undefined && (found.length > 0 || parts.length === 0));
  return parts.map(({ updateId }) => updateId);
}

/** @param reports one for each part, with all its stores */
export function mergeReports(priceList: string, reports: readonly Delivery[]): Delivery {
  const byStore = Map.groupBy(
    reports.flatMap(({ stores }) => stores),
    ({ storeId }) => storeId,
  );
  const stores = [...byStore.values()].map(worstOf).sort((a, b) => (a.storeId < b.storeId ? -1 : 1));
  const counts = Object.fromEntries(
    DELIVERY_STATES.map(state => [state, stores.filter(store => store.state === state).length]),
  ) as Record<DeliveryState, number>;
  const last = reports.map(({ lastAppliedMs }) => lastAppliedMs ?? 0);
  const lastAppliedMs = counts.applied === 0 ? null : Math.max(...last);
  return { updateId: priceList, targeted: stores.length, ...counts, lastAppliedMs, stores };
}

/** A store that has every part has had the list since the last of them. */
function worstOf(parts: readonly StoreDelivery[]): StoreDelivery {
  const rank = ({ state }: StoreDelivery) => WORST_FIRST.indexOf(state);
  return [...parts].sort(
    (a, b) => rank(a) - rank(b) || ((a.at ?? '') < (b.at ?? '') ? 1 : -1),
  )[0] as StoreDelivery;
}

/** Its counts in a line. */
export function summaryOf(report: Delivery): string {
  const { targeted, applied, rejected, pending, offline, expired, lastAppliedMs } = report;
  const last = lastAppliedMs === null ? '' : ` · the last after ${lastAppliedMs} ms`;
  return `${applied} of ${targeted} applied · ${pending} pending · ${offline} offline · ${rejected} rejected · ${expired} expired${last}`;
}
