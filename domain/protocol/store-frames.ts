/**
 * What a store sends to the chain, in the wire protocol that docs/protocol.md explains, and what a manager asks on a line.
 * What the chain sends is in chain-frames.ts.
 */
import * as v from 'valibot';
import { describeIssues } from '../issues.ts';
import { Currency } from '../money.ts';
import { Name } from '../names.ts';
import { MAX_SALES } from '../sales/sale.ts';
import { BusinessDay } from '../sales/sale-schema.ts';
import { plainText } from '../text.ts';
import { Timestamp } from '../time.ts';
import { messageEntries } from '../updates/topics.ts';
import { FrameError, parseObject } from './frame-error.ts';

/** Comes back in the answer. */
export const requestId = v.pipe(
  v.nullish(v.union([v.pipe(v.string(), v.maxLength(128)), v.pipe(v.number(), v.finite())])),
  v.transform(id => id ?? undefined),
);
const Channel = v.pipe(v.string(), v.maxLength(80));
/** Where a store stands. A negative number, which earlier versions saved, counts as the start. */
export const StorePositions = v.pipe(
  // `record` alone takes a list for an object.
  v.custom<Record<string, number>>(value => !Array.isArray(value), 'must be an object of channels'),
  v.record(
    Channel,
    v.pipe(
      v.number(),
      v.safeInteger(),
      v.transform(position => Math.max(0, position)),
    ),
  ),
);
/** Characters of a `cursor`. */
export const MAX_CURSOR_LENGTH = 4_096;
/** Of a `synced` whose store doesn't say that it takes more, and of one whose store does: API Gateway's longest message. */
export const SYNCED_BYTES = { least: 32 * 1_024, most: 128 * 1_024 };
/** Receipts that one frame may carry; they must also fit its 32 KB. */
export const MAX_RECEIPTS = 100;
/** Characters of a rejection's reason that are kept. */
export const MAX_REASON_LENGTH = 500;

/** A list is not looked into before its length is known to be allowed. */
function atMost(length: number) {
  return v.pipe(v.array(v.unknown()), v.maxLength(length));
}

const PingFrame = v.object({ action: v.literal('ping'), requestId });
/**
 * Asks for what was published past these positions; without them, from the start. `cursor` asks for the next page of
 * the current state, in place of positions. `maxBytes`: how large an answer the store takes, above 32 KB.
 */
const SyncFrame = v.object({
  action: v.literal('sync'),
  requestId,
  positions: v.optional(StorePositions),
  cursor: v.optional(v.pipe(v.string(), v.maxLength(MAX_CURSOR_LENGTH))),
  maxBytes: v.optional(v.pipe(v.number(), v.safeInteger())),
});
/** The receipts: what the store's own software has applied, or refused and why, and where the store stands. */
const receipts = {
  updates: v.optional(
    v.pipe(atMost(MAX_RECEIPTS), v.array(v.object({ id: Name, appliedAt: Timestamp }))),
    [],
  ),
  rejected: v.optional(
    v.pipe(
      atMost(MAX_RECEIPTS),
      v.array(
        v.object({
          id: Name,
          reason: v.pipe(
            v.string(),
            v.transform(reason => plainText(reason, MAX_REASON_LENGTH)),
          ),
        }),
      ),
    ),
    [],
  ),
  positions: v.optional(StorePositions),
};
const AppliedFrame = v.object({ action: v.literal('applied'), requestId, ...receipts });
/** Sales are checked one by one, so that a bad one doesn't hold up the others. */
const SalesFrame = v.object({
  action: v.literal('sales'),
  requestId,
  sales: v.pipe(
    v.array(v.unknown(), 'must be a list'),
    v.minLength(1, 'must hold at least one sale'),
    v.maxLength(MAX_SALES, `must hold at most ${MAX_SALES} sales`),
  ),
});
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** A till's own count of its day: what it sold, returned and voided, and the running number of the last one. */
export const TillClosing = v.object({
  till: Name,
  businessDay: BusinessDay,
  count,
  /** Of the totals, in minor units. */
  amount: v.pipe(v.number(), v.safeInteger()),
  currency: Currency,
  last: v.optional(count),
});
/** All that a store has to say, in one frame. */
const ReportFrame = v.object({
  action: v.literal('report'),
  requestId,
  sales: v.optional(
    v.pipe(
      v.array(v.unknown(), 'must be a list'),
      v.maxLength(MAX_SALES, `must hold at most ${MAX_SALES} sales`),
    ),
    [],
  ),
  ...receipts,
  /** Of what the store's book holds. */
  book: v.optional(v.pipe(v.string(), v.maxLength(64))),
  closing: v.optional(TillClosing),
});
/** What a till or a store's own system has to say to the chain's other systems: it goes to the outbound bus. */
const MessageFrame = v.object({
  action: v.literal('message'),
  requestId,
  messageId: Name,
  ...messageEntries,
  inReplyTo: v.optional(Name),
});
/** A manager wants to see figures as they come. */
const WatchFrame = v.object({ action: v.literal('watch'), requestId });
export const StoreFrame = v.variant('action', [
  PingFrame,
  SyncFrame,
  AppliedFrame,
  SalesFrame,
  ReportFrame,
  MessageFrame,
  WatchFrame,
]);

/** A frame as the chain reads it. */
export type StoreFrame = v.InferOutput<typeof StoreFrame>;
/** A frame as a store writes it. */
export type StoreFrameInput = v.InferInput<typeof StoreFrame>;
export type Action = StoreFrame['action'];

/** @throws FrameError with `invalid_json`, `invalid_frame` or `unknown_action`, naming what is wrong */
export function parseStoreFrame(text: string): StoreFrame {
  const frame = parseObject(text);
  const checkedId = v.safeParse(requestId, frame.requestId);
  const id = checkedId.success ? checkedId.output : undefined;
  const parsed = v.safeParse(StoreFrame, frame);
  if (parsed.success) return parsed.output;
  if (typeof frame.action !== 'string') {
    throw new FrameError('invalid_frame', 'action: must be a string', id);
  }
  if (!actions.has(frame.action)) {
    throw new FrameError('unknown_action', `action '${frame.action.slice(0, 64)}' is unknown`, id);
  }
  throw new FrameError('invalid_frame', describeIssues(parsed.issues, 'frame'), id);
}

const actions = new Set<string>(StoreFrame.options.map(option => option.entries.action.literal));
