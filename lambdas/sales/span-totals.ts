/**
 * Totals of a span, exact at the moment of reading: whole hours from their roll-ups where those hold, with the stores
 * that these leave out; everything else (the edges, the current hour, hours that late sales have changed) from the index.
 */
import { daysIn, type Span } from '../../domain/sales/hours.ts';
import { type AuditTotal, AuditTotals } from '../../domain/sales/price-audit.ts';
import { type Total, Totals } from '../../domain/sales/sales-sums.ts';
import { type AuditedBy, type Cut, isReadByStore, keysOf, sumsFor } from './regional-sums.ts';
import type { SalesHours } from './sales-hours.ts';
import type { SalesIndex } from './sales-index.ts';
import { addMinute, addMinuteAudit } from './sales-items.ts';
import { SpanReading, type Summing } from './span-reading.ts';

/** Minutes of stores: five hours of the reference fleet. */
const MOST_MINUTES = 300_000;

export interface SalesTotalsOptions {
  hours: SalesHours;
  index: SalesIndex;
  /** Minutes of stores that are read without a roll-up. @default 300,000 */
  mostMinutes?: number;
}

export class SalesTotals {
  readonly #hours: SalesHours;
  readonly #index: SalesIndex;
  readonly #mostMinutes: number;

  constructor({ hours, index, mostMinutes = MOST_MINUTES }: SalesTotalsOptions) {
    this.#hours = hours;
    this.#index = index;
    this.#mostMinutes = mostMinutes;
  }

  /** In the order of key and currency. @throws NotRolledUpError */
  async of(span: Span, cut: Cut): Promise<Total[]> {
    const totals = new Totals();
    const by = sumsFor(cut.by);
    const keyOf = keysOf(cut);
    const reading = this.#reading({
      kind: by,
      needs: by,
      addMinute: item => addMinute(totals, by, item, keyOf),
      addHour: sums => totals.addEncoded(sums, keyOf),
    });
    if (isReadByStore(cut)) {
      await Promise.all(daysIn(span).map(day => reading.addStore(cut.store, day)));
    } else {
      await this.#readAll(reading, span);
    }
    return totals.list();
  }

  /** How lines compare with the listed prices, in the order of key and currency. @throws NotRolledUpError */
  async audit(span: Span, by: AuditedBy): Promise<AuditTotal[]> {
    const audit = new AuditTotals();
    const keyOf = keysOf({ by });
    const reading = this.#reading({
      kind: `${by}Audit`,
      needs: 'sku',
      addMinute: item => addMinuteAudit(audit, by, item, keyOf),
      addHour: counts => audit.addEncoded(counts, keyOf),
    });
    await this.#readAll(reading, span);
    return audit.list();
  }

  #reading(summing: Summing): SpanReading {
    return new SpanReading(this.#hours, this.#index, summing, this.#mostMinutes);
  }

  async #readAll(reading: SpanReading, span: Span): Promise<void> {
    await Promise.all(this.#index.buckets.map(bucket => reading.addBucket(bucket, span)));
  }
}
