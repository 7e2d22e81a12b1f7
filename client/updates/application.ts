/** The store's own software, as the client speaks to it: whatever it throws becomes an outcome. */

import type { PriceBook } from '../../domain/book/price-book.ts';
import { type ArrivedUpdate, isSupported } from '../../domain/protocol/chain-frames.ts';
import { InvalidUpdateError, type KnownUpdate, readUpdate } from '../../domain/updates/read-update.ts';
import type { UpdateFrame } from '../../domain/updates/update.ts';
import type { Backoff } from '../line/backoff.ts';
import type { Clock } from '../time/clock.ts';
import type { ServerClock } from '../time/server-clock.ts';
import { isRejection } from './reject-update.ts';

/**
 * Why a new whole comes: the store moved to other channels, was away for longer than the chain's log reaches back, or has
 * another book than it should.
 */
export type RebuildReason = 'moved' | 'not-recovered' | 'adrift';

export interface ApplicationOptions {
  clock: Clock;
  /** One for each thing that is repeated. */
  backoff: () => Backoff;
  serverClock: ServerClock;
  book: Pick<PriceBook, 'periodOf'>;
  apply: (update: UpdateFrame) => void | Promise<void>;
  begin: (reason: RebuildReason) => void | Promise<void>;
  commit: () => void | Promise<void>;
  failed: (error: unknown) => void;
}

/** What became of an update. One that is over is `known` too: it may still end an older event of the same offer. */
export type Outcome =
  | { type: 'applied'; update: UpdateFrame; known: KnownUpdate; appliedAt: string }
  | { type: 'rejected'; update: ArrivedUpdate; reason: string; known?: KnownUpdate | undefined }
  | { type: 'failed'; update: UpdateFrame };

/** Attempts at what a new whole waits for. */
const MOST_ATTEMPTS = 5;

export class Application {
  readonly #options: ApplicationOptions;
  #stopped = false;
  #wake: () => void = () => {};

  constructor(options: ApplicationOptions) {
    this.#options = options;
  }

  /** Gives it an update, unless that is over or makes no sense. */
  async apply(update: ArrivedUpdate): Promise<Outcome> {
    if (!isSupported(update)) return { type: 'rejected', update, reason: 'unsupported_kind' };
    const { serverClock, book, apply, failed } = this.#options;
    let known: KnownUpdate | undefined;
    try {
      known = readUpdate(update);
      // Half a round trip early rather than late.
      if (book.periodOf(known).until <= serverClock.latest())
        return { type: 'rejected', update, reason: 'expired', known };
      await apply(update);
      // Its receipt may wait for the rest of a new whole, and an offer's end may come before that.
      return { type: 'applied', update, known, appliedAt: serverClock.timestamp() };
    } catch (error) {
      if (error instanceof InvalidUpdateError || isRejection(error))
        return { type: 'rejected', update, reason: error.message };
      failed(new Error(`update ${update.id} could not be applied; it is tried again`, { cause: error }));
      return { type: 'failed', update };
    }
  }

  /** The same for a new whole, which should come without holes: a failure is repeated some times before it counts. */
  async applyWaiting(update: ArrivedUpdate): Promise<Outcome> {
    const backoff = this.#options.backoff();
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.apply(update);
      if (outcome.type !== 'failed' || attempt === MOST_ATTEMPTS || this.#stopped) return outcome;
      await this.#pause(backoff.next());
    }
  }

  /** @returns false if it failed too often */
  begin(reason: RebuildReason): Promise<boolean> {
    return this.#repeat('begin', () => this.#options.begin(reason));
  }

  /** @returns false if it failed too often */
  commit(): Promise<boolean> {
    return this.#repeat('commit', () => this.#options.commit());
  }

  /** Ends the waiting: what failed counts as failed. */
  stop(): void {
    this.#stopped = true;
    this.#wake();
  }

  async #repeat(what: string, step: () => void | Promise<void>): Promise<boolean> {
    const backoff = this.#options.backoff();
    for (let attempt = 1; attempt <= MOST_ATTEMPTS && !this.#stopped; attempt += 1) {
      try {
        await step();
        return true;
      } catch (error) {
        this.#options.failed(new Error(`${what} failed; it is tried again`, { cause: error }));
        await this.#pause(backoff.next());
      }
    }
    return false;
  }

  #pause(ms: number): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    return new Promise(resolve => {
      const cancel = this.#options.clock.after(ms, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}
