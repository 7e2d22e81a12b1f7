/** `storecast/client` for Node. */
import { Client } from './client.ts';
import { resolveOptions, type StoreClientOptions } from './options.ts';
import { homeOutbox } from './sales/home-outbox.ts';
import type { StoreClient } from './store-client.ts';

export * from './index.ts';
export { fileOutbox } from './sales/file-outbox.ts';
export { fileStorage } from './storage/file-storage.ts';

/**
 * Connects a store to the chain and keeps it connected until `close()`. Sales are kept on disk, see the option
 * `outbox`; state is not, unless the option `storage` says where.
 *
 * @throws TypeError if the runtime has no WebSocket and none is given
 * @throws RangeError if `salesPerSecond` is not more than 0
 * @example
 * const client = createStoreClient({
 *   url: 'wss://abc.execute-api.eu-central-1.amazonaws.com/prod',
 *   token: () => readFile('store.token', 'utf8'),
 *   storage: fileStorage('store.json'),
 *   apply: update => till.apply(update),
 * });
 * client.on('replaced', () => console.error('another device speaks for this store now'));
 * client.price('4006381333931')?.amount; // 199
 */
export function createStoreClient(options: StoreClientOptions): StoreClient {
  return new Client(resolveOptions(options, homeOutbox));
}
