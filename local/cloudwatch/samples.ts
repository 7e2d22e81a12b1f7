/** The values of one metric: the last, sum, count and extremes of all of them, percentiles of the latest. */

export interface Statistics {
  sum: number;
  count: number;
  min: number;
  max: number;
  /** What a gauge says now. */
  last: number;
  p50: number;
  p99: number;
}

/** Enough for a p99, and little memory. */
const LATEST = 5_000;

export class Samples {
  readonly #latest: number[] = [];
  #sum = 0;
  #count = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;
  #last = Number.NaN;

  add(value: number): void {
    this.#latest[this.#count % LATEST] = value;
    this.#sum += value;
    this.#count += 1;
    this.#min = Math.min(this.#min, value);
    this.#max = Math.max(this.#max, value);
    this.#last = value;
  }

  /** Of at least one value. */
  statistics(): Statistics {
    const sorted = this.#latest.toSorted((one, other) => one - other);
    // The nearest rank: a value that was measured.
    const percentile = (percent: number) => sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? 0;
    return {
      sum: this.#sum,
      count: this.#count,
      min: this.#min,
      max: this.#max,
      last: this.#last,
      p50: percentile(50),
      p99: percentile(99),
    };
  }
}
