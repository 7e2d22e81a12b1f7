/**
 * Hears of every write that dynalite makes, before and after it, with the item before and after it, for the tables' streams. dynalite
 * brings both together in one place, under the lock of the item's key, where it updates the indexes: hearing there
 * costs no read, leaves what callers are answered as it is, and keeps the order of each item's writes.
 */
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import './capacity/charged-batches.ts';
import './capacity/charged-queries.ts';
import type { Item } from './capacity/item-size.ts';
import type { TableCapacity } from './capacity/table-capacity.ts';
import type { DynaliteStore } from './dynalite-requests.ts';
import './closing-iterators.ts';
import './failed-actions.ts';
import './index-keys.ts';
import './reads-at-once.ts';

export interface Write {
  tableName: string;
  keys: Item;
  /** Undefined where there was none. */
  before: Item | undefined;
  /** Undefined where there is none any more. */
  after: Item | undefined;
}

/** What of dynalite's own modules is used here; its version is fixed in package.json. */
interface DynaliteDatabase {
  create(options: object): Store;
  updateIndexes(
    store: Store,
    table: { TableName: string; KeySchema: { AttributeName: string }[] },
    before: Item | null | undefined,
    after: Item | null | undefined,
    done: (error?: unknown) => void,
  ): void;
  createKey(item: Item, table: object): string;
}

interface Store extends DynaliteStore {
  /** Those that the server was made with. */
  options: { onWrite?: (write: Write) => () => void; capacity?: TableCapacity };
  getItemDb(tableName: string): {
    lock(key: string, locked: (release: (done: () => void) => () => void) => void): void;
  };
}

// dynalite is CommonJS without types; its actions must have been replaced before it takes them.
const require = createRequire(import.meta.url);
const dynalite = require('dynalite') as (options: object) => Server;
const database = require('dynalite/db') as DynaliteDatabase;
const { create, updateIndexes } = database;

/** A dynalite that reports its writes, and the errors of its store; its server never listens, but closes the store. */
export function createDynalite(options: {
  path: string;
  /** Comes before a write; what it answers is called after it. */
  onWrite: (write: Write) => () => void;
  onError: (error: unknown) => void;
  /** Charges what is read and written. */
  capacity?: TableCapacity | undefined;
}): { server: Server; store: DynaliteStore } {
  let store: Store | undefined;
  database.create = given => {
    store = create(given);
    return store;
  };
  const server = dynalite({ ...options, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  if (store === undefined) throw new Error('dynalite has made no database: has it changed?');
  return { server, store };
}

database.updateIndexes = (store, table, before, after, done) => {
  const { capacity, onWrite } = store.options;
  const throttled = capacity?.write(table.TableName, before ?? undefined, after ?? undefined);
  if (throttled) return done(throttled);
  const item = after ?? before;
  if (onWrite !== undefined && item) {
    const keys = Object.fromEntries(
      table.KeySchema.map(({ AttributeName }) => [AttributeName, item[AttributeName]]),
    );
    const change = {
      tableName: table.TableName,
      keys,
      before: before ?? undefined,
      after: after ?? undefined,
    };
    const written = attempt(() => onWrite(change));
    // What can't be told, as on a full disk, is not written.
    if (!('value' in written)) return done(written.error);
    // The item itself is written next, under the same lock. So what waits for the lock runs after that.
    store.getItemDb(table.TableName).lock(database.createKey(keys, table), release => {
      release(written.value)();
    });
  }
  updateIndexes(store, table, before, after, done);
};

function attempt<T>(step: () => T): { value: T } | { error: unknown } {
  try {
    return { value: step() };
  } catch (error) {
    return { error };
  }
}
