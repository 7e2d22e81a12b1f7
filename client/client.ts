/** The parts of a store client, put together. */
import type { BasketLine, Quote } from '../domain/basket.ts';
import type { Offer } from '../domain/book/book-offers.ts';
import type { Article, ListedPrice, Price } from '../domain/book/book-prices.ts';
import { type BasketOptions, PriceBook } from '../domain/book/price-book.ts';
import type { ClosingCount, TillClosing } from '../domain/sales/gaps.ts';
import type { SaleInput } from '../domain/sales/sale.ts';
import type { Positions } from '../domain/updates/update.ts';
import type { StoreClientEvents } from './client-events.ts';
import { Emitter, type Listener } from './emitter.ts';
import { FrameRouter } from './frame-router.ts';
import { Backoff } from './line/backoff.ts';
import { StoreLine } from './line/store-line.ts';
import type { MessageOptions } from './messages/message-outbox.ts';
import { type MessageHandler, Messages } from './messages/store-messages.ts';
import type { Settings } from './options.ts';
import { Reporter } from './reports/reporter.ts';
import type { RefusedSale } from './sales/outbox.ts';
import { Till } from './sales/till-sales.ts';
import type { StoreClient } from './store-client.ts';
import { Agenda } from './till/agenda.ts';
import { withListedPrices } from './till/listed-prices.ts';
import type { Clock } from './time/clock.ts';
import { ServerClock } from './time/server-clock.ts';
import { SleepWatch } from './time/sleep-watch.ts';
import { StoreUpdates } from './updates/store-updates.ts';

/** Sales of a moment go together, also while somebody watches. */
const WATCHED_GATHER_MS = 500;
/** How long the chain may take to answer for what a till sends as its day ends, or when it is asked to send now. */
const CLOSING_MS = 30_000;
/** How long a client that closes waits for the chain's answers. */
const LAST_ANSWERS_MS = 1_000;

export class Client implements StoreClient {
  readonly book = new PriceBook();
  readonly loaded: Promise<void>;
  readonly #clock: Clock;
  readonly #events = new Emitter<StoreClientEvents>();
  readonly #serverClock: ServerClock;
  readonly #sleepWatch: SleepWatch;
  readonly #agenda: Agenda;
  readonly #line: StoreLine;
  readonly #updates: StoreUpdates;
  readonly #till: Till;
  readonly #messages: Messages;
  readonly #reporter: Reporter;
  readonly #router: FrameRouter;
  #closing: Promise<void> | undefined;
  /** Whether a client that closes has been answered. */
  #lookForRest: () => void = () => {};

