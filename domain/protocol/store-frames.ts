/**
 * The wire protocol between a store and the chain: every frame, in both directions. Both sides parse with this
 * module and nothing else. docs/protocol.md explains it with example conversations.
 */
import * as v from 'valibot';
import { describeIssues } from '../issues.ts';
import { Name } from '../names.ts';
import { MAX_SALES, type RefusedSale } from '../sales/sale.ts';
import { plainText } from '../text.ts';
import { Timestamp } from '../time.ts';
import { type Positions, UpdateFrame, type UpdateKind } from '../updates/update.ts';

/** The subprotocol that a handshake selects. */
export const SUBPROTOCOL = 'storecast.v1';
/** Prefix of the subprotocol by which a client that can't set headers brings its token. */
export const BEARER_SUBPROTOCOL_PREFIX = 'bearer.';
/** Prefix of the subprotocol by which a line that can't set the header `Storecast-Line` names itself. */
export const LINE_SUBPROTOCOL_PREFIX = 'line.';

/** Store to chain. `requestId` comes back in the answer. */
const requestId = v.pipe(
  v.nullish(v.union([v.pipe(v.string(), v.maxLength(128)), v.pipe(v.number(), v.finite())])),
  v.transform(id => id ?? undefined),
);
const Channel = v.pipe(v.string(), v.maxLength(80));
/** Where a store stands. A negative number, which earlier versions saved, counts as the start. */
const StorePositions = v.pipe(
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
 * the current state, in place of positions.
 */
const SyncFrame = v.object({
  action: v.literal('sync'),
  requestId,
  positions: v.optional(StorePositions),
  cursor: v.optional(v.pipe(v.string(), v.maxLength(MAX_CURSOR_LENGTH))),
});
/** The receipts: what the store's own software has applied, or refused and why, and where the store stands. */
const AppliedFrame = v.object({
  action: v.literal('applied'),
  requestId,
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
});
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
const StoreFrame = v.variant('action', [PingFrame, SyncFrame, AppliedFrame, SalesFrame]);

/** A frame as the chain reads it. */
export type StoreFrame = v.InferOutput<typeof StoreFrame>;
/** A frame as a store writes it. */
export type StoreFrameInput = v.InferInput<typeof StoreFrame>;
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

/** Newest positions of all the store's channels, 0 where nothing was published. */
export type PongFrame = { type: 'pong'; requestId?: RequestId; positions: Positions; serverTime: string };
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
  serverTime: string;
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
export type ErrorFrame = { type: 'error'; requestId?: RequestId; code: ErrorCode; message: string };
/** `replaced`: a newer line of this store took over, called `by` if it named itself. `revoked`: the store is. */
export type ClosingFrame = { type: 'closing'; reason: 'replaced' | 'revoked'; by?: string | undefined };
export type AnswerFrame = PongFrame | SyncedFrame | AppliedAcceptedFrame | SalesAcceptedFrame | ErrorFrame;
/** Whatever the chain may send. */
export type ChainFrame = AnswerFrame | ArrivedUpdate | ClosingFrame;

/** Every frame but `update`; the updates in `synced` are read one by one. */
const ChainAnswer = v.variant('type', [
  v.object({ type: v.literal('pong'), requestId, positions: StorePositions, serverTime: v.string() }),
  v.object({
    type: v.literal('synced'),
    requestId,
    recovered: v.boolean(),
    updates: v.array(v.unknown()),
    positions: v.optional(StorePositions),
    cursor: v.optional(v.string()),
    first: v.optional(v.boolean()),
    more: v.boolean(),
    serverTime: v.string(),
  }),
  v.object({ type: v.literal('applied.accepted'), requestId, ids: v.array(v.string()) }),
  v.object({
    type: v.literal('sales.accepted'),
    requestId,
    saleIds: v.array(v.string()),
    rejected: v.array(v.object({ saleId: v.nullable(v.string()), code: v.string(), message: v.string() })),
  }),
  v.object({ type: v.literal('error'), requestId, code: v.string(), message: v.string() }),
  v.object({ type: v.literal('closing'), reason: v.string(), by: v.optional(v.string()) }),
]);
const answerTypes = new Set<string>(ChainAnswer.options.map(option => option.entries.type.literal));

const knownKinds: Record<UpdateKind, true> = {
  'price.changed': true,
  'offer.published': true,
  'offer.withdrawn': true,
};
const UnsupportedUpdate = v.object({
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
