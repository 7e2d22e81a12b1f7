/**
 * Sales, answered after they are stored. Each counts once: a repeated sale is accepted again and changes nothing, in the
 * same frame, another one, or days later. A bad sale is rejected with its reason and doesn't hold up the others. A late
 * sale outdates the roll-up of its hour, a repeated one too: the frame that entered it may have died before it did.
 */

import { FrameError } from '../../domain/protocol/store-frames.ts';
import { hourOf } from '../../domain/sales/hours.ts';
import { checkSale, minuteOf, type RefusedSale, type Sale } from '../../domain/sales/sale.ts';
import type { StorePlacement } from '../../domain/updates/channels.ts';
import { log } from '../aws/log.ts';
import { isLate } from '../sales/hour-rollup.ts';
import type { FrameContext, FrameHandler } from './frame-handler.ts';

export const sales: FrameHandler<'sales'> = async (frame, context) => {
  const { identity } = context.line;
  if (identity.role !== 'store') throw new FrameError('forbidden', 'only a store sells', frame.requestId);
  const rejected: RefusedSale[] = [];
  const minutes = new Map<string, Map<string, Sale>>();
  for (const value of frame.sales) {
    const checked = checkSale(value, context.now);
    if ('refused' in checked) rejected.push(checked.refused);
    else addTo(minutes, checked.sale);
  }
  const entered = await Promise.all(
    [...minutes].map(([minute, sales]) => enter(context, identity, minute, [...sales.values()])),
  );
  await outdate(context, identity, [...minutes.keys()]);
  const saleIds = entered.flatMap(minute => minute.saleIds);
  rejected.push(...entered.flatMap(minute => minute.rejected));
  const { storeId } = identity;
  // The hot path: one line a frame, and as short as it can be.
  log.info('sales', { storeId }, { SalesAccepted: saleIds.length, SalesRefused: rejected.length });
  return { type: 'sales.accepted', requestId: frame.requestId, saleIds, rejected };
};

async function outdate({ hours, now }: FrameContext, { storeId }: StorePlacement, minutes: string[]) {
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
  context: FrameContext,
  store: StorePlacement,
  minute: string,
  sales: readonly Sale[],
): Promise<{ saleIds: string[]; rejected: RefusedSale[] }> {
  const refused = new Set((await context.sales.enter(store, minute, sales)).map(({ saleId }) => saleId));
  return {
    saleIds: sales.map(({ saleId }) => saleId).filter(saleId => !refused.has(saleId)),
    rejected: [...refused].map(saleId => ({
      saleId,
      code: 'minute_full',
      message: `the minute ${minute} holds no more sales`,
    })),
  };
}
