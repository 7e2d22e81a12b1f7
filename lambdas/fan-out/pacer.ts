/**
 * Paces posts below the account's limit by a token bucket, not by the size of a window: a fixed window of 200 under the
 * default quota caused 176,608 answers of 429 for 100,000 posts, pacing causes none. All workers share the bucket; each
 * draws turns from it in blocks. The account's throttle lowers the rate by a fifth; it recovers slowly.
 */

import { OwnTurnBucket, type TurnBucket } from './turn-bucket.ts';

export interface PacerOptions {
  /** Posts a second, and how many may go at once after a pause. */
  rate: number;
  burst: number;
  /** @default a bucket of its own */
  bucket?: TurnBucket;
  now?: () => number;
  wait?: (ms: number) => Promise<void>;
}

interface Block {
  left: number;
  dueAt: number;
  intervalMs: number;
}

const SLOWDOWN = 0.8;
const RECOVERY_PER_SECOND = 0.05;
/**
 * The share of the full rate that is left at least. Turns of a slow pace are long, and all that draw from the bucket wait
 * for them.
 */
const LEAST_SHARE = 0.01;
/** So many refusals a second, as a share of the full rate, are those of single lines and leave the pace alone. */
const TOLERATED_SHARE = 0.05;
/**
 * Turns drawn at once, as seconds of the rate: the next draw waits for them, and those that are never taken are lost.
 */
const MOST_DRAWN = 1 / 4;
/** The same where others draw, too: one that comes waits for a block of each of them. */
const MOST_DRAWN_OF_SHARED = 1 / 20;
/** A draw may take this many times as long as the one before. */
const SAFETY = 2;
/** A longer draw is not measured as such: the worker was frozen in the middle of it. */
const MOST_DRAW_MS = 500;

export class Pacer {
  readonly #fullRate: number;
  /** How early turns may be taken: the whole burst at once after a pause. */
  readonly #toleranceMs: number;
  readonly #bucket: TurnBucket;
  readonly #now: () => number;
  readonly #wait: (ms: number) => Promise<void>;
  #rate: number;
  #recoveredAt: number;
  /** After a 429, no turn is due before this time. */
  #notBefore = 0;
  #slowdowns = 0;
  /** Refusals beyond the tolerated ones slow the pace; each counts until its share of a second has passed. */
  #refusals = 0;
  #refusedAt = 0;
  #block: Block = { left: 0, dueAt: 0, intervalMs: 1 };
  /** How long the next draw may take: turns must not be past due when they arrive. */
  #drawMs = 0;
  /** The end of the last block. */
  #drawnUntil = 0;
  /** Others drew between the last two blocks. */
  #isShared = false;
  #drawing: Promise<void> | undefined;
  /** Callers that wait for a turn. */
  #waiting = 0;

  constructor(options: PacerOptions) {
    this.#fullRate = options.rate;
    this.#toleranceMs = ((options.burst - 1) / options.rate) * 1000;
    this.#bucket = options.bucket ?? new OwnTurnBucket();
    this.#now = options.now ?? Date.now;
    this.#wait = options.wait ?? (ms => new Promise(resolve => setTimeout(resolve, ms)));
    this.#rate = options.rate;
    this.#recoveredAt = this.#now();
  }

  /** The current rate, in posts a second. */
  get rate(): number {
    return this.#rate;
  }

  /** How often the pace fell. A post notes it before it is sent, for {@link refused}. */
  get slowdowns(): number {
    return this.#slowdowns;
  }

  /**
   * Takes the right to post once; waits for it after too many others.
   *
   * @param wanted turns that the caller will take, this one included: as many are drawn where possible @default 1
   * @param until the caller has no use for a later turn @default no end
   * @returns false at once if the next turn is due after `until`; nothing is taken then. A promise only where it waits: one for
   * each post costs as much as its signature
   */
  take(wanted = 1, until = Number.POSITIVE_INFINITY): boolean | Promise<boolean> {
    return this.#hasTurn() ? this.#takeNext(until) : this.#takeDrawn(wanted, until);
  }

  async #takeDrawn(wanted: number, until: number): Promise<boolean> {
    this.#waiting += 1;
    try {
      while (!this.#hasTurn()) {
        this.#drawing ??= this.#draw(Math.max(wanted, this.#waiting));
        await this.#drawing;
      }
    } finally {
      this.#waiting -= 1;
    }
    return this.#takeNext(until);
  }

  #takeNext(until: number): boolean | Promise<boolean> {
    const { dueAt, intervalMs } = this.#block;
    const takenAt = dueAt - this.#savedUpMs;
    if (takenAt > until) return false;
    this.#block.left -= 1;
    this.#block.dueAt += intervalMs;
    const waitMs = takenAt - this.#now();
    return waitMs <= 0 || this.#wait(waitMs).then(() => true);
  }

  /**
   * To call after a 429 that may be the account's. A few are those of single lines; more of them slow the pace, once for
   * all the posts that were under way at the time.
   *
   * @param slowdowns as they were when the post was sent
   */
  refused(slowdowns: number): void {
    if (slowdowns !== this.#slowdowns) return;
    const now = this.#now();
    const tolerated = Math.max(1, this.#fullRate * TOLERATED_SHARE);
    const passed = ((now - this.#refusedAt) / 1000) * tolerated;
    this.#refusals = Math.max(0, this.#refusals - passed) + 1;
    this.#refusedAt = now;
    if (this.#refusals <= tolerated) return;
    this.#refusals = tolerated;
    this.slowDown();
  }

  /** Saved turns are spent, and the rate falls. */
  slowDown(): void {
    const now = this.#recover();
    this.#slowdowns += 1;
    this.#rate = Math.max(1, this.#fullRate * LEAST_SHARE, this.#rate * SLOWDOWN);
    this.#notBefore = now + 1000 / this.#rate;
    this.#block.left = 0;
  }

  /** Turns past their time are lost: taken late, they would add to those of the present. */
  #hasTurn(): boolean {
    const block = this.#block;
    const past = Math.ceil((this.#now() - block.dueAt) / block.intervalMs);
    if (past > 0) {
      block.left -= past;
      block.dueAt += past * block.intervalMs;
    }
    return block.left > 0;
  }

  async #draw(wanted: number): Promise<void> {
    try {
      const askedAt = this.#recover();
      const most = this.#rate * (this.#isShared ? MOST_DRAWN_OF_SHARED : MOST_DRAWN);
      const turns = Math.max(1, Math.floor(Math.min(wanted, most)));
      const intervalMs = 1000 / this.#rate;
      const from = Math.max(askedAt + this.#drawMs, this.#notBefore);
      const dueAt = await this.#bucket.reserve(turns, intervalMs, from);
      this.#drawMs = Math.min(SAFETY * (this.#now() - askedAt), MOST_DRAW_MS);
      // A turn's length is more than any rounding on the way.
      this.#isShared = dueAt - Math.max(from, this.#drawnUntil) > intervalMs;
      this.#drawnUntil = dueAt + turns * intervalMs;
      this.#block = { left: turns, dueAt, intervalMs };
    } finally {
      this.#drawing = undefined;
    }
  }

  /** Nothing is saved up while the throttle is near. */
  get #savedUpMs(): number {
    return this.#rate < this.#fullRate ? 0 : this.#toleranceMs;
  }

  #recover(): number {
    const now = this.#now();
    const seconds = (now - this.#recoveredAt) / 1000;
    this.#recoveredAt = now;
    this.#rate = Math.min(this.#fullRate, this.#rate + seconds * this.#fullRate * RECOVERY_PER_SECOND);
    return now;
  }
}
