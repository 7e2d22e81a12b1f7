/**
 * Rolls up the hours of the sales that have ended, newest first. A roll-up can't miss a sale that was answered:
 *
 * - A sale of an hour that ended at least two and a half minutes ago is late: it is announced to the hour, then enters its minute, and
 *   is answered after that. Only sales that are new to their minute are announced.
 * - An hour is rolled up four and a half minutes after its end. Sales that were not late are in the index by then, by any
 *   function's clock.
 * - Stores that have changed the hour are left out at first, and totals read them by themselves. Two minutes after the
 *   last announcement, when what was announced is in the index, the hour is rolled up whole.
 * - A head is read before the index, and written on condition that it was not changed in between (sales-hours.ts).
 */
import { chunks } from '../../domain/chunks.ts';
import { HOUR_MS, hourAt, startOf, startTimeOf } from '../../domain/sales/hours.ts';
import { AuditTotals, isOffPrice } from '../../domain/sales/price-audit.ts';
import { Totals } from '../../domain/sales/sales-sums.ts';
import { currentRollup, type HourHead } from './hour-items.ts';
import { AUDITED_BY, type PieceKind, ROLLED_UP_BY, storeIn } from './regional-sums.ts';
import type { Closing, RegionalSums, SalesHours } from './sales-hours.ts';
import { placeOf, type SalesIndex } from './sales-index.ts';
import { addMinute, addMinuteAudit } from './sales-items.ts';

/** How long after its hour a sale is late: stores that rest send it a minute and a half after it was sold, or a minute later. */
const LATE_AFTER_MS = 150_000;
/** Later than LATE_AFTER_MS by more than a function's timeout, the skew of clocks and the index's delay together. */
const CLOSED_AFTER_MS = 270_000;
/** The same after an announcement. */
const SETTLED_AFTER_MS = 120_000;
/** How far back to look for hours that were never rolled up: longer than the schedule may ever fail. */
const MISSING_HOURS = 48;
/** How far back to look for hours that late sales have changed: as far as one request for totals reaches. */
const CHANGED_HOURS = 32 * 24;

/** Whether a sale of this hour must be announced to it. @param now milliseconds since the epoch */
export function isLate(hour: string, now: number): boolean {
  return now >= startTimeOf(hour) + HOUR_MS + LATE_AFTER_MS;
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
   * @returns `left`: hours that are not rolled up whole after this run; `offPrice`: stores that have charged other prices
   * than they list in an hour which was rolled up for the first time, with or without them
   */
  async run(now: number, mayGoOn: () => boolean) {
    const open = await this.#open(now);
    const due = open.filter(({ head, isWhole }) => isWhole || (head && isOutdated(head)));
    let [rolledUp, whole] = [0, 0];
    const offPrice: string[] = [];
    for (const some of chunks(due, this.#index.buckets.length)) {
      if (!mayGoOn()) break;
      const done = await Promise.all(some.map(one => this.#rollUp(one)));
      rolledUp += done.filter(found => found !== undefined).length;
      whole += some.filter(({ isWhole }, index) => isWhole && done[index] !== undefined).length;
      offPrice.push(...done.flatMap((found = []) => found));
    }
    return { rolledUp, left: open.length - whole, offPrice };
  }

  /** The hours that are not rolled up whole, newest first. */
  async #open(now: number): Promise<Closing[]> {
    const last = hourAt(now - CLOSED_AFTER_MS - HOUR_MS);
    const open = await Promise.all(this.#index.buckets.map(bucket => this.#openOf(bucket, last, now)));
    return open.flat().sort((a, b) => b.hour.localeCompare(a.hour));
  }

  async #openOf(bucket: number, last: string, now: number): Promise<Closing[]> {
    const end = startTimeOf(last);
    const heads = await this.#hours.heads(bucket, hourAt(end - CHANGED_HOURS * HOUR_MS), last);
    const known = new Set(heads.map(({ hour }) => hour));
    const missing = Array.from({ length: this.#missingHours }, (_, index) => hourAt(end - index * HOUR_MS));
    return [
      ...missing
        .filter(hour => !known.has(hour))
        .map(hour => ({ bucket, hour, head: undefined, isWhole: true })),
      ...heads
        .filter(head => head.changed.length > 0 || head.isOverrun || head.rollup === undefined)
        .map(head => ({ bucket, hour: head.hour, head, isWhole: head.changedAt <= now - SETTLED_AFTER_MS })),
    ];
  }

  /** @returns undefined if it was not entered, else the stores that charge other prices than they list */
  async #rollUp(closing: Closing): Promise<string[] | undefined> {
    const { bucket, head, hour, isWhole } = closing;
    const sums = ROLLED_UP_BY.map(by => [by, new Totals()] as const);
    const audits = { store: new AuditTotals(), sku: new AuditTotals() };
    const apart = new Set(isWhole ? [] : head?.changed);
    const span = { from: startOf(hour), to: startOf(hourAt(startTimeOf(hour) + HOUR_MS)) };
    for await (const items of this.#index.minutes(bucket, span, ROLLED_UP_BY)) {
      for (const item of items) {
        if (apart.has(placeOf(item).store)) continue;
        for (const [by, totals] of sums) addMinute(totals, by, item);
        for (const by of AUDITED_BY) addMinuteAudit(audits[by], by, item);
      }
    }
    const pieces: RegionalSums = new Map<PieceKind, Totals | AuditTotals>([
      ...sums,
      ...AUDITED_BY.map(by => [`${by}Audit`, audits[by]] as const),
    ]);
    if (!(await this.#hours.rollUp(closing, pieces))) return undefined;
    return audits.store
      .list()
      .filter(isOffPrice)
      .map(({ key }) => storeIn(key))
      .filter(store => head?.rollup === undefined || head.changed.includes(store));
  }
}

/** Totals have to read all of the hour, and need not: the stores that have changed it can be left out. */
function isOutdated(head: HourHead): boolean {
  return !head.isOverrun && currentRollup(head) === undefined;
}
