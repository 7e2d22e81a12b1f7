/**
 * The chain's time on this device: an offer ends and a price starts by it, whatever the device's own clock says.
 * Each answer that carries `serverTime` bounds the offset: the chain stamped it between question and answer. The
 * narrowest bounds win, until an answer contradicts them (the device slept, or its oscillator drifted).
 */
import type { Clock } from './clock.ts';

interface Estimate {
  offsetMs: number;
  roundTripMs: number;
}

/** `serverTime` is cut to whole milliseconds. */
const GRANULARITY_MS = 1;

export class ServerClock {
  readonly #clock: Clock;
  #best: Estimate | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds since the epoch, as the chain counts them; the device's own until the first answer. */
  now(): number {
    return this.#clock.now() + (this.#best?.offsetMs ?? 0);
  }

  /** The latest that the chain's time may be: what must never be late is judged by it. */
  latest(): number {
    return this.now() + (this.#best?.roundTripMs ?? 0) / 2;
  }

  /** Whether the chain's time is known at all. */
  get isMeasured(): boolean {
    return this.#best !== undefined;
  }

  /** The chain's time in ISO 8601. */
  timestamp(): string {
    return new Date(this.now()).toISOString();
  }

  /** Takes the `serverTime` of an answer that arrived just now. @param askedAt device time of the question */
  measure(askedAt: number, serverTime: string): void {
    const stamped = Date.parse(serverTime);
    if (Number.isNaN(stamped)) return;
    const lowest = stamped - this.#clock.now();
    const highest = stamped - askedAt;
    const estimate = { offsetMs: (lowest + highest) / 2, roundTripMs: highest - lowest };
    if (!this.#isBetter(lowest, highest, estimate.roundTripMs)) this.#best = estimate;
  }

  /** Whether the offset so far is the more exact one, and agrees with these bounds. */
  #isBetter(lowest: number, highest: number, roundTripMs: number): boolean {
    if (this.#best === undefined || roundTripMs <= this.#best.roundTripMs) return false;
    const { offsetMs } = this.#best;
    return offsetMs >= lowest - GRANULARITY_MS && offsetMs <= highest + GRANULARITY_MS;
  }
}
