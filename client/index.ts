/** What the client library offers on every platform. */
export {
  type BasketLine,
  type BasketOffer,
  type BasketPrice,
  type Quote,
  type QuotedLine,
  QuoteError,
  type QuoteErrorCode,
  type QuoteOptions,
  quote,
} from '../domain/basket.ts';
export type { Offer } from '../domain/book/book-offers.ts';
export type { Article, ListedPrice, Price } from '../domain/book/book-prices.ts';
export { type BasketOptions, PriceBook, type PriceBookSnapshot } from '../domain/book/price-book.ts';
export type { ArrivedUpdate, UnsupportedUpdate } from '../domain/protocol/chain-frames.ts';
export type { ClosingCount, TillClosing } from '../domain/sales/gaps.ts';
export type { SaleInput } from '../domain/sales/sale.ts';
export { InvalidUpdateError } from '../domain/updates/read-update.ts';
export { ChainError, type StoreClientEvents } from './client-events.ts';
export type { BackoffLimits } from './line/backoff.ts';
export { HandshakeError } from './line/line.ts';
export { MessageError, type MessageErrorCode, type MessageOptions } from './messages/message-outbox.ts';
export type { ArrivedMessage, MessageHandler } from './messages/store-messages.ts';
export type { Source, StoreClientOptions } from './options.ts';
export type { OutboxCounts, RefusedSale } from './sales/outbox.ts';
export {
  type MessageStorage,
  memoryOutbox,
  OutboxInUseError,
  type OutboxStorage,
  type OutgoingMessage,
  type Refusal,
  type StoredSale,
  saleKey,
} from './sales/outbox-storage.ts';
export { SaleError, type SaleErrorCode } from './sales/sale-check.ts';
export { type ClientStorage, memoryStorage, UnreadableStateError } from './storage/storage.ts';
export type { StoreClient } from './store-client.ts';
export type { RebuildReason } from './updates/application.ts';
export { RejectUpdate } from './updates/reject-update.ts';