  constructor(settings: Settings) {
    const { clock, random } = settings;
    const serverClock = new ServerClock(clock);
    const parts = {
      ...settings,
      serverClock,
      backoff: () => new Backoff(settings.backoff, random),
      send: this.#send,
      unanswered: () => this.#line.check(),
      failed: this.#fail,
    };
    this.#clock = clock;
    this.#serverClock = serverClock;
    this.#sleepWatch = new SleepWatch(clock, serverClock, () => this.#woke());
    this.#agenda = new Agenda(clock, serverClock, this.book, change => {
      if ('price' in change) this.#events.emit(change.type, change.price);
      else this.#events.emit(change.type, change.offer);
    });
    this.#line = new StoreLine({
      ...parts,
      presents: token => this.#updates.presents(token),
      opened: rotated => this.#opened(rotated),
      received: text => this.#received(text),
      lost: close => this.#lost(close),
      shutOut: (reason, by) => {
        this.#lost({ code: 1000, reason });
        if (reason === 'replaced') this.#events.emit(reason, { by });
        else this.#events.emit(reason, undefined);
      },
      unauthorized: () => this.#events.emit('unauthorized', undefined),
    });
    this.#reporter = new Reporter({
      ...parts,
      sales: () => this.#till.sender,
      receipts: () => this.#updates.receipts,
      positions: () => this.positions,
      book: () => this.#updates.bookHash,
    });
    this.#updates = new StoreUpdates({
      ...parts,
      receiptsReady: () => this.#reporter.receiptsReady(),
      apply: update => this.#messages.apply(update),
      book: this.book,
      agenda: this.#agenda,
      arrived: update => this.#events.emit('update', update),
      applied: (update, appliedAt) => this.#events.emit('applied', { update, appliedAt }),
      rejected: (update, reason) => this.#events.emit('rejected', { update, reason }),
      synced: ({ recovered }) => this.#events.emit('synced', { recovered, positions: this.positions }),
    });
    this.#till = new Till({
      ...parts,
      gatherMs: () => settings.salesBatchMs ?? (this.#reporter.pace.isAtRest ? Infinity : WATCHED_GATHER_MS),
      sendSales: (requestId, sales) => this.#reporter.sendSales(requestId, sales),
      changed: counts => this.#events.emit('outbox', counts),
      listed: sale => withListedPrices(sale, this.book, this.now()),
    });
    this.#messages = new Messages({
      ...parts,
      opened: () => this.#till.outbox.load(),
      accepted: ({ messageId, topic }) => this.#events.emit('message.accepted', { messageId, topic }),
      refused: ({ messageId, topic }, why) =>
        this.#events.emit('message.refused', { messageId, topic, ...why }),
    });
    this.#router = new FrameRouter({
      ...parts,
      line: this.#line,
      updates: this.#updates,
      sales: this.#till.sender,
      reporter: this.#reporter,
      messages: this.#messages.sender,
      timeKnown: isFirst => this.#timeKnown(isFirst),
    });
    this.loaded = this.#start();
  }

  get connected(): boolean {
    return this.#line.isOpen;
  }

  get positions(): Positions {
    return this.#updates.positions;
  }

  get unsent(): number {
    return this.#till.outbox.unsent;
  }

  get refused(): readonly RefusedSale[] {
    return this.#till.outbox.refused;
  }

  on<Name extends keyof StoreClientEvents>(
    name: Name,
    listener: Listener<StoreClientEvents[Name]>,
  ): () => void {
    return this.#events.on(name, listener);
  }

  now(): number {
    return this.#serverClock.now();
  }

  price(article: Article): Price | undefined {
    return this.book.price(article, this.now());
  }

  prices(article: Article): ListedPrice[] {
    return this.book.prices(article, this.now());
  }

  offers(): Offer[] {
    return this.book.offers(this.now());
  }

  quote<L extends BasketLine>(lines: readonly L[], options: BasketOptions = {}): Quote<L> {
    return this.book.quote(lines, { ...options, at: options.at ?? this.now() });
  }

  onMessage(topic: string, handler: MessageHandler): () => void {
    return this.#messages.handle(topic, handler);
  }

  sendMessage(topic: string, data: unknown, options?: MessageOptions): Promise<string> {
    return this.#messages.send(topic, data, options);
  }

  send(sale: SaleInput): Promise<void> {
    return this.#till.outbox.send(sale);
  }

  retryRefused(saleId: string, till?: string): Promise<void> {
    return this.#till.outbox.retryRefused(saleId, till);
  }

  clearRefused(saleId: string, till?: string): Promise<void> {
    return this.#till.outbox.clearRefused(saleId, till);
  }

  flush(): Promise<void> {
    return this.#till.flush(CLOSING_MS);
  }

  async closeDay(closing: TillClosing): Promise<ClosingCount> {
    const until = this.#clock.now() + CLOSING_MS;
    const leftMs = () => Math.max(until - this.#clock.now(), 0);
    const count = async (): Promise<ClosingCount> => {
      await this.#till.flush(leftMs());
      return this.#reporter.closings.ask(closing, leftMs());
    };
    const counted = await count();
    const isMore = await this.#till.retryMissing(closing, counted.missing);
    return isMore ? count() : counted;
  }

  reconnect(): void {
    void this.loaded.then(() => {
      if (this.#closing === undefined) this.#line.start();
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #start(): Promise<void> {
    await Promise.all([this.#updates.load(), this.#till.load()]);
    if (this.#closing !== undefined) return;
    this.#sleepWatch.start();
    this.#line.start();
  }

  async #close(): Promise<void> {
    this.#sleepWatch.stop();
    if (this.#line.isOpen) await this.#sayTheRest();
    const wasOpen = this.#line.isOpen;
    this.#line.stop();
    this.#rest();
    this.#reporter.closings.close();
    await this.loaded;
    await this.#messages.close();
    await Promise.all([this.#updates.close(), this.#till.close()]);
    // Last: what comes until here may set it anew.
    this.#agenda.stop();
    if (wasOpen) this.#events.emit('close', { code: 1000, reason: 'closed by the application' });
  }

  /** What waits goes now. Whatever the chain has not answered for within a moment goes after the next start. */
  #sayTheRest(): Promise<void> {
    this.#till.sender.hurry();
    this.#reporter.sendReceipts();
    return new Promise(resolve => {
      const cancel = this.#clock.after(LAST_ANSWERS_MS, resolve);
      this.#lookForRest = () => {
        if (this.#line.isOpen && (this.#till.isWaiting || this.#updates.receipts.areUnderWay)) return;
        cancel();
        resolve();
      };
      this.#lookForRest();
    });
  }

  #received(text: string): void {
    this.#router.receive(text);
    this.#lookForRest();
  }

  #opened(rotated: boolean): void {
    this.#events.emit('open', { rotated });
    this.#reporter.lineOpened();
    this.#updates.lineOpened();
    this.#till.sender.restart();
    this.#messages.lineOpened();
  }

  #lost(close: StoreClientEvents['close']): void {
    this.#rest();
    this.#lookForRest();
    this.#events.emit('close', close);
  }

  /** Whatever belongs to a line stops with it. */
  #rest(): void {
    this.#reporter.lineLost();
    this.#updates.lineLost();
    this.#till.sender.stop();
    this.#messages.sender.stop();
  }

  #timeKnown(isFirst: boolean): void {
    this.#agenda.arm();
    this.#updates.timeKnown();
    if (isFirst) this.#line.timeKnown();
  }

  /** The device has slept: offers may have ended meanwhile, and the line may be dead. */
  #woke(): void {
    this.#agenda.arm();
    this.#line.check();
  }

  readonly #send: StoreLine['send'] = frame => this.#line.send(frame);

  readonly #fail = (error: unknown): void => {
    this.#events.emit('error', error instanceof Error ? error : new Error(String(error)));
  };
}
