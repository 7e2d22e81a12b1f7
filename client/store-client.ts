/**
 * A store's end of the line: keeps one WebSocket to the chain, hands every update to the application, proves it with
 * a receipt, and knows at any moment which prices and offers apply. For Node and browsers alike.
 */
import type { Positions } from '../domain/update.ts';
import { Client } from './client.ts';
import type { Listener } from './emitter.ts';
import type { StoreClientEvents } from './events.ts';
import { resolveOptions, type StoreClientOptions } from './options.ts';
import type { Offer, Price, PriceBook } from './price-book.ts';

/** See {@link createStoreClient}. */
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
  readonly book: Pick<PriceBook, 'price' | 'skus' | 'offers' | 'nextChange'>;
  /** The chain's time in milliseconds since the epoch, whatever the device's clock says. */
  now(): number;
  /** The price of a SKU now. */
  price(sku: string): Price | undefined;
  /** The offers that are active now. */
  offers(): Offer[];
  /** Takes the line back after `replaced` or `revoked`; nothing else brings it back then. */
  reconnect(): void;
  /** Ends for good: waits for the update being applied, saves, closes. */
  close(): Promise<void>;
}

/**
 * Connects a store to the chain and keeps it connected until `close()`.
 *
 * @throws TypeError if the runtime has no WebSocket and none is given
 * @example
 * const client = createStoreClient({
 *   url: 'wss://abc.execute-api.eu-central-1.amazonaws.com/prod',
 *   token: () => readFile('store.token', 'utf8'),
 *   storage: fileStorage('store.json'),
 *   apply: update => till.apply(update),
 * });
 * client.on('replaced', () => console.error('another device speaks for this store now'));
 * client.price('4006381333931')?.amount; // 199
 */
export function createStoreClient(options: StoreClientOptions): StoreClient {
  return new Client(resolveOptions(options));
}
