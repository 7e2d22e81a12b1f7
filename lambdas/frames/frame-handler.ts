/** What answers one kind of frame: a new kind is one file beside this one, and one line in default.ts. */
import type { AnswerFrame, StoreFrame } from '../../domain/protocol/store-frames.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Receipts } from '../receipts/receipts.ts';
import type { Connections, Line } from '../registry/connections.ts';
import type { Roster } from '../registry/roster.ts';
import type { SalesBook } from '../sales/sales-book.ts';
import type { SalesHours } from '../sales/sales-hours.ts';
import type { CatchUp } from '../updates/missed-updates.ts';
import type { PublishingTimes } from '../updates/publishing-times.ts';
import type { UpdateLog } from '../updates/update-log.ts';

export interface FrameContext {
  line: Line;
  connections: Connections;
  gateway: Gateway;
  log: UpdateLog;
  catchUp: CatchUp;
  roster: Roster;
  receipts: Receipts;
  publishingTimes: PublishingTimes;
  sales: SalesBook;
  hours: SalesHours;
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
