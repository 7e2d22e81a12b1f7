/** One record in the browser's IndexedDB: a transaction is written wholly or not at all. */
import type { ClientStorage } from './storage.ts';

/** What is used of the API; the compiler of this package knows no DOM. */
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
}
interface Transaction {
  objectStore(name: string): {
    get(key: string): Request<unknown>;
    put(value: string, key: string): Request<unknown>;
  };
  error: unknown;
  oncomplete: (() => void) | null;
  onabort: (() => void) | null;
}

const STORE = 'storecast';

/** Keeps a store's state under `key`. One page at a time may use it. */
export function indexedDbStorage(key: string): ClientStorage {
  const { indexedDB } = globalThis as unknown as { indexedDB: { open(name: string): OpenRequest } };
  let database: Promise<Database> | undefined;
  const opened = (): Promise<Database> => {
    if (database === undefined) {
      const request = indexedDB.open(STORE);
      request.onupgradeneeded = () => request.result.createObjectStore(STORE);
      database = settled(request);
    }
    return database;
  };
  return {
    async load() {
      const transaction = (await opened()).transaction(STORE, 'readonly');
      const saved = await settled(transaction.objectStore(STORE).get(key));
      return typeof saved === 'string' ? saved : undefined;
    },
    async save(state) {
      const transaction = (await opened()).transaction(STORE, 'readwrite', { durability: 'strict' });
      transaction.objectStore(STORE).put(state, key);
      await new Promise<void>((resolve, reject) => {
        transaction.oncomplete = () => resolve();
        transaction.onabort = () => reject(transaction.error);
      });
    },
  };
}

function settled<T>(request: Request<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
