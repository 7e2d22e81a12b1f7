/**
 * Metrics of what goes well, gathered in this environment and written once a minute: a log line for each frame would cost
 * more than its handling. An environment that ends, or is never used again, takes its last minute with it, so nothing that
 * rings hangs on them: failures are written as they happen.
 */
import type { MetricName } from '../../domain/metrics.ts';
import { log } from './log.ts';
import type { Metrics } from './metric-lines.ts';

const MINUTE_MS = 60_000;
/** The most values of one metric that a line may carry. */
const MOST_VALUES = 100;

export class GatheredMetrics {
  readonly #what: string;
  readonly #counts = new Map<MetricName, number>();
  readonly #values = new Map<MetricName, number[]>();
  #minute = 0;

  /** @param what the message of its lines */
  constructor(what: string) {
    this.#what = what;
  }

  /** Adds numbers to their sums, and lists, of a hundred values at most, to their values. */
  add(metrics: Metrics, now: number): void {
    this.tick(now);
    for (const [name, value] of Object.entries(metrics) as [MetricName, Metrics[MetricName]][]) {
      if (typeof value === 'number') this.#counts.set(name, (this.#counts.get(name) ?? 0) + value);
      else if (value !== undefined) this.#keep(name, value);
    }
  }

  /** Writes what was gathered, once its minute is over. */
  tick(now: number): void {
    const minute = Math.floor(now / MINUTE_MS);
    if (minute === this.#minute) return;
    this.#minute = minute;
    this.#write();
  }

  #keep(name: MetricName, added: readonly number[]): void {
    const kept = this.#values.get(name) ?? [];
    if (kept.length + added.length > MOST_VALUES) this.#write();
    this.#values.set(name, [...(this.#values.get(name) ?? []), ...added]);
  }

  #write(): void {
    if (this.#counts.size + this.#values.size === 0) return;
    log.info(this.#what, {}, { ...Object.fromEntries(this.#counts), ...Object.fromEntries(this.#values) });
    this.#counts.clear();
    this.#values.clear();
  }
}
