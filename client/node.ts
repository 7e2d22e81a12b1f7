/** `storecast/client` for Node. */
export { fileStorage } from './file-storage.ts';
export * from './index.ts';
