/** What the client library offers on every platform. */
export type { SaleInput } from '../domain/sales.ts';
export type { BackoffLimits } from './backoff.ts';
export type { ResetReason } from './catch-up.ts';
export { ChainError, type StoreClientEvents } from './events.ts';
export type { Source, StoreClientOptions } from './options.ts';
export { type OutboxCounts, type RefusedSale, SaleError, type SaleErrorCode } from './outbox.ts';
export { memoryOutbox, type OutboxStorage, type Refusal, type StoredSale } from './outbox-storage.ts';
export { type Offer, type Price, PriceBook, type PriceBookSnapshot } from './price-book.ts';
export { UnreadableStateError } from './state.ts';
export { type ClientStorage, memoryStorage } from './storage.ts';
export { createStoreClient, type StoreClient } from './store-client.ts';
export { InvalidUpdateError } from './updates.ts';
