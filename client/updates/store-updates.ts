/** The updates of a store, put together: what arrives, what was missed, what the application makes of it, the proof. */

import type { PriceBook } from '../../domain/book/price-book.ts';
import type { ArrivedUpdate, ErrorFrame, SyncedFrame } from '../../domain/protocol/chain-frames.ts';
import type { StoreFrameInput } from '../../domain/protocol/store-frames.ts';
import type { Positions, UpdateFrame } from '../../domain/updates/update.ts';
import type { Backoff } from '../line/backoff.ts';
import type { ClientStorage } from '../storage/storage.ts';
import type { Agenda } from '../till/agenda.ts';
import type { ClientState, StateChanges, StateHead } from '../till/state.ts';
import { StoreZone } from '../till/store-zone.ts';
import { Vault } from '../till/vault.ts';
import type { Clock } from '../time/clock.ts';
import type { ServerClock } from '../time/server-clock.ts';
import { Application, type RebuildReason } from './application.ts';
import { CatchUp } from './catch-up.ts';
import { Intake } from './intake.ts';
import { StorePositions } from './positions.ts';
import { Receipts } from './receipt-sender.ts';
import { Retries } from './retries.ts';
import { SerialQueue } from './serial-queue.ts';

export interface StoreUpdatesOptions {
  clock: Clock;
  random: () => number;
  /** One for each thing that is repeated. */
  backoff: () => Backoff;
  answerTimeoutMs: number;
  storage: ClientStorage;
  serverClock: ServerClock;
  book: PriceBook;
  agenda: Agenda;
  apply: (update: UpdateFrame) => void | Promise<void>;
  begin: (reason: RebuildReason) => void | Promise<void>;
  commit: () => void | Promise<void>;
  send: (frame: StoreFrameInput) => boolean;
  arrived: (update: UpdateFrame) => void;
  applied: (update: UpdateFrame, appliedAt: string) => void;
  rejected: (update: ArrivedUpdate, reason: string) => void;
  synced: (answer: SyncedFrame) => void;
  /** Receipts are saved, and may leave. */
  receiptsReady: () => void;
  /** A question got no answer in time, and was repeated. */
  unanswered: () => void;
  failed: (error: unknown) => void;
}

/** The book keeps what superseded prices so long, in case the measured time is set back a little. */
const PRUNE_MARGIN_MS = 15 * 60_000;
/** What a new whole does not mend, another one won't: a till that refuses updates has its own book. */
const RESYNC_EVERY_MS = 10 * 60_000;
/** While nothing else changes, the chain's time is saved so often: a restart without the chain goes on from it. */
const KEEP_TIME_EVERY_MS = 10 * 60_000;

export class StoreUpdates {
  readonly #options: StoreUpdatesOptions;
  readonly #positions = new StorePositions();
  readonly #queue: SerialQueue;
  readonly #application: Application;
  readonly receipts: Receipts;
  readonly #retries: Retries;
  readonly #intake: Intake;
  readonly #catchUp: CatchUp;
  readonly #vault: Vault;
  /** Updates that came before the chain's time was known: whether they are over can't be told yet. */
  #early: ArrivedUpdate[] = [];
  #timeSavedAt = Number.NEGATIVE_INFINITY;
  #resyncedAt = Number.NEGATIVE_INFINITY;
  readonly #zone: StoreZone;

