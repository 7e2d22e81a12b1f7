/** Which stores a list shows, and in which order. */
import { isTrouble, NEEDS, type Need, type StoreState } from './store-needs.ts';

/** Every store, those that somebody must look after, or those of one state. */
export type Which = 'all' | 'trouble' | Need;

export interface StoreFilter {
  which: Which;
  /** Part of an id, a name, a region or a group. */
  search: string;
}

export const EVERY_STORE: StoreFilter = { which: 'all', search: '' };

export type SortKey = 'need' | 'store' | 'region' | 'since' | 'sale' | 'behind';
export interface Sorting {
  key: SortKey;
  isDescending: boolean;
}

/** The filters that a list of these stores offers, with how many each finds. */
export function countsOf(states: readonly StoreState[]): [which: Which, count: number][] {
  const count = (which: Which) => states.filter(state => isOf(state, which)).length;
  const found = NEEDS.filter(need => need !== 'none').map((need): [Which, number] => [need, count(need)]);
  return [
    ['all', states.length],
    ['trouble', count('trouble')],
    ...found.filter(([which, number]) => number > 0 || which === 'offline' || which === 'behind'),
  ];
}

export function find(states: readonly StoreState[], { which, search }: StoreFilter): StoreState[] {
  const wanted = search.trim().toLowerCase();
  return states.filter(state => isOf(state, which) && textOf(state).includes(wanted));
}

/** @param lastSaleOf minutes since the epoch */
export function sorted(
  states: readonly StoreState[],
  { key, isDescending }: Sorting,
  lastSaleOf: (storeId: string) => number | undefined,
): StoreState[] {
  const values: Record<SortKey, (state: StoreState) => string | number> = {
    need: ({ need }) => NEEDS.indexOf(need),
    store: ({ store }) => store.storeId,
    region: ({ store }) => store.region ?? '',
    since: ({ store }) => store.since ?? store.lastSeenAt,
    sale: ({ store }) => lastSaleOf(store.storeId) ?? 0,
    behind: ({ store }) => store.behind,
  };
  const value = values[key];
  const direction = isDescending ? -1 : 1;
  return [...states].sort(
    (a, b) => direction * compare(value(a), value(b)) || compare(a.store.storeId, b.store.storeId),
  );
}

function isOf({ need, store }: StoreState, which: Which): boolean {
  if (which === 'all') return true;
  if (which === 'trouble') return isTrouble(need);
  if (which === 'offline') return !store.connected;
  if (which === 'behind') return store.behind > 0;
  return need === which;
}

function textOf({ store: { storeId, name = '', region, groups } }: StoreState): string {
  return [storeId, name, region ?? '', ...groups].join('\n').toLowerCase();
}

function compare(a: string | number, b: string | number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
