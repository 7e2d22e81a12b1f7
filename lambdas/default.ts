/**
 * Answers what stores send: reads the frame, hands it to the handler of its action, sends the answer back.
 *
 * Trigger: the WebSocket API's `$default` route, for every message. Its route response carries the answer. Frames of
 * one line run side by side and may repeat: the file of each action says what makes that harmless.
 */
import {
  type Action,
  type AnswerFrame,
  FrameError,
  parseStoreFrame,
  type RequestId,
  type StoreFrame,
} from '../domain/protocol/store-frames.ts';
import { lazily } from './aws/environment.ts';
import { log } from './aws/log.ts';
import { answerApplied } from './frames/applied.ts';
import type { Arrival, FrameHandler, FrameOf } from './frames/frame-handler.ts';
import { answerPing } from './frames/ping.ts';
import { answerSales } from './frames/sales.ts';
import { answerSync } from './frames/sync.ts';
import { gatewayFromEnvironment } from './gateway/gateway.ts';
import { receiptsFromEnvironment } from './receipts/receipts.ts';
import { connectionsFromEnvironment } from './registry/connections.ts';
import { lineOf, ownerOf, type WebSocketEvent } from './registry/line-of-event.ts';
import { RevokedError, rosterFromEnvironment } from './registry/roster.ts';
import { FRAMES_PER_SECOND, StoreLimit } from './registry/store-limit.ts';
import { salesBookFromEnvironment } from './sales/sales-book.ts';
import { salesHoursFromEnvironment } from './sales/sales-hours.ts';
import { currentStateFromEnvironment } from './updates/current-state.ts';
import { CatchUp } from './updates/missed-updates.ts';
import { PublishingTimes } from './updates/publishing-times.ts';
import { updateLogFromEnvironment } from './updates/update-log.ts';

type Handlers = { [A in Action]: FrameHandler<A> };

const runtime = lazily(() => {
  const log = updateLogFromEnvironment();
  const roster = rosterFromEnvironment();
  const gateway = gatewayFromEnvironment();
  const keepers = { connections: connectionsFromEnvironment(), gateway, roster };
  const handlers: Handlers = {
    applied: answerApplied({
      publishingTimes: new PublishingTimes({ updates: log }),
      receipts: receiptsFromEnvironment(),
      roster,
    }),
    ping: answerPing({ ...keepers, log }),
    sales: answerSales({ book: salesBookFromEnvironment(), hours: salesHoursFromEnvironment() }),
    sync: answerSync({ ...keepers, catchUp: new CatchUp({ log, current: currentStateFromEnvironment() }) }),
  };
  return { gateway, handlers, limit: new StoreLimit({ roster, of: 'frames' }) };
});

export const handler = async (event: WebSocketEvent) => {
  const answer = await answerTo(event);
  return { statusCode: 200, ...(answer === undefined ? {} : { body: JSON.stringify(answer) }) };
};

/** Reads the frame, checks that the store has not sent too many, and hands it to the handler of its action. */
async function answerTo(event: WebSocketEvent): Promise<AnswerFrame | undefined> {
  let requestId: RequestId;
  try {
    const frame = parseStoreFrame(event.body ?? '');
    requestId = frame.requestId;
    const arrival = { line: lineOf(event), now: Date.now() };
    await checkLimit(arrival, frame);
    return await dispatch(frame, arrival);
  } catch (error) {
    if (error instanceof FrameError) {
      return { type: 'error', requestId: error.requestId, code: error.code, message: error.message };
    }
    if (error instanceof RevokedError) return endRevoked(event);
    log.error('a frame failed', error, { owner: ownerOf(lineOf(event)) });
    return { type: 'error', requestId, code: 'internal', message: 'nothing was accepted; send it again' };
  }
}

/** @throws FrameError if the store has sent too many */
async function checkLimit({ line: { identity }, now }: Arrival, { requestId }: StoreFrame): Promise<void> {
  if (identity.role !== 'store' || (await runtime().limit.admits(identity.storeId, now))) return;
  const message = `more than ${FRAMES_PER_SECOND} frames in a second; send this one again a second later`;
  throw new FrameError('rate_limited', message, requestId);
}

/** Generic, so that the compiler pairs each frame with the handler of its action. */
function dispatch<A extends Action>(frame: FrameOf<A>, arrival: Arrival) {
  const handle: FrameHandler<A> = runtime().handlers[frame.action as A];
  return handle(frame, arrival);
}

/** Closes a line that opened while its store was being revoked, when nobody could close it: with its first frame. */
async function endRevoked(event: WebSocketEvent): Promise<undefined> {
  await runtime().gateway.close(lineOf(event).connectionId, 'revoked');
}
