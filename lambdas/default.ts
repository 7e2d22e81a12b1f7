/**
 * Answers what stores send: reads the frame, hands it to the handler of its action, sends the answer back.
 *
 * Trigger: the WebSocket API's `$default` route, for every message. Its route response carries the answer. Frames of
 * one line run side by side and may repeat: each action says in its own file what makes that harmless.
 */
import {
  type Action,
  type AnswerFrame,
  type ErrorFrame,
  FrameError,
  parseStoreFrame,
} from '../domain/protocol.ts';
import type { FrameHandler } from './frames/frame-handler.ts';
import { ping } from './frames/ping.ts';
import { connectionsFromEnvironment } from './shared/connections.ts';
import { lazily } from './shared/environment.ts';
import { gatewayFromEnvironment } from './shared/gateway.ts';
import { lineOf, ownerOf, type WebSocketEvent } from './shared/line.ts';
import { log } from './shared/log.ts';

const handlers: { [A in Action]: FrameHandler<A> } = { ping };

const runtime = lazily(() => ({
  connections: connectionsFromEnvironment(),
  gateway: gatewayFromEnvironment(),
}));

export const handler = async (event: WebSocketEvent) => {
  const answer = await answerTo(event);
  return { statusCode: 200, ...(answer === undefined ? {} : { body: JSON.stringify(answer) }) };
};

async function answerTo(event: WebSocketEvent): Promise<AnswerFrame | undefined> {
  try {
    const frame = parseStoreFrame(event.body ?? '');
    return await handlers[frame.action](frame, { line: lineOf(event), now: Date.now(), ...runtime() });
  } catch (error) {
    return errorFrame(error, event);
  }
}

function errorFrame(error: unknown, event: WebSocketEvent): ErrorFrame {
  if (error instanceof FrameError) {
    return { type: 'error', requestId: error.requestId, code: error.code, message: error.message };
  }
  log.error('a frame failed', error, { owner: ownerOf(lineOf(event)) });
  return {
    type: 'error',
    requestId: undefined,
    code: 'internal',
    message: 'nothing was accepted; send it again',
  };
}
