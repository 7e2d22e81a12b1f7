/**
 * What answers one kind of frame: a new kind is one file beside this one, and one line in default.ts. Each file names
 * the collaborators that its frame needs.
 */
import type { AnswerFrame } from '../../domain/protocol/chain-frames.ts';
import type { StoreFrame } from '../../domain/protocol/store-frames.ts';
import type { Line } from '../registry/connections.ts';

/** The line that a frame came on, and when. */
export interface Arrival {
  line: Line;
  /** Milliseconds since the epoch. */
  now: number;
}

/** The frame of one action. */
export type FrameOf<Action extends StoreFrame['action']> = Extract<StoreFrame, { action: Action }>;

/** Answers a frame; undefined where there is nobody left to answer. @throws FrameError for an `error` frame */
export type FrameHandler<Action extends StoreFrame['action']> = (
  frame: FrameOf<Action>,
  arrival: Arrival,
) => Promise<AnswerFrame | undefined>;
