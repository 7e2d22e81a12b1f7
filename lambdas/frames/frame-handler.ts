/** What answers one kind of frame: a new kind is one file beside this one, and one line in default.ts. */
import type { AnswerFrame, StoreFrame } from '../../domain/protocol.ts';
import type { Connections, Line } from '../shared/connections.ts';
import type { Gateway } from '../shared/gateway.ts';

export interface FrameContext {
  line: Line;
  connections: Connections;
  gateway: Gateway;
  /** Milliseconds since the epoch. */
  now: number;
}

/** The frame of one action. */
export type FrameOf<Action extends StoreFrame['action']> = Extract<StoreFrame, { action: Action }>;

/** Answers a frame; undefined where there is nobody left to answer. @throws FrameError for an `error` frame */
export type FrameHandler<Action extends StoreFrame['action']> = (
  frame: FrameOf<Action>,
  context: FrameContext,
) => Promise<AnswerFrame | undefined>;
