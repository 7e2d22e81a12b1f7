/** What the client uses of IndexedDB, as promises; the compiler of this package knows no DOM. */
interface Request<T> {
  result: T;
  error: unknown;
  onsuccess: (() => void) | null;
  onerror: (() => void) | null;
}
interface OpenRequest extends Request<Database> {
  onupgradeneeded: (() => void) | null;
}
interface Database {
  readonly version: number;
  readonly objectStoreNames: { contains(name: string): boolean };
  onclose: (() => void) | null;
  onversionchange: (() => void) | null;
  createObjectStore(name: string): void;
  transaction(names: string, mode: 'readonly' | 'readwrite', options?: { durability: 'strict' }): Transaction;
  close(): void;
}
interface Transaction {
  objectStore(name: string): ObjectStore;
  error: unknown;
  oncomplete: (() => void) | null;
  onabort: (() => void) | null;
}
type Key = string | number | [string, number];
/** Keys from one to another, both in it. */
export interface Range {
  readonly lower: Key;
  readonly upper: Key;
}
interface ObjectStore {
  get(key: Key): Request<unknown>;
  getAll(range?: Range): Request<unknown[]>;
  getAllKeys(): Request<unknown[]>;
  put(value: unknown, key: Key): Request<unknown>;
  delete(keys: Key | Range): Request<unknown>;
}

/**
 * One object store of a database. It is opened when it is first asked for, and again after a failure and whenever the
 * browser has closed it (storage that was cleared, a private window, iOS after a while in the background).
 */
export class DatabaseStore {
  readonly #name: string;
  readonly #store: string;
  #database: Promise<Database> | undefined;
  /** Writes that are under way. */
  readonly #underWay = new Set<() => void>();

  /** @param store is made in the database where it is missing, beside those of others */
  constructor(name: string, store: string) {
    this.#name = name;
    this.#store = store;
  }

  /** What the requests answer that `ask` makes, all of them at once: a transaction ends when nothing is asked of it. */
  async read<T extends readonly unknown[]>(
    ask: (store: ObjectStore) => { [Index in keyof T]: Request<T[Index]> },
  ): Promise<T> {
    const transaction = await this.#begin('readonly');
    return (await Promise.all(ask(transaction.objectStore(this.#store)).map(settled))) as unknown as T;
  }

  /**
   * Writes in one transaction: wholly or not at all, and on disk once it resolves.
   *
   * @param change is made again where the browser has closed the database meanwhile
   */
  async write(change: (store: ObjectStore) => void): Promise<void> {
    try {
      await this.#writeOnce(change);
    } catch (error) {
      if (!(error instanceof ClosedMeanwhileError)) throw error;
      await this.#writeOnce(change);
    }
  }

  async #writeOnce(change: (store: ObjectStore) => void): Promise<void> {
    const transaction = await this.#begin('readwrite');
    change(transaction.objectStore(this.#store));
    let abandon = () => {};
    try {
      await new Promise<void>((resolve, reject) => {
        transaction.oncomplete = () => resolve();
        transaction.onabort = () => reject(transaction.error);
        // A transaction of a database that the browser closes may end without a word.
        abandon = () => reject(new ClosedMeanwhileError('the browser has closed the database'));
        this.#underWay.add(abandon);
      });
    } finally {
      this.#underWay.delete(abandon);
    }
  }

  async close(): Promise<void> {
    const database = await this.#database?.catch(() => undefined);
    this.#database = undefined;
    database?.close();
  }

  async #begin(mode: 'readonly' | 'readwrite'): Promise<Transaction> {
    const opened = this.#opened();
    const begin = (database: Database) => database.transaction(this.#store, mode, { durability: 'strict' });
    try {
      return begin(await opened);
    } catch {
      // InvalidStateError: it was closed, and nobody was told.
      if (this.#database === opened) this.#database = undefined;
      return begin(await this.#opened());
    }
  }

  #opened(): Promise<Database> {
    this.#database ??= this.#open().catch(error => {
      this.#database = undefined;
      throw error;
    });
    return this.#database;
  }

  async #open(version?: number): Promise<Database> {
    const { indexedDB } = globalThis as unknown as {
      indexedDB: { open(name: string, version?: number): OpenRequest };
    };
    const request = indexedDB.open(this.#name, version);
    request.onupgradeneeded = () => {
      const { result } = request;
      if (!result.objectStoreNames.contains(this.#store)) result.createObjectStore(this.#store);
    };
    const database = await settled(request);
    if (!database.objectStoreNames.contains(this.#store)) {
      // Made by somebody else under the same name: a newer version adds the store.
      database.close();
      return this.#open(database.version + 1);
    }
    const forget = () => {
      this.#database = undefined;
    };
    database.onclose = () => {
      forget();
      for (const abandon of this.#underWay) abandon();
    };
    // Somebody adds a store to it, and waits until it is closed here.
    database.onversionchange = () => {
      forget();
      database.close();
    };
    return database;
  }
}

export function rangeOf(lower: Key, upper: Key): Range {
  const { IDBKeyRange } = globalThis as unknown as { IDBKeyRange: { bound(lower: Key, upper: Key): Range } };
  return IDBKeyRange.bound(lower, upper);
}

class ClosedMeanwhileError extends Error {
  override readonly name = 'ClosedMeanwhileError';
}

function settled<T>(request: Request<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
