/** One record in the browser's IndexedDB. */
import { lazyDatabase, settled, write } from './indexed-db.ts';
import type { ClientStorage } from './storage.ts';

const STORE = 'storecast';

/** Keeps a store's state under `key`. One page at a time may use it. */
export function indexedDbStorage(key: string): ClientStorage {
  const opened = lazyDatabase(STORE, STORE);
  return {
    async load() {
      const transaction = (await opened()).transaction(STORE, 'readonly');
      const saved = await settled(transaction.objectStore(STORE).get(key));
      return typeof saved === 'string' ? saved : undefined;
    },
    async save(state) {
      await write(await opened(), STORE, store => store.put(state, key));
    },
  };
}
