/** The list of stores, whole, as the HTTP API answers it page by page. */
import type { System } from './system.ts';

export interface ListedStore {
  storeId: string;
  region: string | null;
  groups: string[];
  connected: boolean;
  since: string;
}

export async function listStores(system: System): Promise<ListedStore[]> {
  const stores: ListedStore[] = [];
  let cursor: string | undefined;
  do {
    const query = cursor === undefined ? '' : `?cursor=${encodeURIComponent(cursor)}`;
    const response = await system.request('GET', `stores${query}`);
    if (response.status !== 200) throw new Error(`GET /stores answered ${response.status}`);
    const page = (await response.json()) as { items: ListedStore[]; cursor?: string };
    stores.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return stores;
}

/** Ids of the stores that are connected, in the list's order. */
export async function connectedStoreIds(system: System): Promise<string[]> {
  const stores = await listStores(system);
  return stores.filter(({ connected }) => connected).map(({ storeId }) => storeId);
}
