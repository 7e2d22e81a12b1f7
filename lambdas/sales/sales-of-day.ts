/** A store's sales of a business day, and those of the days around it, by which gaps in their numbers are told. */
import { daysIn } from '../../domain/sales/hours.ts';
import { minuteOf, type Sale } from '../../domain/sales/sale.ts';
import type { SalesBook } from './sales-book.ts';

const DAY_MS = 86_400_000;
/** A business day begins up to 14 hours before that of UTC and may end after midnight; a store may be closed the day before. */
const DAYS_BEFORE = 2;
const DAYS_AFTER = 3;

/** What is told of each sale. */
export type SaleOfDay = Pick<Sale, 'businessDay' | 'currency' | 'sequence' | 'soldAt' | 'till' | 'total'>;

/** In the order of their times. @param businessDay `2026-12-01` */
export async function salesAround(
  storeId: string,
  businessDay: string,
  book: Pick<SalesBook, 'salesOf'>,
): Promise<SaleOfDay[]> {
  const minuteAt = (days: number) =>
    minuteOf(new Date(Date.parse(businessDay) + days * DAY_MS).toISOString());
  const read = daysIn({ from: minuteAt(-DAYS_BEFORE), to: minuteAt(DAYS_AFTER) }).map(
    async ({ from, to }) => {
      const found: SaleOfDay[] = [];
      for await (const minute of book.salesOf(storeId, from, to)) {
        for (const { businessDay, currency, sequence, soldAt, till, total } of minute)
          found.push({ businessDay, currency, sequence, soldAt, till, total });
      }
      return found;
    },
  );
  return (await Promise.all(read)).flat();
}
