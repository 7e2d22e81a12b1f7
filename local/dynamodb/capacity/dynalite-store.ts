/**
 * dynalite from the inside: its actions run on a view of its store that shows what they read. The price of a read is that
 * of whole items, and what an action answers is filtered and projected already.
 */
import { replaceAction } from '../dynalite-actions.ts';
import type { Item } from './item-size.ts';
import type { TableCapacity } from './table-capacity.ts';
import type { ThrottlingError } from './throttling-error.ts';

export type Done = (error: unknown, result?: Record<string, unknown>) => void;
export type Action<Input> = (store: Store, input: Input, done: Done) => void;

export interface Store {
  options: { capacity?: TableCapacity };
  getItemDb(table: string): Database;
  getIndexDb(...names: string[]): Database;
  /** Of a batch's parts: hears of one that was throttled, which then counts as done. */
  onThrottled?: (input: PartInput, error: ThrottlingError) => void;
}

/** Input of an action on a single item, by itself or as a part of a batch. */
export interface PartInput {
  TableName: string;
  Key?: Item;
  Item?: Item;
  ConsistentRead?: boolean;
}

interface Database {
  get(key: string, done: (error: unknown, item?: Item) => void): void;
  createValueStream(range: object): { on(event: 'data', listener: (item: Item) => void): void };
}

/** An action that is charged where the store was opened with a capacity. */
export function chargeAction<Input>(
  name: string,
  charged: (action: Action<Input>, capacity: TableCapacity) => Action<Input>,
): void {
  replaceAction<Action<Input>>(name, action => (store, input, done) => {
    const { capacity } = store.options;
    if (capacity === undefined) action(store, input, done);
    else charged(action, capacity)(store, input, done);
  });
}

/** The store, for an action that gets one item by its key. */
export function showingGets(store: Store, onItem: (item: Item | undefined) => void): Store {
  const getItemDb = (table: string): Database => {
    const database = store.getItemDb(table);
    return derived(database, {
      get: (key, done) =>
        database.get(key, (error, item) => {
          onItem(item);
          done(error, item);
        }),
    });
  };
  return derived(store, { getItemDb });
}

/** The store, for a query or a scan: items in their order, perhaps one or more past those that it answers. */
export function showingValues(store: Store, onItem: (item: Item) => void): Store {
  const showing = (database: Database): Database =>
    derived(database, {
      createValueStream(range) {
        const values = database.createValueStream(range);
        values.on('data', onItem);
        return values;
      },
    });
  return derived(store, {
    getItemDb: table => showing(store.getItemDb(table)),
    getIndexDb: (...names) => showing(store.getIndexDb(...names)),
  });
}

function derived<T extends object>(base: T, members: Partial<T>): T {
  return Object.assign(Object.create(base) as T, members);
}
