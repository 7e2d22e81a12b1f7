/** One record in the browser's IndexedDB. */
import { DatabaseStore } from './indexed-db.ts';
import type { ClientStorage } from './storage.ts';

const NAME = 'storecast';

/** Keeps a store's state under `key`. One page at a time may use it. */
export function indexedDbStorage(key: string): ClientStorage {
  const database = new DatabaseStore(NAME, NAME);
  return {
    async load() {
      const [saved] = await database.read<[unknown]>(store => [store.get(key)]);
      return typeof saved === 'string' ? saved : undefined;
    },
    save: state => database.write(store => store.put(state, key)),
  };
}
