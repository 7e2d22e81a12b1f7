/** Counts what the services use, from the start of the process: a bill of what happened here, and nothing that lasts. */
import type { Clock } from '../cloud-clock.ts';
import type { Unit, Usage } from '../usage.ts';

export class Meter implements Usage {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #counted = new Map<Unit, number>();
  readonly #perMinute = new Map<Unit, number>();
  #ratesCountedUntil: number;
  /** Milliseconds since the epoch, by the cloud's clock. */
  readonly startedAt: number;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
    this.startedAt = clock.now();
    this.#ratesCountedUntil = this.startedAt;
  }

  add(unit: Unit, count = 1): void {
    this.#counted.set(unit, (this.#counted.get(unit) ?? 0) + count);
  }

  addRate(unit: Unit, perMinute: number): void {
    this.#countRates();
    this.#perMinute.set(unit, (this.#perMinute.get(unit) ?? 0) + perMinute);
  }

  /** So many of a unit until now. */
  count(unit: Unit): number {
    this.#countRates();
    return this.#counted.get(unit) ?? 0;
  }

  /** For how long it has counted, by the cloud's clock. */
  seconds(): number {
    return (this.#clock.now() - this.startedAt) / 1000;
  }

  #countRates(): void {
    const now = this.#clock.now();
    const minutes = (now - this.#ratesCountedUntil) / 60_000;
    this.#ratesCountedUntil = now;
    for (const [unit, perMinute] of this.#perMinute) this.add(unit, perMinute * minutes);
  }
}
