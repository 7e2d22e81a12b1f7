/**
 * The throughput of partitions ("Designing partition keys to distribute your workload"): each partition key of a table or
 * index has so many units a second, and what it did not use for five minutes is there for a burst. On AWS several keys may
 * share a partition, and a hot one gets one of its own (adaptive capacity): here every key has one.
 */

export interface UnitLimit {
  /** Units a second. */
  rate: number;
  /** Units that are saved up at most. */
  burst: number;
}

interface Partition {
  units: number;
  filledAt: number;
}

/** Forgetting those that are full again takes a walk over all of them: not before there are so many. */
const FEWEST_TO_SWEEP = 10_000;

export class Partitions {
  readonly #limit: UnitLimit;
  readonly #now: () => number;
  /** One that is not here is full. */
  readonly #partitions = new Map<string, Partition>();
  #sweepAt = FEWEST_TO_SWEEP;

  /** @param now milliseconds since the epoch */
  constructor(limit: UnitLimit, now: () => number) {
    this.#limit = limit;
    this.#now = now;
  }

  /** Those that are not full. */
  get size(): number {
    return this.#partitions.size;
  }

  /** Whether anything is left. A request may take more than that, and those after it wait until it is paid. */
  has(id: string): boolean {
    const partition = this.#partitions.get(id);
    return partition === undefined || this.#refill(partition) > 0;
  }

  take(id: string, units: number): void {
    const partition = this.#partitions.get(id) ?? this.#open(id);
    partition.units = this.#refill(partition) - units;
  }

  #refill(partition: Partition): number {
    const now = this.#now();
    const earned = ((now - partition.filledAt) / 1000) * this.#limit.rate;
    partition.units = Math.min(this.#limit.burst, partition.units + earned);
    partition.filledAt = now;
    return partition.units;
  }

  #open(id: string): Partition {
    if (this.#partitions.size >= this.#sweepAt) this.#sweep();
    const partition = { units: this.#limit.burst, filledAt: this.#now() };
    this.#partitions.set(id, partition);
    return partition;
  }

  #sweep(): void {
    for (const [id, partition] of this.#partitions) {
      if (this.#refill(partition) >= this.#limit.burst) this.#partitions.delete(id);
    }
    this.#sweepAt = Math.max(FEWEST_TO_SWEEP, this.#partitions.size * 2);
  }
}
