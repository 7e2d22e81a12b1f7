/**
 * The wire protocol between a store and the chain: every frame, in both directions. Both sides parse with this
 * module and nothing else. docs/protocol.md explains it with example conversations.
 */
import * as v from 'valibot';
import type { Positions } from './update.ts';

/** The subprotocol that a handshake selects. */
export const SUBPROTOCOL = 'storecast.v1';
/** Prefix of the subprotocol by which a client that can't set headers brings its token. */
export const BEARER_SUBPROTOCOL_PREFIX = 'bearer.';

/** Store to chain. `requestId` comes back in the answer. */
const requestId = v.optional(v.union([v.pipe(v.string(), v.maxLength(128)), v.number()]));
const StoreFrame = v.variant('action', [v.object({ action: v.literal('ping'), requestId })]);

export type StoreFrame = v.InferOutput<typeof StoreFrame>;
export type Action = StoreFrame['action'];

/** Chain to store. */
export type ErrorCode =
  | 'invalid_json'
  | 'invalid_frame'
  | 'unknown_action'
  | 'forbidden'
  | 'rate_limited'
  | 'internal';
export type RequestId = string | number | undefined;

export type PongFrame = { type: 'pong'; requestId: RequestId; positions: Positions; serverTime: string };
export type ErrorFrame = { type: 'error'; requestId: RequestId; code: ErrorCode; message: string };
/** `replaced`: a newer line of this store took over. `revoked`: its store is. Neither client comes back by itself. */
export type ClosingFrame = { type: 'closing'; reason: 'replaced' | 'revoked' };
export type AnswerFrame = PongFrame | ErrorFrame;

/** A frame that can't be taken; becomes an `error` frame on a line that stays open. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
  readonly code: ErrorCode;
  readonly requestId: RequestId;
  constructor(code: ErrorCode, message: string, requestId?: RequestId) {
    super(message);
    this.code = code;
    this.requestId = requestId;
  }
}

/** @throws FrameError with `invalid_json`, `invalid_frame` or `unknown_action`, naming what is wrong */
export function parseStoreFrame(text: string): StoreFrame {
  const frame = parseObject(text);
  const id = v.is(requestId, frame.requestId) ? frame.requestId : undefined;
  const parsed = v.safeParse(StoreFrame, frame);
  if (parsed.success) return parsed.output;
  if (typeof frame.action !== 'string') {
    throw new FrameError('invalid_frame', 'action: must be a string', id);
  }
  if (!actions.has(frame.action)) {
    throw new FrameError('unknown_action', `action '${frame.action.slice(0, 64)}' is unknown`, id);
  }
  const problems = parsed.issues.map(issue => `${v.getDotPath(issue) ?? 'frame'}: ${issue.message}`);
  throw new FrameError('invalid_frame', problems.slice(0, 10).join('; '), id);
}

const actions = new Set<string>(StoreFrame.options.map(option => option.entries.action.literal));

function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new FrameError('invalid_json', 'the frame is not JSON');
    throw error;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new FrameError('invalid_frame', 'the frame must be a JSON object');
  }
  return value as Record<string, unknown>;
}
