/** `storecast/client` for browsers; nothing it imports knows Node. */
export * from './index.ts';
export { indexedDbOutbox } from './sales/indexed-db-outbox.ts';
export { indexedDbStorage } from './storage/indexed-db-storage.ts';
