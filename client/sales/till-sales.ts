/** The client's side of the sales: the outbox and what empties it, put together. */
import type { StoreFrameInput } from '../../domain/protocol/store-frames.ts';
import type { Backoff } from '../line/backoff.ts';
import type { Clock } from '../time/clock.ts';
import type { ServerClock } from '../time/server-clock.ts';
import { Outbox, type OutboxCounts } from './outbox.ts';
import { OutboxInUseError, type OutboxStorage } from './outbox-storage.ts';
import { SalesSender } from './sales-sender.ts';

export interface TillOptions {
  outbox: OutboxStorage;
  clock: Clock;
  serverClock: ServerClock;
  /** One for each thing that is repeated. */
  backoff: () => Backoff;
  salesBatchMs: number;
  salesPerSecond: number;
  answerTimeoutMs: number;
  send: (frame: StoreFrameInput) => boolean;
  /** A frame got no answer in time, and was repeated. */
  unanswered: () => void;
  changed: (counts: OutboxCounts) => void;
  failed: (error: unknown) => void;
}

export class Till {
  readonly outbox: Outbox;
  readonly sender: SalesSender;
  readonly #options: TillOptions;
  readonly #loadBackoff: Backoff;
  #cancelLoad: () => void = () => {};
  #closed = false;

  constructor(options: TillOptions) {
    this.#options = options;
    this.#loadBackoff = options.backoff();
    this.outbox = new Outbox({ ...options, storage: options.outbox, stored: () => this.sender.wake() });
    this.sender = new SalesSender({ ...options, backoff: options.backoff(), outbox: this.outbox });
  }

  /**
   * Resolves after the first attempt. An outbox that can't be read stops no prices: it is tried again while the client
   * goes on, and at each sale, whose call throws.
   */
  async load(): Promise<void> {
    const { clock, failed } = this.#options;
    try {
      await this.outbox.load();
    } catch (error) {
      failed(
        error instanceof OutboxInUseError
          ? error
          : new Error('the outbox could not be loaded', { cause: error }),
      );
      if (!this.#closed) this.#cancelLoad = clock.after(this.#loadBackoff.next(), () => void this.load());
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelLoad();
    await this.outbox.close();
  }
}
