/**
 * When a store reports: at once while somebody watches, else once an interval, at a moment of its own, so that a thousand
 * stores spread over it. The chain says which with each answer, and by a `pace` frame to all as somebody begins to watch.
 */
import type { Clock } from '../time/clock.ts';
import type { ServerClock } from '../time/server-clock.ts';

export interface ReportPaceOptions {
  clock: Clock;
  serverClock: ServerClock;
  random: () => number;
  /** What waits is due. */
  due: () => void;
}

const MINUTE_MS = 60_000;
/** Whoever sets a till up sees at once what it does: at first nothing waits. */
const EAGER_MS = MINUTE_MS;
/** A pace up to this one is that of somebody who watches: nothing waits. */
const WATCHED_MS = 5_000;
/** A thousand stores that answer a `pace` frame in one moment would be in each other's way. */
const SPREAD_MS = 300;
/** An answer may come from a Lambda that has not heard of the newest watcher yet. */
const STALE_MS = 3_000;

export class ReportPace {
  readonly #options: ReportPaceOptions;
  /** Where in the first half of the interval: soon after a minute is over, at a moment of this store. */
  readonly #phase: number;
  #restingMs = MINUTE_MS;
  /** Milliseconds between reports, and until when by the chain's time. */
  #pace = { everyMs: MINUTE_MS, until: Number.POSITIVE_INFINITY };
  #toldAt = Number.NEGATIVE_INFINITY;
  /** By the device's clock. */
  readonly #eagerUntil: number;
  #isRunning = false;
  #cancel: () => void = () => {};

  constructor(options: ReportPaceOptions) {
    this.#options = options;
    this.#phase = options.random() / 2;
    this.#eagerUntil = options.clock.now() + EAGER_MS;
  }

  /** Whether reports wait for their interval. */
  get isAtRest(): boolean {
    return this.#everyMs > WATCHED_MS;
  }

  /** At rest only sales of whole minutes are due, since a minute that comes whole is written once. */
  get wholeBefore(): number {
    if (this.#everyMs < MINUTE_MS) return Number.POSITIVE_INFINITY;
    return Math.floor(this.#options.serverClock.now() / MINUTE_MS) * MINUTE_MS;
  }

  start(): void {
    this.#isRunning = true;
    this.#arm();
  }

  stop(): void {
    this.#isRunning = false;
    this.#cancel();
  }

  /** An answer says how often. */
  heard(everyMs: number | undefined): void {
    if (everyMs === undefined) return;
    const isSlower = everyMs > this.#everyMs;
    if (isSlower && this.#options.clock.now() < this.#toldAt + STALE_MS) return;
    if (everyMs > WATCHED_MS) this.#restingMs = everyMs;
    this.#change({ everyMs, until: Number.POSITIVE_INFINITY });
  }

  /** A `pace` frame. @param until ISO 8601 */
  told(everyMs: number, until: string): void {
    this.#toldAt = this.#options.clock.now();
    this.#change({ everyMs, until: Date.parse(until) });
  }

  get #everyMs(): number {
    const { everyMs, until } = this.#pace;
    if (this.#options.clock.now() < this.#eagerUntil) return Math.min(everyMs, WATCHED_MS);
    return this.#options.serverClock.now() < until ? everyMs : this.#restingMs;
  }

  #change(pace: { everyMs: number; until: number }): void {
    const wasAtRest = this.isAtRest;
    const before = this.#everyMs;
    this.#pace = pace;
    if (!this.#isRunning || this.#everyMs === before) return;
    if (wasAtRest && !this.isAtRest) this.#dueIn(this.#options.random() * SPREAD_MS);
    else this.#arm();
  }

  #arm(): void {
    const now = this.#options.serverClock.now();
    const everyMs = this.#everyMs;
    // While somebody watches nothing waits, and one only looks whether that is over.
    if (this.isAtRest) {
      const own = Math.floor(now / everyMs) * everyMs + this.#phase * everyMs;
      this.#dueIn((own > now ? own : own + everyMs) - now);
    } else {
      const eagerMs = this.#eagerUntil - this.#options.clock.now();
      const leftMs = eagerMs > 0 ? eagerMs : Math.min(this.#pace.until - now, this.#restingMs);
      this.#after(leftMs, () => this.#arm());
    }
  }

  #dueIn(ms: number): void {
    this.#after(ms, () => {
      this.#arm();
      this.#options.due();
    });
  }

  #after(ms: number, task: () => void): void {
    this.#cancel();
    this.#cancel = this.#options.clock.after(ms, task);
  }
}
