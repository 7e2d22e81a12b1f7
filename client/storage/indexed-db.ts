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
type Key = string | number;
interface ObjectStore {
  get(key: Key): Request<unknown>;
  getAll(): Request<unknown[]>;
  getAllKeys(): Request<unknown[]>;
  put(value: unknown, key: Key): Request<unknown>;
  delete(key: Key): Request<unknown>;
}

/** A database that has one object store, opened when it is first asked for, and again if that failed. */
export function lazyDatabase(name: string, store: string): () => Promise<Database> {
  let database: Promise<Database> | undefined;
  return () => {
    database ??= open(name, store).catch(error => {
      database = undefined;
      throw error;
    });
    return database;
  };
}

function open(name: string, store: string): Promise<Database> {
  const { indexedDB } = globalThis as unknown as { indexedDB: { open(name: string): OpenRequest } };
  const request = indexedDB.open(name);
  request.onupgradeneeded = () => request.result.createObjectStore(store);
  return settled(request);
}

/** Writes in one transaction: wholly or not at all, and on disk once it resolves. */
export function write(
  database: Database,
  store: string,
  change: (store: ObjectStore) => void,
): Promise<void> {
  const transaction = database.transaction(store, 'readwrite', { durability: 'strict' });
  change(transaction.objectStore(store));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}

export function settled<T>(request: Request<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
