/**
 * Answers what stores send: charges for the frame, reads it, hands it to the handler of its action, sends the answer back.
 *
 * Trigger: the WebSocket API's `$default` route, for every message. Its route response carries the answer. Frames of
 * one line run side by side and may repeat: the file of each action says what makes that harmless.
 */

import type { MetricName } from '../domain/metrics.ts';
import { Environment } from '../domain/names.ts';
import type { AnswerFrame } from '../domain/protocol/chain-frames.ts';
import { FrameError, type RequestId } from '../domain/protocol/frame-error.ts';
import { type Action, parseStoreFrame } from '../domain/protocol/store-frames.ts';
import { readTopics } from '../domain/updates/topics.ts';
import { lazily, required, requiredNumber } from './aws/environment.ts';
import { GatheredMetrics } from './aws/gathered-metrics.ts';
import { log } from './aws/log.ts';
import type { Metrics } from './aws/metric-lines.ts';
import { answerText } from './frames/answer-text.ts';
import { answerApplied } from './frames/applied.ts';
import { FrameBudget } from './frames/frame-budget.ts';
import type { Arrival, FrameHandler, FrameOf } from './frames/frame-handler.ts';
import { answerMessage } from './frames/message.ts';
import { answerPing } from './frames/ping.ts';
import { RecentPositions } from './frames/recent-positions.ts';
import { refuseRevoked } from './frames/refuse-revoked.ts';
import { answerReport } from './frames/report.ts';
import { requestIdOf } from './frames/request-id.ts';
import { answerSales } from './frames/sales.ts';
import { answerSync } from './frames/sync.ts';
import { answerWatch } from './frames/watch.ts';
import { gatewayFromEnvironment } from './gateway/gateway.ts';
import { outboundBusFromEnvironment } from './outbound/put-events.ts';
import { inboxFromEnvironment } from './receipts/receipt-inbox.ts';
import { connectionsFromEnvironment, type Line } from './registry/connections.ts';
import { lineOf, ownerOf, type WebSocketEvent } from './registry/line-of-event.ts';
import { paceFromEnvironment } from './registry/pace.ts';
import { RevokedError, rosterFromEnvironment } from './registry/roster.ts';
import { StoreLimit } from './registry/store-limit.ts';
import { salesBookFromEnvironment } from './sales/sales-book.ts';
import { salesHoursFromEnvironment } from './sales/sales-hours.ts';
import { currentStateFromEnvironment } from './updates/current-state.ts';
import { KnownUpdates } from './updates/known-updates.ts';
import { CatchUp } from './updates/missed-updates.ts';

import { updateLogFromEnvironment } from './updates/update-log.ts';

type Handlers = { [A in Action]: FrameHandler<A> };

const runtime = lazily(() => {
  const log = updateLogFromEnvironment();
  const roster = rosterFromEnvironment();
  const gateway = gatewayFromEnvironment();
  const keepers = { connections: connectionsFromEnvironment(), gateway, roster };
  const pace = paceFromEnvironment(requiredNumber(Environment.watchedReportMs));
  const restingMs = 1_000 * requiredNumber(Environment.restingReportSeconds);
  const reportEveryMs = (now: number) => pace.reportEveryMs(restingMs, now);
  const recent = new RecentPositions(log);
  const receiptKeepers = {
    inbox: inboxFromEnvironment(),
    knownUpdates: new KnownUpdates({ updates: log }),
  };
  const sales = {
    book: salesBookFromEnvironment(),
    hours: salesHoursFromEnvironment(),
    oldestSaleDays: requiredNumber(Environment.oldestSaleDays),
  };
  const catchUp = new CatchUp({ log, current: currentStateFromEnvironment() });
  const handlers: Handlers = {
    applied: answerApplied({ ...receiptKeepers, roster }),
    message: refuseRevoked(
      roster,
      answerMessage({
        outbound: outboundBusFromEnvironment(),
        topics: readTopics(required(Environment.messageTopics)),
      }),
    ),
    ping: answerPing({ ...keepers, log, reportEveryMs }),
    report: answerReport({
      ...keepers,
      ...receiptKeepers,
      ...sales,
      newest: (channels, now) => recent.of(channels, now),
      reportEveryMs,
      metrics: new GatheredMetrics('reports'),
    }),
    sales: refuseRevoked(roster, answerSales(sales)),
    sync: answerSync({ ...keepers, catchUp, reportEveryMs }),
    watch: answerWatch({ pace }),
  };
  const units = new StoreLimit({ roster, of: 'units' });
  const syncs = new StoreLimit({ roster, of: 'syncs' });
  return { budget: new FrameBudget({ gateway, syncs, units }), gateway, handlers };
});

/** What an action's frames that failed are counted as. */
const failures = {
  applied: 'ReceiptsFailed',
  message: 'MessagesFailed',
  ping: 'PingsFailed',
  report: 'SalesFailed',
  sales: 'SalesFailed',
  sync: 'SyncsFailed',
  watch: 'PingsFailed',
} as const satisfies Record<Action, MetricName>;

export const handler = async (event: WebSocketEvent) => {
  const answer = await answerTo(lineOf(event), event.body ?? '', Date.now());
  return { statusCode: 200, ...(answer === undefined ? {} : { body: answerText(answer) }) };
};

async function answerTo(line: Line, text: string, now: number): Promise<AnswerFrame | undefined> {
  const { budget } = runtime();
  let action: Action | undefined;
  let requestId: RequestId;
  try {
    await budget.take(line, now);
    const frame = parseStoreFrame(text);
    ({ action, requestId } = frame);
    return await budget.spend(line, frame, now, () => dispatch(frame, { line, now }));
  } catch (error) {
    if (error instanceof FrameError) {
      const { code, message } = error;
      return { type: 'error', requestId: error.requestId ?? requestIdOf(text), code, message };
    }
    if (error instanceof RevokedError) return endRevoked(line, requestId);
    log.error('a frame failed', error, { owner: ownerOf(line), action }, countFailed(action));
    return { type: 'error', requestId, code: 'internal', message: 'nothing was accepted; send it again' };
  }
}

/** One that failed before it was read counts as a ping. */
function countFailed(action: Action = 'ping'): Metrics {
  return { [failures[action]]: 1 };
}

/** Generic, so that the compiler pairs each frame with the handler of its action. */
function dispatch<A extends Action>(frame: FrameOf<A>, arrival: Arrival) {
  const handle: FrameHandler<A> = runtime().handlers[frame.action as A];
  return handle(frame, arrival);
}

/**
 * Closes a line that opened while its store was being revoked, or that could not be closed then. While it can't be
 * closed it is refused frame by frame.
 */
async function endRevoked(line: Line, requestId: RequestId): Promise<AnswerFrame | undefined> {
  try {
    await runtime().gateway.close(line.connectionId, { reason: 'revoked' });
    return undefined;
  } catch (error) {
    log.error('the line of a revoked store could not be closed', error, { owner: ownerOf(line) });
    return { type: 'error', requestId, code: 'forbidden', message: 'the store is revoked' };
  }
}
