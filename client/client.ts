/** The parts of a store client, put together: what arrives goes to the part whose business it is. */
import type { SaleInput } from '../domain/sales/sale.ts';
import type { Positions } from '../domain/updates/update.ts';
import type { StoreClientEvents } from './client-events.ts';
import { Emitter, type Listener } from './emitter.ts';
import { Backoff } from './line/backoff.ts';
import { FrameRouter } from './line/frame-router.ts';
import { Heartbeat } from './line/heartbeat.ts';
import { Line } from './line/line.ts';
import { Rotation } from './line/rotation.ts';
import { RENEWAL_LIMITS, TokenRenewal } from './line/token-renewal.ts';
import type { Settings } from './options.ts';
import type { RefusedSale } from './sales/outbox.ts';
import { Till } from './sales/till-sales.ts';
import { SerialQueue } from './serial-queue.ts';
import type { StoreClient } from './store-client.ts';
import { Agenda } from './till/agenda.ts';
import { type Offer, type Price, PriceBook } from './till/price-book.ts';
import { Vault } from './till/vault.ts';
import { ServerClock } from './time/server-clock.ts';
import { CatchUp, type ResetReason } from './updates/catch-up.ts';
import { Intake } from './updates/intake.ts';
import { StorePositions } from './updates/positions.ts';
import { Receipts } from './updates/receipt-sender.ts';

