/** Tells the chain that somebody looks at the page, for as long as it is visible: stores report each second meanwhile. */
import type { Clock } from '../client/time/clock.ts';
import type { ServerClock } from '../client/time/server-clock.ts';
import type { StoreFrameInput } from '../domain/protocol/store-frames.ts';

export interface WatchingOptions {
  clock: Clock;
  serverClock: ServerClock;
  send: (frame: StoreFrameInput) => boolean;
}

/** Before it is over by itself. */
const AGAIN_BEFORE_MS = 60_000;
/** An answer that doesn't come. */
const AGAIN_AFTER_MS = 30_000;

export class Watching {
  readonly #options: WatchingOptions;
  readonly #look = () => this.#watch();
  #cancel: () => void = () => {};

  constructor(options: WatchingOptions) {
    this.#options = options;
  }

  /** The line is up. */
  start(): void {
    document.addEventListener('visibilitychange', this.#look);
    this.#watch();
  }

  /** The line is down. */
  stop(): void {
    document.removeEventListener('visibilitychange', this.#look);
    this.#cancel();
  }

  /** Stores report each second until then. @param until ISO 8601 */
  answered(until: string): void {
    const leftMs = Date.parse(until) - this.#options.serverClock.now();
    this.#again(Math.max(leftMs - AGAIN_BEFORE_MS, AGAIN_AFTER_MS));
  }

  /** A page that nobody sees asks for nothing; it asks again as it is seen. */
  #watch(): void {
    this.#cancel();
    if (document.visibilityState === 'hidden') return;
    this.#options.send({ action: 'watch' });
    this.#again(AGAIN_AFTER_MS);
  }

  #again(ms: number): void {
    this.#cancel();
    this.#cancel = this.#options.clock.after(ms, this.#look);
  }
}
