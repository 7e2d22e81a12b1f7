/**
 * What survives a restart, loaded and saved as one: an update's effect on the book, its position and its receipt are
 * in the same text, so that a crash at any moment leaves all three or none.
 */
import type { Backoff } from '../line/backoff.ts';
import type { ClientStorage } from '../storage/storage.ts';
import type { Clock } from '../time/clock.ts';
import type { ServerClock } from '../time/server-clock.ts';
import type { CatchUp } from '../updates/catch-up.ts';
import type { StorePositions } from '../updates/positions.ts';
import type { Receipts } from '../updates/receipt-sender.ts';
import type { PriceBook } from './price-book.ts';
import { Saver } from './saver.ts';
import { decodeState, encodeState, UnreadableStateError } from './state.ts';

export interface VaultOptions {
  storage: ClientStorage;
  clock: Clock;
  backoff: Backoff;
  serverClock: ServerClock;
  positions: StorePositions;
  book: PriceBook;
  receipts: Receipts;
  catchUp: CatchUp;
  failed: (error: unknown) => void;
}

/** Receipts and changes of a second go together. */
const GATHER_MS = 1_000;
/** The book keeps what superseded prices so long, in case the measured time is set back a little. */
const PRUNE_MARGIN_MS = 15 * 60_000;

export class Vault {
  readonly #options: VaultOptions;
  readonly #saver: Saver;

  constructor(options: VaultOptions) {
    this.#options = options;
    this.#saver = new Saver({
      clock: options.clock,
      backoff: options.backoff,
      gatherMs: GATHER_MS,
      write: () => this.#write(),
      saved: () => options.receipts.flush(),
      failed: options.failed,
    });
  }

  /** A state that can't be read costs a sync from the start, never the start itself. */
  async load(): Promise<void> {
    const { storage, catchUp, positions, receipts, book } = this.#options;
    try {
      const text = await storage.load();
      if (text === undefined) return;
      const state = decodeState(text);
      catchUp.recovering = state.recovering;
      positions.restore(state.positions);
      receipts.restore(state.receipts);
      book.restore(state.book);
    } catch (error) {
      await this.#loadFailed(error);
    }
  }

  /** Something changed: it is saved within a second. */
  touch(): void {
    this.#saver.touch();
  }

  /** Saves for the last time. */
  close(): Promise<void> {
    return this.#saver.close();
  }

  async #write(): Promise<void> {
    const { serverClock, book, receipts, storage, catchUp, positions } = this.#options;
    if (serverClock.isMeasured) book.prune(serverClock.now() - PRUNE_MARGIN_MS);
    const { receipts: due, saved } = receipts.snapshot();
    await storage.save(
      encodeState({
        recovering: catchUp.recovering,
        positions: positions.snapshot(),
        book: book.snapshot(),
        receipts: due,
      }),
    );
    saved();
  }

  async #loadFailed(error: unknown): Promise<void> {
    const { storage, failed } = this.#options;
    if (!(error instanceof UnreadableStateError)) return failed(error);
    try {
      const aside = await storage.setAside?.();
      const where = aside === undefined ? 'it will be replaced' : `it is kept as ${aside}`;
      failed(
        new UnreadableStateError(`${error.message}; ${where}; starting from the start`, { cause: error }),
      );
    } catch (asideError) {
      failed(new AggregateError([error, asideError], 'the saved state can neither be read nor set aside'));
    }
  }
}
