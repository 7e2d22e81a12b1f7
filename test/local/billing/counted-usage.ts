/** A meter without prices: what was counted, and at which rates it counts on. */
import type { Unit, Usage } from '../../../local/usage.ts';

export type Counts = Partial<Record<Unit, number>>;

export class CountedUsage implements Usage {
  #counts: Counts = {};
  readonly rates: Counts = {};

  add(unit: Unit, count = 1): void {
    this.#counts[unit] = (this.#counts[unit] ?? 0) + count;
  }

  addRate(unit: Unit, perMinute: number): void {
    this.rates[unit] = (this.rates[unit] ?? 0) + perMinute;
  }

  /** Units since it was asked last. */
  taken(): Counts {
    const counts = this.#counts;
    this.#counts = {};
    return counts;
  }
}
