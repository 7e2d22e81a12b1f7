/**
 * What survives a restart, loaded and saved as one: an update's effect on the book, its position and its receipt are
 * in the same line of text, so that a crash at any moment leaves all three or none. Nothing is saved before the last state was
 * read: a disk that fails once must not cost it.
 */
import type { Backoff } from '../line/backoff.ts';
import { type ClientStorage, UnreadableStateError } from '../storage/storage.ts';
import type { Clock } from '../time/clock.ts';
import { Journal } from './journal.ts';
import { Saver } from './saver.ts';
import type { ClientState, StateChanges, StateHead, StateParts } from './state.ts';

export interface VaultOptions {
  storage: ClientStorage;
  clock: Clock;
  random: () => number;
  /** Between attempts to load, and to save. */
  backoff: () => Backoff;
  /** The present state: its head, and what to call once all of it is saved. */
  head: () => { head: StateHead; saved: () => void };
  parts: () => StateParts;
  /** What has changed in the parts since this was asked last; undefined where that is everything. */
  takeChanges: () => StateChanges | undefined;
  /** Takes a state; it may come late, when the client has begun without it. */
  restore: (state: ClientState) => void;
  /** Every save's end that succeeded. */
  saved: () => void;
  failed: (error: unknown) => void;
}

/** Receipts and changes of a second go together. */
const GATHER_MS = 1_000;

export class Vault {
  readonly #options: VaultOptions;
  readonly #saver: Saver;
  readonly #journal: Journal;
  readonly #loadBackoff: Backoff;
  #isLoaded = false;
  #isClosed = false;
  #cancelLoad: () => void = () => {};

  constructor(options: VaultOptions) {
    this.#options = options;
    this.#loadBackoff = options.backoff();
    this.#journal = new Journal(options.random);
    this.#saver = new Saver({
      clock: options.clock,
      backoff: options.backoff(),
      gatherMs: GATHER_MS,
      write: () => this.#write(),
      saved: options.saved,
      failed: options.failed,
    });
  }

  /**
   * Resolves after the first attempt. One that failed is repeated while the client goes on; a state that makes no
   * sense is put aside, and costs a sync from the start.
   */
  async load(): Promise<void> {
    const { storage, restore, failed, clock } = this.#options;
    try {
      const text = await storage.load();
      if (text !== undefined) restore(this.#journal.read(text));
    } catch (error) {
      if (!(await this.#isPutAside(error))) {
        failed(error);
        if (!this.#isClosed)
          this.#cancelLoad = clock.after(this.#loadBackoff.next(), () => void this.#loadLate());
        return;
      }
    }
    this.#isLoaded = true;
  }

  /** Something changed: it is saved within a second. */
  touch(): void {
    if (this.#isLoaded) this.#saver.touch();
  }

  /** Saves for the last time. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelLoad();
    await this.#saver.close();
  }

  /** What has changed meanwhile is saved now. */
  async #loadLate(): Promise<void> {
    await this.load();
    // The client may hold more than was saved.
    this.#journal.startOver();
    this.touch();
  }

  async #write(): Promise<void> {
    if (!this.#isLoaded) return;
    const { parts, storage, takeChanges } = this.#options;
    const { head, saved } = this.#options.head();
    const changes = takeChanges();
    const change = storage.append && changes && this.#journal.change(head, changes);
    try {
      if (change === undefined) await storage.save(this.#journal.state(head, parts()));
      else await storage.append?.(change);
    } catch (error) {
      this.#journal.startOver();
      throw error;
    }
    saved();
  }

  async #isPutAside(error: unknown): Promise<boolean> {
    const { storage, failed } = this.#options;
    if (!(error instanceof UnreadableStateError)) return false;
    try {
      const aside = await storage.setAside?.();
      const where = aside === undefined ? 'it will be replaced' : `it is kept as ${aside}`;
      failed(
        new UnreadableStateError(`${error.message}; ${where}; starting from the start`, { cause: error }),
      );
      return true;
    } catch (asideError) {
      failed(new AggregateError([error, asideError], 'the saved state can neither be read nor set aside'));
      return false;
    }
  }
}
