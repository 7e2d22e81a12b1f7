/**
 * What the chain sends to a store, in the wire protocol that docs/protocol.md explains. What a store sends is in
 * store-frames.ts, what a manager gets in manager-frames.ts.
 */
import * as v from 'valibot';
import { describeIssues } from '../issues.ts';
import type { ClosingCount } from '../sales/gaps.ts';
import type { RefusedSale } from '../sales/sale.ts';
import { Timestamp } from '../time.ts';
import { type Positions, UpdateFrame, type UpdateKind } from '../updates/update.ts';
import { type ErrorCode, FrameError, parseObject, type RequestId } from './frame-error.ts';
import type { WatchingFrame } from './manager-frames.ts';
import { requestId, StorePositions, TillClosing } from './store-frames.ts';

/** IANA, of the store's local times: the chain's placement goes before the token. A chain from before says nothing. */
type StoreTimeZone = string | undefined;
/**
 * Newest positions of all the store's channels, 0 where nothing was published. It also comes unasked, without a
 * `requestId`, when the chain has placed the store anew.
 */
export type PongFrame = {
  type: 'pong';
  requestId?: RequestId;
  positions: Positions;
  timeZone?: StoreTimeZone;
  serverTime: string;
  reportEveryMs?: number | undefined;
};
/**
 * Answer to `sync`. `positions` is where the store stands once it has taken `updates`; it names every channel of the
 * store. `recovered: false`: the log no longer reaches back to the store's positions, and the updates are the current
 * state instead, which replaces what the store holds. Its pages carry a `cursor` in place of positions, the first also
 * `first`; positions come with the last. `more`: sync again, with the cursor or else from the positions just given.
 */
export type SyncedFrame = {
  type: 'synced';
  requestId?: RequestId;
  recovered: boolean;
  updates: ArrivedUpdate[];
  positions?: Positions | undefined;
  cursor?: string | undefined;
  first?: boolean | undefined;
  more: boolean;
  timeZone?: StoreTimeZone;
  serverTime: string;
  reportEveryMs?: number | undefined;
};
/** An update of a kind that this version doesn't know: it takes its position and is rejected `unsupported_kind`. */
export type UnsupportedUpdate = { type: 'update'; id: string; kind: string; positions: Positions };
/** An update as a store reads it. */
export type ArrivedUpdate = UpdateFrame | UnsupportedUpdate;
/** The receipts of these updates are stored; the store repeats them until it is told so. */
export type AppliedAcceptedFrame = { type: 'applied.accepted'; requestId?: RequestId; ids: string[] };
/** These sales are stored, each counted once. Those that are rejected will never be taken as they are. */
export type SalesAcceptedFrame = {
  type: 'sales.accepted';
  requestId?: RequestId;
  saleIds: string[];
  rejected: RefusedSale[];
};
/** The message is on the outbound bus. The store repeats it under its id until it is told so. */
export type MessageAcceptedFrame = { type: 'message.accepted'; requestId?: RequestId; messageId: string };
/** Answer to `report`: `sales.accepted`, `applied.accepted` and `pong` in one. */
export type ReportAcceptedFrame = {
  type: 'report.accepted';
  requestId?: RequestId;
  saleIds: string[];
  rejected: RefusedSale[];
  ids: string[];
  positions: Positions;
  timeZone?: StoreTimeZone;
  /** How often stores report now. */
  reportEveryMs: number;
  serverTime: string;
  closing?: ClosingCount | undefined;
  /** The store's book is not what it should be: it takes all that is in force anew. */
  resync?: boolean | undefined;
};
/** Stores report so often from now on, until `until` at most. */
export type PaceFrame = { type: 'pace'; reportEveryMs: number; until: string };
export type ErrorFrame = { type: 'error'; requestId?: RequestId; code: ErrorCode; message: string };
/** `replaced`: a newer line of this store took over, called `by` if it named itself. `revoked`: the store is. */
export type ClosingFrame = { type: 'closing'; reason: 'replaced' | 'revoked'; by?: string | undefined };
export type AnswerFrame =
  | PongFrame
  | SyncedFrame
  | AppliedAcceptedFrame
  | SalesAcceptedFrame
  | ReportAcceptedFrame
  | MessageAcceptedFrame
  | WatchingFrame
  | ErrorFrame;
/** Whatever the chain may send. */
export type ChainFrame = AnswerFrame | ArrivedUpdate | ClosingFrame | PaceFrame;

