/**
 * Sales, answered after they are stored. Each counts once: a repeated sale is accepted again and changes nothing, in
 * the same frame, another one, or days later. Another sale under its name is refused. A bad sale is rejected with its
 * reason and does not hold up the others. A late sale is announced to its hour before it is entered, so a frame that
 * fails in between has outdated a roll-up in vain, and no roll-up misses a sale.
 */
import type { Identity } from '../../domain/identity/identity.ts';
import { FrameError } from '../../domain/protocol/frame-error.ts';
import { hourOf } from '../../domain/sales/hours.ts';
import { checkSale, minuteOf, type RefusedSale, type Sale } from '../../domain/sales/sale.ts';
import { log } from '../aws/log.ts';
import { isLate } from '../sales/hour-rollup.ts';
import type { NotEntered, SalesBook } from '../sales/sales-book.ts';
import type { SalesHours } from '../sales/sales-hours.ts';
import type { FrameHandler } from './frame-handler.ts';

export interface SalesOptions {
  book: SalesBook;
  hours: SalesHours;
  /** How old a sale may be, in days. */
  oldestSaleDays: number;
}

const DAY_MS = 86_400_000;

type Store = Extract<Identity, { role: 'store' }>;

/** What became of the sales of a frame. */
export interface TakenSales {
  /** Stored, now or before. */
  saleIds: string[];
  rejected: RefusedSale[];
}

export function answerSales(options: SalesOptions): FrameHandler<'sales'> {
  return async ({ requestId, sales }, { line: { identity }, now }) => {
    if (identity.role !== 'store') throw new FrameError('forbidden', 'only a store sells', requestId);
    const taken = await takeSales(options, sales, identity, now);
    const { rejected, saleIds } = taken;
    log.info(
      'sales',
      { storeId: identity.storeId },
      { SalesAccepted: saleIds.length, SalesRefused: rejected.length },
    );
    return { type: 'sales.accepted', requestId, ...taken };
  };
}

/** Resolves once they are stored. */
export async function takeSales(
  { book, hours, oldestSaleDays }: SalesOptions,
  sales: readonly unknown[],
  store: Store,
  now: number,
): Promise<TakenSales> {
  const { good, refused } = judge(sales, now, oldestSaleDays * DAY_MS);
  const announce = announcer(hours, store.storeId, now);
  const entered = await Promise.all(
    [...Map.groupBy(good, ({ soldAt }) => minuteOf(soldAt))].map(async ([minute, sales]) => {
      const beforeEntering = announce(hourOf(minute));
      return settled(sales, await book.enter({ store, minute, sales, now, beforeEntering }));
    }),
  );
  return {
    saleIds: entered.flatMap(minute => minute.saleIds),
    rejected: [...refused, ...entered.flatMap(minute => minute.rejected)],
  };
}

/** The sales of a frame that can be taken, and those that can't. */
function judge(sales: readonly unknown[], now: number, maxAgeMs: number) {
  const refused: RefusedSale[] = [];
  const good: Sale[] = [];
  for (const value of sales) {
    const checked = checkSale(value, now, maxAgeMs);
    if ('refused' in checked) refused.push(checked.refused);
    else good.push(checked.sale);
  }
  return { good, refused };
}

/** What announces the late sales of an hour: once for each bucket, however many minutes of the frame ask for it. */
function announcer(hours: SalesHours, storeId: string, now: number) {
  const announced = new Map<string, Promise<void>>();
  return (hour: string) => {
    if (!isLate(hour, now)) return undefined;
    return (bucket: number) => {
      const key = `${bucket}#${hour}`;
      const done = announced.get(key) ?? hours.announce({ bucket, hour, storeId, now });
      announced.set(key, done);
      return done;
    };
  };
}

/** A sale that is in the frame twice is told once. */
function settled(sales: readonly Sale[], notEntered: readonly NotEntered[]) {
  const refused = new Set(notEntered.map(({ sale }) => sale));
  const accepted = sales.filter(sale => !refused.has(sale));
  const unique = new Map(accepted.map(({ till, saleId }) => [`${till ?? ''}/${saleId}`, saleId]));
  return { saleIds: [...unique.values()], rejected: notEntered.map(toRefused) };
}

function toRefused({ sale: { saleId, soldAt, till }, code }: NotEntered): RefusedSale {
  const minute = minuteOf(soldAt);
  if (code === 'minute_full') return { saleId, code, message: `the minute ${minute} holds no more sales` };
  const where = till === undefined ? '' : ` of till ${till}`;
  return { saleId, code, message: `the minute ${minute} has another sale ${saleId}${where}` };
}
