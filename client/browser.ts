/** `storecast/client` for browsers; nothing it imports knows Node. */
export * from './index.ts';
export { indexedDbOutbox } from './indexed-db-outbox.ts';
export { indexedDbStorage } from './indexed-db-storage.ts';
