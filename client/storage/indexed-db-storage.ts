/** The browser's IndexedDB: a record for the state, and one for each change since. */
import { DatabaseStore, type Range, rangeOf } from './indexed-db.ts';
import { type ClientStorage, withAppend } from './storage.ts';

const NAME = 'storecast';

/** Keeps a store's state under `key`, and what changes under `[key, 1]` and on. One page at a time may use it. */
export function indexedDbStorage(key: string): ClientStorage {
  const database = new DatabaseStore(NAME, NAME);
  const changes = (): Range => rangeOf([key, 1], [key, Number.POSITIVE_INFINITY]);
  let last = 0;
  return withAppend(
    {
      async load() {
        const [saved, added] = await database.read<[unknown, unknown[]]>(store => [
          store.get(key),
          store.getAll(changes()),
        ]);
        last = added.length;
        return typeof saved === 'string' ? saved + added.join('') : undefined;
      },
      async save(state) {
        await database.write(store => {
          store.put(state, key);
          store.delete(changes());
        });
        last = 0;
      },
    },
    async change => {
      await database.write(store => store.put(change, [key, last + 1]));
      last += 1;
    },
  );
}
