/** `storecast/client` for Node. */
export { fileOutbox } from './file-outbox.ts';
export { fileStorage } from './file-storage.ts';
export * from './index.ts';
