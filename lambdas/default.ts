/**
 * Answers what stores send: reads the frame, hands it to the handler of its action, sends the answer back.
 *
 * Trigger: the WebSocket API's `$default` route, for every message. Its route response carries the answer. Frames of
 * one line run side by side and may repeat: each action says in its own file what makes that harmless.
 */
import {
  type Action,
  type AnswerFrame,
  FrameError,
  parseStoreFrame,
  type RequestId,
} from '../domain/protocol/store-frames.ts';
import { lazily } from './aws/environment.ts';
import { log } from './aws/log.ts';
import { applied } from './frames/applied.ts';
import type { FrameContext, FrameHandler, FrameOf } from './frames/frame-handler.ts';
import { ping } from './frames/ping.ts';
import { sales } from './frames/sales.ts';
import { sync } from './frames/sync.ts';
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

const handlers: { [A in Action]: FrameHandler<A> } = { applied, ping, sales, sync };

const runtime = lazily(() => {
  const log = updateLogFromEnvironment();
  const roster = rosterFromEnvironment();
  return {
    connections: connectionsFromEnvironment(),
    gateway: gatewayFromEnvironment(),
    log,
    catchUp: new CatchUp({ log, current: currentStateFromEnvironment() }),
    roster,
    frames: new StoreLimit({ roster, of: 'frames' }),
    receipts: receiptsFromEnvironment(),
    publishingTimes: new PublishingTimes({ updates: log }),
    sales: salesBookFromEnvironment(),
    hours: salesHoursFromEnvironment(),
  };
});

export const handler = async (event: WebSocketEvent) => {
  const answer = await answerTo(event);
  return { statusCode: 200, ...(answer === undefined ? {} : { body: JSON.stringify(answer) }) };
};

async function answerTo(event: WebSocketEvent): Promise<AnswerFrame | undefined> {
  let requestId: RequestId;
  try {
    const frame = parseStoreFrame(event.body ?? '');
    requestId = frame.requestId;
    const context = { line: lineOf(event), now: Date.now(), ...runtime() };
    await checkLimit(context, requestId);
    return await dispatch(frame, context);
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
async function checkLimit(
  { frames, line: { identity }, now }: FrameContext & { frames: StoreLimit },
  requestId: RequestId,
): Promise<void> {
  if (identity.role !== 'store' || (await frames.admits(identity.storeId, now))) return;
  const message = `more than ${FRAMES_PER_SECOND} frames in a second; send this one again a second later`;
  throw new FrameError('rate_limited', message, requestId);
}

/** A line that opened while its store was being revoked, so that nobody could close it, ends with what it says first. */
async function endRevoked(event: WebSocketEvent): Promise<undefined> {
  await runtime().gateway.close(lineOf(event).connectionId, 'revoked');
}

/** Generic, so that the compiler pairs each frame with the handler of its action. */
function dispatch<A extends Action>(frame: FrameOf<A>, context: FrameContext) {
  const handle: FrameHandler<A> = handlers[frame.action as A];
  return handle(frame, context);
}
