/** Where a client in a browser keeps sales if nobody says where. */
import type { StorePlace } from './default-outbox.ts';
import { indexedDbOutbox } from './indexed-db-outbox.ts';
import type { OutboxStorage } from './outbox-storage.ts';

/** A database of the page's origin, called `storecast outbox HOST STORE`. */
export function databaseOutbox({ host, storeId }: StorePlace): OutboxStorage {
  return indexedDbOutbox(`storecast outbox ${host} ${storeId}`);
}
