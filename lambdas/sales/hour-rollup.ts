/**
 * Rolls up the hours of the sales that have ended, newest first. A roll-up can't miss a sale that was answered:
 *
 * - A sale of an hour that ended at least a minute ago is late: it enters its minute, then outdates the hour, and is
 *   answered after that. A sale that was entered but not answered is sent again, and outdates the hour then.
 * - An hour is rolled up three minutes after its end, and two minutes after it was last outdated. Earlier sales are in
 *   the index by then, by any function's clock.
 * - A head is read before the index, and written on condition that the hour was not outdated in between.
 */

import { chunks } from '../../domain/chunks.ts';
import { HOUR_MS, hourAt, startOf, startTimeOf } from '../../domain/sales/hours.ts';
import { GROUPINGS, Totals } from '../../domain/sales/sales-sums.ts';
import type { SalesHours } from './sales-hours.ts';
import type { SalesIndex } from './sales-index.ts';
import { addMinute, BUCKETS } from './sales-items.ts';

/** How long after its hour a sale is late. */
const LATE_AFTER_MS = 60_000;
/** Later than LATE_AFTER_MS by more than a function's timeout, the skew of clocks and the index's delay together. */
const CLOSED_AFTER_MS = 180_000;
const SETTLED_AFTER_MS = 120_000;
/** How far back to look for hours that were never rolled up: longer than the schedule may ever fail. */
const MISSING_HOURS = 48;
/** How far back to look for hours that late sales have changed: as far as one request for totals reaches. */
const CHANGED_HOURS = 32 * 24;

/** Whether a sale of this hour must outdate it. @param now milliseconds since the epoch */
export function isLate(hour: string, now: number): boolean {
  return now >= startTimeOf(hour) + HOUR_MS + LATE_AFTER_MS;
}

interface Due {
  bucket: number;
  hour: string;
  version: number | undefined;
}

export interface SalesRollupOptions {
  hours: SalesHours;
  index: SalesIndex;
  /** How far back it looks for hours that were never rolled up. @default 48 */
  missingHours?: number;
}

export class SalesRollup {
  readonly #hours: SalesHours;
  readonly #index: SalesIndex;
  readonly #missingHours: number;

  constructor({ hours, index, missingHours = MISSING_HOURS }: SalesRollupOptions) {
    this.#hours = hours;
    this.#index = index;
    this.#missingHours = missingHours;
  }

  /**
   * @param now milliseconds since the epoch
   * @param mayGoOn is called before each group of hours; the next run goes on where this one stops
   */
  async run(now: number, mayGoOn: () => boolean): Promise<{ rolledUp: number; left: number }> {
    const due = await this.#due(now);
    let [rolledUp, begun] = [0, 0];
    for (const some of chunks(due, BUCKETS)) {
      if (!mayGoOn()) break;
      const done = await Promise.all(some.map(one => this.#rollUp(one)));
      rolledUp += done.filter(Boolean).length;
      begun += some.length;
    }
    return { rolledUp, left: due.length - begun };
  }

  async #due(now: number): Promise<Due[]> {
    const last = hourAt(now - CLOSED_AFTER_MS - HOUR_MS);
    const buckets = Array.from({ length: BUCKETS }, (_, bucket) => this.#dueOf(bucket, last, now));
    return (await Promise.all(buckets)).flat().sort((a, b) => b.hour.localeCompare(a.hour));
  }

  async #dueOf(bucket: number, last: string, now: number): Promise<Due[]> {
    const end = startTimeOf(last);
    const heads = await this.#hours.heads(bucket, hourAt(end - CHANGED_HOURS * HOUR_MS), last);
    const known = new Set(heads.map(({ hour }) => hour));
    const missing = Array.from({ length: this.#missingHours }, (_, index) => hourAt(end - index * HOUR_MS));
    return [
      ...missing.filter(hour => !known.has(hour)).map(hour => ({ bucket, hour, version: undefined })),
      ...heads
        .filter(({ rollup, changedAt }) => rollup === undefined && changedAt <= now - SETTLED_AFTER_MS)
        .map(({ hour, version }) => ({ bucket, hour, version })),
    ];
  }

  async #rollUp({ bucket, hour, version }: Due): Promise<boolean> {
    const sums = new Map(GROUPINGS.map(by => [by, new Totals()]));
    const span = { from: startOf(hour), to: startOf(hourAt(startTimeOf(hour) + HOUR_MS)) };
    for await (const items of this.#index.minutes(bucket, span, GROUPINGS)) {
      for (const item of items) for (const [by, totals] of sums) addMinute(totals, by, item);
    }
    return this.#hours.rollUp(bucket, hour, version, sums);
  }
}