  constructor(options: StoreUpdatesOptions) {
    this.#options = options;
    const { backoff, clock, failed } = options;
    const changed = () => this.#vault.touch();
    const parts = { ...options, positions: this.#positions, changed };
    this.#queue = new SerialQueue(() => options.agenda.arm(), failed);
    this.#application = new Application(options);
    this.receipts = new Receipts({ ...options, backoff: backoff(), ready: options.receiptsReady });
    this.#retries = new Retries({
      clock,
      backoff,
      due: update => this.#retry(update),
    });
    this.#intake = new Intake({
      ...parts,
      application: this.#application,
      receipts: this.receipts,
      retries: this.#retries,
    });
    this.#catchUp = new CatchUp({ ...parts, backoff: backoff(), queue: this.#queue, intake: this.#intake });
    this.#zone = new StoreZone({ changed: timeZone => this.#moved(timeZone), failed });
    this.#vault = new Vault({
      ...options,
      head: () => this.#head(),
      parts: () => ({
        book: options.book.snapshot(),
        receipts: this.receipts.snapshot(),
        unapplied: this.#retries.snapshot(),
      }),
      takeChanges: () => this.#takeChanges(),
      restore: state => this.#restore(state),
      saved: options.receiptsReady,
    });
  }

  /** The ends of the gap-free runs; empty until the first sync is through. */
  get positions(): Positions {
    return this.#positions.runs;
  }

  load(): Promise<void> {
    return this.#vault.load();
  }

  /** The store's time zone as this token says; the chain's word goes before it. */
  presents(token: string): void {
    this.#zone.present(token);
  }

  /** The chain has told the store's time zone. */
  located(timeZone: string | undefined): void {
    this.#zone.tell(timeZone);
  }

  /** A new line: asks what was missed, and repeats the receipts that may be lost. */
  lineOpened(): void {
    this.#catchUp.begin();
    this.#queue.run(() => this.receipts.restart());
  }

  /** The sync on the next line brings what was kept waiting. */
  lineLost(): void {
    this.#catchUp.stop();
    this.receipts.stop();
    this.#early = [];
  }

  /** Takes an update in its turn. */
  arrive(update: ArrivedUpdate): void {
    if (!this.#options.serverClock.isMeasured) {
      this.#early.push(update);
      return;
    }
    this.#queue.run(async () => {
      await this.#intake.arrive(update);
      this.#catchUp.checkGap();
    });
  }

  /** The chain's time was measured. */
  timeKnown(): void {
    for (const update of this.#early.splice(0)) this.arrive(update);
    if (this.#options.serverClock.now() - this.#timeSavedAt > KEEP_TIME_EVERY_MS) this.#vault.touch();
  }

  /** @returns when the answer was asked for, or undefined if it wasn't */
  synced(answer: SyncedFrame): number | undefined {
    return this.#catchUp.receive(answer);
  }

  /** A pong tells the newest positions of the store's channels. */
  heard(newest: Positions): void {
    this.#queue.run(() => {
      // A conversation under way brings a move to its end by itself.
      if (!this.#catchUp.isActive && this.#positions.differFrom(newest)) return this.#catchUp.begin();
      this.#positions.hear(newest);
      this.#catchUp.checkGap();
    });
  }

  /** The book is another one than it should be: takes all that is in force anew, but not over and over. */
  resync(): void {
    const now = this.#options.clock.now();
    if (now < this.#resyncedAt + RESYNC_EVERY_MS) return;
    this.#resyncedAt = now;
    this.#catchUp.rebuild();
  }

  /** The hash of the book; undefined where it is not known to be what these positions bring. */
  get bookHash(): string | undefined {
    const { book, serverClock } = this.#options;
    const isWhole = serverClock.isMeasured && this.#positions.isNamed && !this.#positions.hasGap;
    return isWhole && !this.#catchUp.isActive ? book.hash(serverClock.now()) : undefined;
  }

  /** The chain has stored these receipts. */
  accepted(ids: readonly string[]): void {
    if (this.receipts.accepted(ids)) this.#vault.touch();
  }

  /** The chain answered with an error frame. */
  refused(error: Pick<ErrorFrame, 'requestId' | 'code'>): void {
    this.#catchUp.refused(error);
  }

  /** Waits for the update that is being applied, and saves. */
  async close(): Promise<void> {
    this.#application.stop();
    this.#retries.stop();
    await this.#queue.close();
    this.#retries.stop();
    this.receipts.stop();
    await this.#vault.close();
  }

  /** Whether an update is over can't be told without the chain's time: one that ends waits for it. */
  #retry(update: UpdateFrame): void {
    const isEndless = update.validUntil === null && update.validUntilLocal === undefined;
    if (isEndless || this.#options.serverClock.isMeasured) this.#queue.run(() => this.#intake.retry(update));
    else this.#retries.again(update);
  }

  #moved(timeZone: string): void {
    const { book, agenda } = this.#options;
    book.timeZone = timeZone;
    agenda.arm();
    this.#vault.touch();
  }

  #head(): { head: StateHead; saved: () => void } {
    const { serverClock, book } = this.#options;
    if (serverClock.isMeasured && this.#lacksNoWithdrawal()) book.prune(serverClock.now() - PRUNE_MARGIN_MS);
    this.#timeSavedAt = serverClock.now();
    const head = {
      chainTime: serverClock.known,
      ...this.#zone.snapshot(),
      positions: this.#positions.snapshot(),
    };
    return { head, saved: this.receipts.saving() };
  }

  #takeChanges(): StateChanges | undefined {
    const book = this.#options.book.takeChanges();
    const [receipts, unapplied] = [this.receipts.takeChanges(), this.#retries.takeChanges()];
    return book && receipts && unapplied && { book, receipts, unapplied };
  }

  /** A withdrawal brings back what was published before it; what came after it and ranks lower is in the book alone. */
  #lacksNoWithdrawal(): boolean {
    const waiting = this.#retries.snapshot();
    return !this.#positions.hasHole && !waiting.some(({ kind }) => kind === 'price.withdrawn');
  }

  /** One that comes late adds its receipts; what the chain has told since then is newer than the rest. */
  #restore(state: ClientState): void {
    const { serverClock, book, agenda } = this.#options;
    if (state.chainTime !== null) serverClock.notBefore(state.chainTime);
    this.receipts.restore(state.receipts);
    this.#zone.restore(state);
    if (this.#positions.isNamed) return;
    this.#positions.restore(state.positions);
    book.restore(state.book);
    this.#retries.replace(state.unapplied);
    // All is as it was saved: what changes is told from here on.
    this.#takeChanges();
    agenda.restart();
  }
}
