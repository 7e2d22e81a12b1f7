/** The client's side of the sales: the outbox and what empties it, put together. */
import { businessDayOf, type TillClosing } from '../../domain/sales/gaps.ts';
import type { Sale } from '../../domain/sales/sale.ts';
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
  gatherMs: () => number;
  salesPerSecond: number;
  answerTimeoutMs: number;
  sendSales: (requestId: string, sales: readonly Sale[]) => void;
  /** A frame got no answer in time, and was repeated. */
  unanswered: () => void;
  changed: (counts: OutboxCounts) => void;
  failed: (error: unknown) => void;
  listed: (sale: Sale) => Sale;
}

export class Till {
  readonly outbox: Outbox;
  readonly sender: SalesSender;
  readonly #options: TillOptions;
  readonly #loadBackoff: Backoff;
  #cancelLoad: () => void = () => {};
  #closed = false;
  /** They hear of each change of the outbox. */
  readonly #watching = new Set<() => void>();

  constructor(options: TillOptions) {
    this.#options = options;
    this.#loadBackoff = options.backoff();
    this.outbox = new Outbox({
      ...options,
      storage: options.outbox,
      stored: () => this.sender.wake(),
      changed: counts => {
        options.changed(counts);
        this.#look();
      },
    });
    this.sender = new SalesSender({
      ...options,
      backoff: options.backoff(),
      outbox: this.outbox,
      send: options.sendSales,
    });
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

  /**
   * Sends what waits; resolves once the chain has answered for all of it, but for what is ahead of its time.
   *
   * @throws Error if it hasn't in this time, and whatever the outbox throws where it can't be read
   */
  async flush(withinMs: number): Promise<void> {
    await this.outbox.load();
    this.sender.hurry();
    return new Promise((resolve, reject) => {
      const end = (problem?: string): void => {
        this.#watching.delete(look);
        cancel();
        if (problem === undefined) resolve();
        else reject(new Error(problem));
      };
      const look = (): void => {
        if (!this.isWaiting) end();
        else if (this.#closed) end('the client is closed');
      };
      const late = () => end('the chain has not answered for all of the sales in the outbox');
      const cancel = this.#options.clock.after(withinMs, late);
      this.#watching.add(look);
      look();
    });
  }

  /** Whether there are sales for which the chain has still to answer, but for what is ahead of its time. */
  get isWaiting(): boolean {
    return this.outbox.batch(1).sales.length > 0;
  }

  /**
   * Those that the chain has refused, and lacks in a till's day, are to be sent again.
   *
   * @returns whether there are any
   */
  async retryMissing({ till, businessDay }: TillClosing, missing: readonly number[]): Promise<boolean> {
    const lacked = new Set<number | undefined>(missing);
    const isLacked = (sale: Sale) =>
      sale.till === till && lacked.has(sale.sequence) && businessDayOf(sale) === businessDay;
    const again = this.outbox.refused.filter(({ sale }) => isLacked(sale));
    for (const { sale } of again) await this.outbox.retryRefused(sale.saleId, sale.till);
    return again.length > 0;
  }

  #look(): void {
    for (const look of [...this.#watching]) look();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelLoad();
    this.#look();
    await this.outbox.close();
  }
}
