/**
 * Keeps the line from going idle (the gateway's limit is ten minutes) and finds out when it is dead: a line that
 * broke without a word looks open for as long as nothing is asked on it.
 */
import type { RequestId } from '../../domain/protocol/frame-error.ts';
import type { StoreFrameInput } from '../../domain/protocol/store-frames.ts';
import type { Clock } from '../time/clock.ts';

export interface HeartbeatOptions {
  clock: Clock;
  intervalMs: number;
  timeoutMs: number;
  send: (frame: StoreFrameInput) => boolean;
  /** Nobody answered. */
  silent: () => void;
}

export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #cancel: () => void = () => {};
  #waiting = false;
  #pings = 0;
  #askedAt = 0;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  /** Begins to count on a fresh line. */
  start(): void {
    this.stop();
    this.#cancel = this.#options.clock.after(this.#options.intervalMs, () => this.#beat());
  }

  /** Somebody answered: a pong, or an error frame in its place. */
  answered(): void {
    this.start();
  }

  /** Some frame came: the line lives, though the answer to the ping is still under way in a chain that is busy. */
  heard(): void {
    if (this.#waiting) this.#await();
  }

  /** Something else got no answer: asks at once whether anybody is there. */
  check(): void {
    if (!this.#waiting) this.#beat();
  }

  /** When the ping that this pong answers was sent; undefined for a late one, and for one that nobody asked for: it may be hours old. */
  askedAt(requestId: RequestId): number | undefined {
    return this.#waiting && requestId === `ping-${this.#pings}` ? this.#askedAt : undefined;
  }

  stop(): void {
    this.#cancel();
    this.#waiting = false;
  }

  #beat(): void {
    this.#waiting = true;
    this.#await();
    this.#pings += 1;
    this.#askedAt = this.#options.clock.now();
    this.#options.send({ action: 'ping', requestId: `ping-${this.#pings}` });
  }

  #await(): void {
    this.#cancel();
    this.#cancel = this.#options.clock.after(this.#options.timeoutMs, this.#options.silent);
  }
}