/** Whether this runtime knows it is the till's business: the rest of the frame counts anyway. */
const timeZone = v.optional(v.string());
const reportEveryMs = v.pipe(v.number(), v.integer(), v.minValue(1));
const refusedSales = v.array(
  v.object({ saleId: v.nullable(v.string()), code: v.string(), message: v.string() }),
);

/** Every frame but `update`; the updates in `synced` are read one by one. */
export const ChainAnswer = v.variant('type', [
  v.object({
    type: v.literal('pong'),
    requestId,
    positions: StorePositions,
    timeZone,
    serverTime: v.string(),
    reportEveryMs: v.optional(reportEveryMs),
  }),
  v.object({
    type: v.literal('synced'),
    requestId,
    recovered: v.boolean(),
    updates: v.array(v.unknown()),
    positions: v.optional(StorePositions),
    cursor: v.optional(v.string()),
    first: v.optional(v.boolean()),
    more: v.boolean(),
    timeZone,
    serverTime: v.string(),
    reportEveryMs: v.optional(reportEveryMs),
  }),
  v.object({ type: v.literal('applied.accepted'), requestId, ids: v.array(v.string()) }),
  v.object({
    type: v.literal('sales.accepted'),
    requestId,
    saleIds: v.array(v.string()),
    rejected: refusedSales,
  }),
  v.object({
    type: v.literal('report.accepted'),
    requestId,
    saleIds: v.array(v.string()),
    rejected: refusedSales,
    ids: v.array(v.string()),
    positions: StorePositions,
    timeZone,
    reportEveryMs,
    serverTime: v.string(),
    closing: v.optional(
      v.object({
        ...TillClosing.entries,
        agrees: v.boolean(),
        missing: v.array(v.number()),
        missingCount: v.number(),
      }),
    ),
    resync: v.optional(v.boolean()),
  }),
  v.object({ type: v.literal('message.accepted'), requestId, messageId: v.string() }),
  v.object({ type: v.literal('pace'), reportEveryMs, until: Timestamp }),
  v.object({ type: v.literal('error'), requestId, code: v.string(), message: v.string() }),
  v.object({ type: v.literal('closing'), reason: v.string(), by: v.optional(v.string()) }),
]);
const answerTypes = new Set<string>(ChainAnswer.options.map(option => option.entries.type.literal));

const knownKinds: Record<UpdateKind, true> = {
  'price.changed': true,
  'price.withdrawn': true,
  'offer.published': true,
  'offer.withdrawn': true,
  'message.published': true,
};
export const UnsupportedUpdate = v.object({
  type: v.literal('update'),
  id: v.string(),
  kind: v.string(),
  positions: v.record(v.string(), v.number()),
});

/** Whether this version knows the update's kind. */
export function isSupported(update: ArrivedUpdate): update is UpdateFrame {
  return Object.hasOwn(knownKinds, update.kind);
}

/**
 * A frame from the chain, for a client.
 *
 * @param unreadable told of each update in `synced` that isn't of its shape; the others are taken
 * @returns undefined for a frame of a type that this version doesn't know, and for the gateway's own error frame
 * `{"message","connectionId","requestId"}` (nothing was accepted): a client lets both pass, and repeats what was
 * not answered
 * @throws FrameError if it is no JSON object, or of a known type and not of its shape
 */
export function parseChainFrame(
  text: string,
  unreadable: (error: FrameError) => void = () => {},
): ChainFrame | undefined {
  const frame = parseObject(text);
  if (frame.type === 'update') return parseUpdate(frame);
  if (typeof frame.type !== 'string' || !answerTypes.has(frame.type)) return undefined;
  const parsed = v.safeParse(ChainAnswer, frame);
  if (!parsed.success) throw new FrameError('invalid_frame', describeIssues(parsed.issues, frame.type));
  if (parsed.output.type !== 'synced') return parsed.output as ChainFrame;
  return { ...parsed.output, updates: parseUpdates(parsed.output.updates, unreadable) };
}

function parseUpdates(values: unknown[], unreadable: (error: FrameError) => void): ArrivedUpdate[] {
  return values.flatMap(value => {
    try {
      return [parseUpdate(value)];
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      unreadable(error);
      return [];
    }
  });
}

function parseUpdate(value: unknown): ArrivedUpdate {
  const envelope = v.safeParse(UnsupportedUpdate, value);
  if (envelope.success && !isSupported(envelope.output)) return envelope.output;
  const parsed = v.safeParse(UpdateFrame, value);
  if (parsed.success) return parsed.output;
  throw new FrameError('invalid_frame', describeIssues(parsed.issues, 'update'));
}
