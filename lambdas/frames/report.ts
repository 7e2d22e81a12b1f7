/**
 * All that a store has to say in one frame: sales, receipts, where it stands. Each part is answered as in a frame of its
 * own, and may be repeated for the same reasons. At rest it comes once a minute from each store, so it reads the line's
 * entry and the store's, writes what is new, and no log line.
 */
import { FrameError } from '../../domain/protocol/frame-error.ts';
import { storeChannels } from '../../domain/updates/channels.ts';
import type { Positions } from '../../domain/updates/update.ts';
import type { GatheredMetrics } from '../aws/gathered-metrics.ts';
import { timeZoneOf } from '../registry/placement.ts';
import { type ReceiptKeepers, takeReceipts } from './applied.ts';
import { closingAnswer } from './closing.ts';
import type { FrameHandler } from './frame-handler.ts';
import { holdTheLine, type LineKeepers } from './hold-the-line.ts';
import { type SalesOptions, takeSales } from './sales.ts';

export interface ReportOptions extends LineKeepers, ReceiptKeepers, SalesOptions {
  /** Newest positions, some seconds old at most. */
  newest: (channels: readonly string[], now: number) => Promise<Positions>;
  reportEveryMs: (now: number) => Promise<number>;
  metrics: GatheredMetrics;
}

export function answerReport(options: ReportOptions): FrameHandler<'report'> {
  return async (frame, arrival) => {
    const { closing, requestId } = frame;
    const { line, now } = arrival;
    const { identity } = line;
    if (identity.role !== 'store') throw new FrameError('forbidden', 'only a store reports', requestId);
    // First, since it refuses a revoked store, of which nothing counts.
    const store = await holdTheLine(options, arrival, { anew: false, stands: frame });
    if (store?.role !== 'store') return undefined;
    const [sold, received, positions, reportEveryMs] = await Promise.all([
      takeSales(options, frame.sales, store, now),
      takeReceipts(options, frame, store, now),
      options.newest(storeChannels(store), now),
      options.reportEveryMs(now),
    ]);
    const { rejected, saleIds } = sold;
    const counts = { SalesAccepted: saleIds.length, SalesRefused: rejected.length };
    options.metrics.add({ ...counts, AppliedLag: received.lags }, now);
    return {
      type: 'report.accepted',
      requestId,
      ...sold,
      ids: received.ids,
      positions,
      timeZone: timeZoneOf(store),
      reportEveryMs,
      serverTime: new Date(now).toISOString(),
      ...(store.isAdrift === true && { resync: true }),
      // After its own sales are in.
      ...(closing && { closing: await closingAnswer(options.book, identity.storeId, closing) }),
    };
  };
}
