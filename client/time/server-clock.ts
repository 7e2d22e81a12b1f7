/**
 * The chain's time on this device: an offer ends and a price starts by it, whatever the device's own clock says.
 * Each answer that carries `serverTime` bounds the offset: the chain stamped it between question and answer. The
 * narrowest bounds win, until an answer contradicts them (the device's oscillator drifted).
 *
 * The device's even clock may stand still in sleep. Where the calendar has run ahead of it since the measurement,
 * the later of the two counts until the chain is asked again: what has ended must not come back.
 */
import type { Clock } from './clock.ts';

interface Estimate {
  offsetMs: number;
  roundTripMs: number;
}

/** `serverTime` is cut to whole milliseconds. */
const GRANULARITY_MS = 1;
/** A calendar that is disciplined by NTP differs from the even clock by less. */
const SLEEP_MS = 2_000;

export class ServerClock {
  readonly #clock: Clock;
  #best: Estimate | undefined;
  /** How far the calendar was ahead of the even clock when the chain's time was last known. */
  #leadMs: number;
  #wokeAt: number | undefined;
  /** The chain's time at the client's last save, and the device's time when that was read. */
  #floor: { chainTime: number; readAt: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#leadMs = this.#lead();
  }

  /** Milliseconds since the epoch, as the chain counts them; the device's own until the first answer. */
  now(): number {
    const now = this.#clock.now() + this.sleptMs;
    if (this.#best !== undefined) return now + this.#best.offsetMs;
    return this.#floor === undefined ? now : Math.max(now, this.#floor.chainTime + now - this.#floor.readAt);
  }

  /** The latest that the chain's time may be: what must never be late is judged by it. */
  latest(): number {
    return this.now() + (this.#best?.roundTripMs ?? 0) / 2;
  }

  /** Whether the chain's time is known at all. */
  get isMeasured(): boolean {
    return this.#best !== undefined;
  }

  /** How long the even clock stood still since the last measurement, as far as the calendar tells; 0 if it didn't. */
  get sleptMs(): number {
    const slept = this.#lead() - this.#leadMs;
    return slept > SLEEP_MS ? slept : 0;
  }

  /** A sleep was noticed: answers to earlier questions no longer tell the time. */
  noteWaking(): void {
    this.#wokeAt = this.#clock.now();
  }

  /** The chain's time in ISO 8601. */
  timestamp(): string {
    return new Date(this.now()).toISOString();
  }

  /** The chain's time can't be earlier than this one, which was kept over a restart. @param chainTime ISO 8601 */
  notBefore(chainTime: string): void {
    this.#floor = { chainTime: Date.parse(chainTime), readAt: this.#clock.now() };
  }

  /** What a restart may rely on: the chain's time, as far as it was ever known. */
  get known(): string | null {
    return this.isMeasured || this.#floor !== undefined ? this.timestamp() : null;
  }

  /** Takes the `serverTime` of an answer that arrived just now. @param askedAt device time of the question */
  measure(askedAt: number, serverTime: string): void {
    const stamped = Date.parse(serverTime);
    if (Number.isNaN(stamped)) return;
    if (this.sleptMs > 0) {
      // The answer may have lain there while the device slept: only a question from after it tells the time.
      if (askedAt < (this.#wokeAt ?? Number.POSITIVE_INFINITY)) return;
      this.#best = undefined;
    }
    this.#wokeAt = undefined;
    this.#leadMs = this.#lead();
    const lowest = stamped - this.#clock.now();
    const highest = stamped - askedAt;
    const estimate = { offsetMs: (lowest + highest) / 2, roundTripMs: highest - lowest };
    if (!this.#isBetter(lowest, highest, estimate.roundTripMs)) this.#best = estimate;
  }

  #lead(): number {
    return this.#clock.wall === undefined ? 0 : this.#clock.wall() - this.#clock.now();
  }

  /** Whether the offset so far is the more exact one, and agrees with these bounds. */
  #isBetter(lowest: number, highest: number, roundTripMs: number): boolean {
    if (this.#best === undefined || roundTripMs <= this.#best.roundTripMs) return false;
    const { offsetMs } = this.#best;
    return offsetMs >= lowest - GRANULARITY_MS && offsetMs <= highest + GRANULARITY_MS;
  }
}
