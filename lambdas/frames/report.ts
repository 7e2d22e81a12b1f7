/**
 * All that a store has to say in one frame: sales, receipts, where it stands. Each part is answered as in a frame of its
 * own, and may be repeated for the same reasons; the answer says how often stores report now.
 */
import type { AnswerFrame } from '../../domain/protocol/chain-frames.ts';
import { FrameError } from '../../domain/protocol/frame-error.ts';
import type { FrameHandler } from './frame-handler.ts';

interface Parts {
  applied: FrameHandler<'applied'>;
  ping: FrameHandler<'ping'>;
  sales: FrameHandler<'sales'>;
  /** Milliseconds between reports while nobody watches. */
  restingReportMs: number;
}

export function answerReport({ applied, ping, restingReportMs, sales }: Parts): FrameHandler<'report'> {
  return async ({ requestId, sales: sold, updates, rejected, positions }, arrival) => {
    if (arrival.line.identity.role !== 'store')
      throw new FrameError('forbidden', 'only a store reports', requestId);
    const pong = await ping({ action: 'ping', requestId }, arrival);
    if (pong?.type !== 'pong') return pong;
    const [taken, stored] = await Promise.all([
      sold.length === 0 ? undefined : sales({ action: 'sales', requestId, sales: sold }, arrival),
      applied({ action: 'applied', requestId, updates, rejected, positions }, arrival),
    ]);
    return {
      type: 'report.accepted',
      requestId,
      ...salesIn(taken),
      ids: stored?.type === 'applied.accepted' ? stored.ids : [],
      positions: pong.positions,
      reportEveryMs: restingReportMs,
      serverTime: pong.serverTime,
    };
  };
}

function salesIn(answer: AnswerFrame | undefined) {
  return answer?.type === 'sales.accepted'
    ? { saleIds: answer.saleIds, rejected: answer.rejected }
    : { saleIds: [], rejected: [] };
}
