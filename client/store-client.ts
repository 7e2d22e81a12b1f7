/**
 * A store's end of the line: keeps one WebSocket to the chain, hands every update to the application, proves it with
 * a receipt, and knows at any moment which prices and offers apply. For Node and browsers alike.
 */
import type { BasketLine, Quote } from '../domain/basket.ts';
import type { Offer } from '../domain/book/book-offers.ts';
import type { Article, ListedPrice, Price } from '../domain/book/book-prices.ts';
import type { BasketOptions, PriceBook } from '../domain/book/price-book.ts';
import type { ClosingCount, TillClosing } from '../domain/sales/gaps.ts';
import type { SaleInput } from '../domain/sales/sale.ts';
import type { Positions } from '../domain/updates/update.ts';
import type { StoreClientEvents } from './client-events.ts';
import type { Listener } from './emitter.ts';
import type { MessageOptions } from './messages/message-outbox.ts';
import type { MessageHandler } from './messages/store-messages.ts';
import type { RefusedSale } from './sales/outbox.ts';

/** See `createStoreClient`. */
export interface StoreClient {
  /** Calls `listener` at each such event; the answer unsubscribes it. */
  on<Name extends keyof StoreClientEvents>(
    name: Name,
    listener: Listener<StoreClientEvents[Name]>,
  ): () => void;
  /** Resolves once the saved state is read: from then on `book` holds what the store knew when it stopped. */
  readonly loaded: Promise<void>;
  readonly connected: boolean;
  /** The end of the gap-free run in each of the store's channels; empty until the first sync is through. */
  readonly positions: Positions;
  /** Ask it with {@link StoreClient.now}. */
  readonly book: Pick<
    PriceBook,
    'price' | 'prices' | 'memberPrice' | 'quote' | 'skus' | 'offers' | 'nextChange' | 'timeZone'
  >;
  /** The chain's time in milliseconds since the epoch, whatever the device's clock says. */
  now(): number;
  /**
   * What anybody pays now for a SKU, or for an article by its GTIN: the promotional price in force, else the regular one.
   * Where it has prices in several currencies and none is asked for, the one that took effect last.
   */
  price(article: Article): Price | undefined;
  /** All prices of an article that are in force now, one for each currency and price type. */
  prices(article: Article): ListedPrice[];
  /** The offers that are active now, whatever their hours of the day. */
  offers(): Offer[];
  /**
   * What a basket costs under the prices and offers in force, now unless `at` says when: its lines as a sale has them, each with
   * its discounts.
   *
   * @throws QuoteError if a SKU has no price, the prices are of several currencies, a quantity is not above 0 or not of its price's
   * unit, or the basket is too large to be added up
   */
  quote<L extends BasketLine>(lines: readonly L[], options?: BasketOptions): Quote<L>;
  /**
   * Sends a sale to the chain, in the order of the calls of this till; it is in the outbox, on disk where
   * the option `outbox` keeps it there, once this resolves, and goes again and again until the chain has accepted it.
   * A sale that is in the outbox already, the same in every part, is not stored twice: where it is open whether a call
   * came through, call again with the same `saleId` and `soldAt`. The chain counts it once. One that was refused is
   * sent again. One whose `soldAt` is ahead of the chain's time, by a day at most, waits until it is due.
   *
   * @throws SaleError if the chain would never take the sale as it is, if its `soldAt` is more than a day ahead, or if
   * another one of its till in the outbox has its `saleId`
   * @throws OutboxInUseError while another process or tab uses the outbox
   * @throws whatever the outbox threw: the sale is not safely stored, and the call must be repeated
   */
  send(sale: SaleInput): Promise<void>;
  /** Sales in the outbox that the chain has not accepted, nor refused. */
  readonly unsent: number;
  /** Sales that the chain has refused, and why; the outbox keeps them until they are sent again or cleared. */
  readonly refused: readonly RefusedSale[];
  /**
   * Sends a refused sale again, once what it was refused for is mended; nothing happens if it was not refused.
   *
   * @param till whose sale it is @default those of all tills with this id
   */
  retryRefused(saleId: string, till?: string): Promise<void>;
  /** Removes a refused sale from the outbox for good, once somebody has seen to it; `till` as above. */
  clearRefused(saleId: string, till?: string): Promise<void>;
  /**
   * Sends what is in the outbox now, whatever the pace. Resolves once the chain has answered for each of these sales, but
   * for those that are ahead of its time.
   *
   * @throws Error if it hasn't within half a minute, as without a line; they stay in the outbox
   */
  flush(): Promise<void>;
  /**
   * Tells the chain that a till's day is over, after what is in the outbox, and hears what the chain counts of it. What the
   * chain has refused and lacks goes once more by itself. Where `missing` still names running numbers, the till alone has
   * these sales: `send` them again, and close the day again.
   *
   * @throws Error if the chain does not take the count as it is, or hasn't answered within half a minute, over whatever
   * lines; close the day again then
   */
  closeDay(closing: TillClosing): Promise<ClosingCount>;
  /**
   * Hands messages of the chain that are of this topic to `handler`, one at a time, in the order of arrival; the answer
   * ends it. A message may come again after a crash, or where the store takes the whole state anew: its `id` tells. One
   * that nobody takes, neither a handler nor the option `apply`, is refused `unsupported_topic`.
   */
  onMessage(topic: string, handler: MessageHandler): () => void;
  /**
   * Sends a message to the chain's other systems, in the order of the calls. It is in the outbox, on disk where the option
   * `outbox` keeps it there, once this resolves, and goes again and again under the same id until the chain has it.
   *
   * @returns its id
   * @throws MessageError if it is no message that the chain could take, or too large for a frame
   * @throws OutboxInUseError, and whatever the outbox threw, as `send` does
   */
  sendMessage(topic: string, data: unknown, options?: MessageOptions): Promise<string>;
  /** Takes the line back at once after `replaced` or `revoked`. */
  reconnect(): void;
  /**
   * Ends for good: sends what waits, waits a second at most for the answer, and for the update being applied, saves, closes.
   * What is unsent stays in the outbox.
   */
  close(): Promise<void>;
}
