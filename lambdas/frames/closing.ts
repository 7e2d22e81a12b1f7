/** A till closes its day: whether the chain counts what the till does, and which of its sales are missing. */
import { type ClosingCount, closingOf, type TillClosing } from '../../domain/sales/gaps.ts';
import type { SalesBook } from '../sales/sales-book.ts';
import { salesAround } from '../sales/sales-of-day.ts';

export async function closingAnswer(
  book: Pick<SalesBook, 'salesOf'>,
  storeId: string,
  closing: TillClosing,
): Promise<ClosingCount> {
  return closingOf(await salesAround(storeId, closing.businessDay, book), closing);
}