export class Client implements StoreClient {
  readonly book = new PriceBook();
  readonly loaded: Promise<void>;
  readonly #settings: Settings;
  readonly #events = new Emitter<StoreClientEvents>();
  readonly #positions = new StorePositions();
  readonly #serverClock: ServerClock;
  readonly #queue: SerialQueue;
  readonly #agenda: Agenda;
  readonly #line: Line;
  readonly #heartbeat: Heartbeat;
  readonly #rotation: Rotation;
  readonly #receipts: Receipts;
  readonly #till: Till;
  readonly #vault: Vault;
  readonly #intake: Intake;
  readonly #catchUp: CatchUp;
  readonly #router: FrameRouter;
  readonly #renewal: TokenRenewal | undefined;
  #renewedToken: string | undefined;
  #closing: Promise<void> | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#serverClock = new ServerClock(settings.clock);
    this.#queue = new SerialQueue(
      () => this.#agenda.arm(),
      error => this.#fail(error),
    );
    this.#agenda = new Agenda(settings.clock, this.#serverClock, this.book, change => {
      if (change.type === 'price.effective') this.#events.emit(change.type, change.price);
      else this.#events.emit(change.type, change.offer);
    });
    this.#line = this.#createLine();
    this.#heartbeat = this.#createHeartbeat();
    this.#rotation = this.#createRotation();
    this.#receipts = this.#createReceipts();
    this.#till = this.#createTill();
    this.#intake = this.#createIntake();
    this.#catchUp = this.#createCatchUp();
    this.#vault = this.#createVault();
    this.#router = this.#createRouter();
    this.#renewal = this.#createRenewal();
    this.loaded = this.#start();
  }

  get connected(): boolean {
    return this.#line.isOpen;
  }

  get positions(): Positions {
    return this.#positions.runs;
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

  price(sku: string): Price | undefined {
    return this.book.price(sku, this.now());
  }

  offers(): Offer[] {
    return this.book.offers(this.now());
  }

  send(sale: SaleInput): Promise<void> {
    return this.#till.outbox.send(sale);
  }

  clearRefused(saleId: string): Promise<void> {
    return this.#till.outbox.clearRefused(saleId);
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

  // --- Beginning and end

  async #start(): Promise<void> {
    await Promise.all([this.#vault.load(), this.#till.load()]);
    if (this.#closing !== undefined) return;
    this.#agenda.restart();
    this.#renewal?.schedule();
    this.#line.start();
  }

  async #close(): Promise<void> {
    this.#renewal?.stop();
    this.#agenda.stop();
    const wasOpen = this.#line.isOpen;
    this.#hangUp();
    await this.loaded;
    await this.#queue.close();
    this.#receipts.stop();
    await Promise.all([this.#vault.close(), this.#till.outbox.close()]);
    if (wasOpen) this.#events.emit('close', { code: 1000, reason: 'closed by the application' });
  }

  // --- The line

  #opened(rotated: boolean): void {
    this.#heartbeat.start();
    this.#rotation.start();
    this.#events.emit('open', { rotated });
    this.#catchUp.begin();
    this.#queue.run(() => this.#receipts.restart());
    this.#till.sender.restart();
  }

  /** Whatever belongs to a line stops with it. */
  #unplug(): void {
    this.#heartbeat.stop();
    this.#rotation.stop();
    this.#catchUp.stop();
    this.#receipts.stop();
    this.#till.sender.stop();
    this.#router.forgetEarly();
  }

  #hangUp(): void {
    this.#line.stop();
    this.#unplug();
  }

  #chainCloses(reason: string): void {
    // The chain closes this one for the connection that is being made to follow it.
    if (reason === 'replaced' && this.#line.isChanging) return;
    if (reason !== 'replaced' && reason !== 'revoked') return;
    this.#hangUp();
    this.#events.emit('close', { code: 1000, reason });
    this.#events.emit(reason, undefined);
  }

  #fail(error: unknown): void {
    this.#events.emit('error', error instanceof Error ? error : new Error(String(error)));
  }

  // --- The parts

  #createLine(): Line {
    const { url, token } = this.#settings;
    return new Line({
      ...this.#settings,
      backoff: this.#backoff(),
      address: async () => ({ url: await url(), token: this.#renewedToken ?? (await token()) }),
      opened: rotated => this.#opened(rotated),
      received: text => this.#router.receive(text),
      lost: close => {
        this.#unplug();
        this.#events.emit('close', close);
      },
      failed: error => this.#fail(error),
    });
  }

  #createHeartbeat(): Heartbeat {
    const { clock, heartbeatMs, pongTimeoutMs } = this.#settings;
    return new Heartbeat({
      clock,
      intervalMs: heartbeatMs,
      timeoutMs: pongTimeoutMs,
      send: frame => this.#line.send(frame),
      silent: () => this.#line.drop('nobody answered a ping'),
    });
  }

  #createRotation(): Rotation {
    const { clock, random, rotationMs } = this.#settings;
    return new Rotation({ clock, random, intervalMs: rotationMs, rotate: () => this.#line.renew() });
  }

  #createReceipts(): Receipts {
    return new Receipts({
      ...this.#settings,
      backoff: this.#backoff(),
      send: frame => this.#line.send(frame),
      positions: () => this.positions,
    });
  }

  #createTill(): Till {
    return new Till({
      settings: this.#settings,
      backoff: this.#backoff(),
      serverClock: this.#serverClock,
      send: frame => this.#line.send(frame),
      unanswered: () => this.#heartbeat.check(),
      changed: counts => this.#events.emit('outbox', counts),
      failed: error => this.#fail(error),
    });
  }

  #createIntake(): Intake {
    return new Intake({
      apply: this.#settings.apply,
      positions: this.#positions,
      book: this.book,
      receipts: this.#receipts,
      agenda: this.#agenda,
      serverClock: this.#serverClock,
      arrived: update => this.#events.emit('update', update),
      applied: (update, appliedAt) => this.#events.emit('applied', { update, appliedAt }),
      rejected: (update, reason) => this.#events.emit('rejected', { update, reason }),
      changed: () => this.#vault.touch(),
    });
  }

  #createCatchUp(): CatchUp {
    return new CatchUp({
      ...this.#settings,
      backoff: this.#backoff(),
      queue: this.#queue,
      positions: this.#positions,
      send: frame => this.#line.send(frame),
      take: update => this.#intake.take(update),
      reset: reason => this.#reset(reason),
      changed: () => this.#vault.touch(),
      unanswered: () => this.#heartbeat.check(),
      synced: ({ recovered }) => this.#events.emit('synced', { recovered, positions: this.positions }),
    });
  }

  async #reset(reason: ResetReason): Promise<void> {
    try {
      await this.#settings.onReset(reason);
    } catch (error) {
      this.#fail(error);
    }
    this.book.clear();
  }

  #createVault(): Vault {
    return new Vault({
      ...this.#settings,
      backoff: this.#backoff(),
      serverClock: this.#serverClock,
      positions: this.#positions,
      book: this.book,
      receipts: this.#receipts,
      catchUp: this.#catchUp,
      failed: error => this.#fail(error),
    });
  }

  #createRouter(): FrameRouter {
    return new FrameRouter({
      serverClock: this.#serverClock,
      heartbeat: this.#heartbeat,
      positions: this.#positions,
      queue: this.#queue,
      intake: this.#intake,
      catchUp: this.#catchUp,
      receipts: this.#receipts,
      sales: this.#till.sender,
      changed: () => this.#vault.touch(),
      timeKnown: isFirst => {
        this.#agenda.arm();
        if (isFirst) this.#renewal?.schedule();
      },
      closing: reason => this.#chainCloses(reason),
      failed: error => this.#fail(error),
    });
  }

  #createRenewal(): TokenRenewal | undefined {
    const { clock, random, renewableToken, managementUrl, onToken } = this.#settings;
    if (renewableToken === undefined || managementUrl === undefined) return undefined;
    return new TokenRenewal(renewableToken, {
      clock,
      serverClock: this.#serverClock,
      backoff: new Backoff(RENEWAL_LIMITS, random),
      managementUrl,
      renewed: token => {
        this.#renewedToken = token;
        onToken(token);
      },
      failed: error => this.#fail(error),
    });
  }

  #backoff(): Backoff {
    return new Backoff(this.#settings.backoff, this.#settings.random);
  }
}
