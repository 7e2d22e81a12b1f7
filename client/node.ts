/** `storecast/client` for Node. */

export * from './index.ts';
export { fileOutbox } from './sales/file-outbox.ts';
export { fileStorage } from './storage/file-storage.ts';
