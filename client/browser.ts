/** `storecast/client` for browsers; nothing it imports knows Node. */
import { Client } from './client.ts';
import { resolveOptions, type StoreClientOptions } from './options.ts';
import { databaseOutbox } from './sales/database-outbox.ts';
import type { StoreClient } from './store-client.ts';

export * from './index.ts';
export { indexedDbOutbox } from './sales/indexed-db-outbox.ts';
export { indexedDbStorage } from './storage/indexed-db-storage.ts';

/**
 * Connects a store to the chain and keeps it connected until `close()`. Sales are kept in IndexedDB, see the option
 * `outbox`; state is not, unless the option `storage` says where.
 *
 * @throws RangeError if `salesPerSecond` is not more than 0
 * @example
 * const client = createStoreClient({ url, token, storage: indexedDbStorage('till 3') });
 * client.price('4006381333931')?.amount; // 199
 */
export function createStoreClient(options: StoreClientOptions): StoreClient {
  return new Client(resolveOptions(options, databaseOutbox));
}
