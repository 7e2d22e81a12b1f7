/**
 * Sales, answered after they are stored. Each counts once: a repeated sale is accepted again and changes nothing, in
 * the same frame, another one, or days later. A bad sale is rejected with its reason and does not hold up the others. A
 * late sale outdates the roll-up of its hour, also when it is repeated: the first attempt may have failed before it did
 * so.
 */
import { FrameError } from '../../domain/protocol/store-frames.ts';
import { hourOf } from '../../domain/sales/hours.ts';
import { checkSale, minuteOf, type RefusedSale, type Sale } from '../../domain/sales/sale.ts';
import type { StorePlacement } from '../../domain/updates/channels.ts';
import { log } from '../aws/log.ts';
import { isLate } from '../sales/hour-rollup.ts';
import type { SalesBook } from '../sales/sales-book.ts';
import type { SalesHours } from '../sales/sales-hours.ts';
import type { FrameHandler } from './frame-handler.ts';

export function answerSales({ book, hours }: { book: SalesBook; hours: SalesHours }): FrameHandler<'sales'> {
  return async ({ requestId, sales }, { line: { identity }, now }) => {
    if (identity.role !== 'store') throw new FrameError('forbidden', 'only a store sells', requestId);
    const { minutes, refused } = judge(sales, now);
    const entered = await Promise.all(
      [...minutes].map(([minute, sales]) => enter(book, identity, minute, [...sales.values()])),
    );
    await outdate(hours, identity.storeId, [...minutes.keys()], now);
    const saleIds = entered.flatMap(minute => minute.saleIds);
    const rejected = [...refused, ...entered.flatMap(minute => minute.rejected)];
    const { storeId } = identity;
    // The hot path: one line a frame, and as short as it can be.
    log.info('sales', { storeId }, { SalesAccepted: saleIds.length, SalesRefused: rejected.length });
    return { type: 'sales.accepted', requestId, saleIds, rejected };
  };
}

/** The sales of a frame that can be taken, by minute and id, and those that can't. */
function judge(sales: readonly unknown[], now: number) {
  const refused: RefusedSale[] = [];
  const minutes = new Map<string, Map<string, Sale>>();
  for (const value of sales) {
    const checked = checkSale(value, now);
    if ('refused' in checked) refused.push(checked.refused);
    else addTo(minutes, checked.sale);
  }
  return { minutes, refused };
}

async function outdate(hours: SalesHours, storeId: string, minutes: string[], now: number): Promise<void> {
  const late = new Set(minutes.map(hourOf).filter(hour => isLate(hour, now)));
  await Promise.all([...late].map(hour => hours.outdate(storeId, hour, now)));
}

/** A sale that is in the frame twice is one. */
function addTo(minutes: Map<string, Map<string, Sale>>, sale: Sale): void {
  const minute = minuteOf(sale.soldAt);
  const sales = minutes.get(minute) ?? new Map<string, Sale>();
  if (!sales.has(sale.saleId)) sales.set(sale.saleId, sale);
  minutes.set(minute, sales);
}

async function enter(
  book: SalesBook,
  store: StorePlacement,
  minute: string,
  sales: readonly Sale[],
): Promise<{ saleIds: string[]; rejected: RefusedSale[] }> {
  const refused = new Set((await book.enter(store, minute, sales)).map(({ saleId }) => saleId));
  return {
    saleIds: sales.map(({ saleId }) => saleId).filter(saleId => !refused.has(saleId)),
    rejected: [...refused].map(saleId => ({
      saleId,
      code: 'minute_full',
      message: `the minute ${minute} holds no more sales`,
    })),
  };
}
