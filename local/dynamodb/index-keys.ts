/**
 * dynalite tells items of an index apart by 24 bits of a hash where their index keys are alike: of a thousand stores that
 * share a minute, two were one every so often, and a minute's sales were missing in the index. Here the end of an index's
 * key is the item's own key.
 */
import { createRequire } from 'node:module';

type Item = Record<string, unknown>;
type Done = (error?: unknown) => void;

interface IndexDatabase {
  put(key: string, item: Item, done: Done): void;
  del(key: string, done: Done): void;
}

interface Store {
  getIndexDb(...names: string[]): IndexDatabase;
}

interface Database {
  createKey(item: Item, table: object): string;
  createIndexKey(item: Item, table: object, keySchema: object): string;
  updateIndexes(
    store: Store,
    table: object,
    before: Item | null | undefined,
    after: Item | null | undefined,
    done: Done,
  ): void;
}

// dynalite is CommonJS without types.
const database = createRequire(import.meta.url)('dynalite/db') as Database;
const { createIndexKey, updateIndexes } = database;

/** Where a query of an index goes on. */
database.createIndexKey = (item, table, keySchema) =>
  `${createIndexKey(item, table, keySchema)}/${database.createKey(item, table)}`;

database.updateIndexes = (store, table, before, after, done) => {
  const item = after ?? before;
  updateIndexes(
    item ? withWholeKeys(store, database.createKey(item, table)) : store,
    table,
    before,
    after,
    done,
  );
};

/** Both the old and the new place in an index are of the same item. */
function withWholeKeys(store: Store, key: string): Store {
  const whole = (indexKey: string) => `${indexKey}/${key}`;
  return {
    getIndexDb(...names) {
      const index = store.getIndexDb(...names);
      return {
        put: (indexKey, item, done) => index.put(whole(indexKey), item, done),
        del: (indexKey, done) => index.del(whole(indexKey), done),
      };
    },
  };
}
