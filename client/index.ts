/** What the client library offers on every platform. */
export type { SaleInput } from '../domain/sales/sale.ts';
export { InvalidUpdateError } from '../domain/updates/read-update.ts';
export { ChainError, type StoreClientEvents } from './client-events.ts';
export type { BackoffLimits } from './line/backoff.ts';
export type { Source, StoreClientOptions } from './options.ts';
export { type OutboxCounts, type RefusedSale, SaleError, type SaleErrorCode } from './sales/outbox.ts';
export { memoryOutbox, type OutboxStorage, type Refusal, type StoredSale } from './sales/outbox-storage.ts';
export { type ClientStorage, memoryStorage } from './storage/storage.ts';
export { createStoreClient, type StoreClient } from './store-client.ts';
export { type Offer, type Price, PriceBook, type PriceBookSnapshot } from './till/price-book.ts';
export { UnreadableStateError } from './till/state.ts';
export type { ResetReason } from './updates/catch-up.ts';
