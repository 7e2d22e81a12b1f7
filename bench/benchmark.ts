/** What every benchmark is: a file of bench/ that exports a title and `run`, which answers with rows and goals. */
import type { Options } from './bench-options.ts';

export interface Benchmark {
  title: string;
  run(options: Options): Promise<Outcome>;
}

export interface Outcome {
  rows: Row[];
  goals: (Goal | Retired)[];
  /** Writes what else tells of it than results.json, if it is kept there. */
  writePage?: () => void;
}

/** One variant, measured several times, in turn with the others that it is held against. */
export interface Row {
  variant: string;
  /** What was measured of it, where variants are compared in many ways; the name of each variant says it else. */
  figure?: string;
  /** The median of the runs; null is a dash: the variant has no such figure. */
  median: number | null;
  unit: string;
  /** In their order: what a noisy machine did shows here. */
  runs: number[];
  /** The median, over the runs, of the baseline's figure divided by this one's of the same run. */
  timesLess?: number;
}

interface Headline {
  what: string;
  value: number;
  unit: string;
}

/** What storecast wants to be; a ratio wherever there is something to hold it against. */
export interface Goal extends Headline {
  must: number;
  moonshot: number;
  better: 'more' | 'less';
}

/** It had a goal, and no bound is held against it any more. */
export interface Retired extends Headline {
  /** Why: it stands where the bound stood. */
  retired: string;
}

export function isMet({ better, must, value }: Goal): boolean {
  return better === 'more' ? value >= must : value <= must;
}

/** Collects the runs of variants that are measured in turn. */
export class Comparison {
  readonly #runs = new Map<string, number[]>();
  readonly #unit: string;
  readonly #baseline: string | undefined;

  constructor(unit: string, baseline?: string) {
    this.#unit = unit;
    this.#baseline = baseline;
  }

  add(variant: string, value: number): void {
    this.#runs.set(variant, [...(this.#runs.get(variant) ?? []), value]);
  }

  median(variant: string): number {
    return median(this.#runs.get(variant) ?? []);
  }

  /** How many times less than the baseline a variant took, run by run. */
  timesLess(variant: string): number {
    const baseline = this.#runs.get(this.#baseline ?? '') ?? [];
    return median(
      (this.#runs.get(variant) ?? []).map((value, index) => (baseline[index] ?? Number.NaN) / value),
    );
  }

  rows(): Row[] {
    return [...this.#runs].map(([variant, runs]) => ({
      variant,
      median: median(runs),
      unit: this.#unit,
      runs,
      ...(this.#baseline === undefined ? {} : { timesLess: this.timesLess(variant) }),
    }));
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}
