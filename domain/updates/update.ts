/** An update: what marketing published, ready to be sent; and its one encoding for the whole fleet. */
import * as v from 'valibot';
import type { LocalTimes } from '../retail/validity.ts';
import { type Audience, audienceChannels } from './channels.ts';
import type { RolloutPlan } from './rollout-plan.ts';
import type { UpdateData, UpdateKind } from './update-content.ts';

export type { UpdateKind } from './update-content.ts';

/** The `update` frame as a store gets it; what its `data` says is read by read-update.ts. */
export const UpdateFrame = v.object({
  type: v.literal('update'),
  id: v.string(),
  kind: v.picklist([
    ...(['price.changed', 'price.withdrawn', 'offer.published', 'offer.withdrawn'] as const),
    'message.published',
  ]),
  positions: v.record(v.string(), v.number()),
  publishedAt: v.string(),
  validFrom: v.nullable(v.string()),
  validUntil: v.nullable(v.string()),
  validFromLocal: v.exactOptional(v.string()),
  validUntilLocal: v.exactOptional(v.string()),
  /** Somebody waits for the receipts: they go at once, not with the store's next report. */
  receipts: v.exactOptional(v.literal('now')),
  data: v.record(v.string(), v.unknown()),
});
export type UpdateFrame = v.InferOutput<typeof UpdateFrame>;

/** What is said in the stores' local time has the `Local` property, and null for the other. */
export interface UpdateValidity extends LocalTimes {
  /** When it takes effect; null is at once. */
  validFrom: string | null;
  /** When it is over; null is never. An offer always ends. */
  validUntil: string | null;
}

interface Envelope<K extends UpdateKind> extends UpdateValidity {
  id: string;
  kind: K;
  /** When it was published, stamped once: as the publisher says, else as published-events.ts takes it from the event. */
  publishedAt: string;
  /** Whom it concerns; undefined is every store. */
  audience: Audience | undefined;
  /** The price list that it is a part of; only head office hears of it. */
  priceList?: string | undefined;
  /** Whether stores send their receipts at once. */
  receipts?: 'now';
  /** How it is to go out in waves, each of which is an update without it. */
  rollout?: RolloutPlan;
  /** The withdrawal that it is a further part of, since its frame holds no more; only the chain knows of it. */
  partOf?: string;
  data: UpdateData<K>;
}

export type UpdateOf<K extends UpdateKind> = Envelope<K>;
/** Discriminated by `kind`. */
export type Update = { [K in UpdateKind]: Envelope<K> }[UpdateKind];
/** What lists show of an update. */
export type UpdateSummary = Omit<Envelope<UpdateKind>, 'data'>;

/** Position of an update in each channel that it was published to. */
export type Positions = Record<string, number>;

/** An encoded update in bytes; with room for what the gateway and `synced` put around it, a frame holds 32 KB. */
export const MAX_UPDATE_BYTES = 30_000;

export class UpdateTooLargeError extends Error {
  override readonly name = 'UpdateTooLargeError';
}

/** The `update` frame of an update at these positions; fields of a newer version go along. */
export function toFrame(update: Update, positions: Positions): UpdateFrame {
  const { id, kind, audience: _, priceList: __, rollout: ___, partOf: ____, ...rest } = update;
  return { type: 'update', id, kind, positions, ...rest };
}

/**
 * The frame, encoded once for the whole fleet.
 *
 * @throws UpdateTooLargeError past 30,000 bytes of UTF-8: it could not travel in one frame
 */
export function encodeUpdate(update: Update, positions: Positions): string {
  const frame = JSON.stringify(toFrame(update, positions));
  const bytes = new TextEncoder().encode(frame).length;
  if (bytes > MAX_UPDATE_BYTES) {
    throw new UpdateTooLargeError(
      `the update takes ${bytes} bytes, more than the ${MAX_UPDATE_BYTES} of a frame`,
    );
  }
  return frame;
}

const WIDEST_POSITION = 999_999_999;
/** The longest name that a store may have (domain/names.ts). */
const WIDEST_STORE = 'x'.repeat(64);

/** Refuses at publish what would be too large once its positions are known: each is taken as nine digits long. */
export function checkSize(update: Update): void {
  encodeUpdate(update, widestPositions(audienceChannels(update.audience)));
  // A wave names its stores, and goes out in as many updates as that takes: one store of it must fit.
  if (update.rollout !== undefined) encodeUpdate(update, widestPositions([`store/${WIDEST_STORE}`]));
}

/** Bytes that its frame has left for more, by the same measure. */
export function roomIn(update: Update): number {
  const frame = JSON.stringify(toFrame(update, widestPositions(audienceChannels(update.audience))));
  return MAX_UPDATE_BYTES - new TextEncoder().encode(frame).length;
}

/** Bytes that a position in a channel takes in a frame, at the most. */
export function positionBytes(channel: string): number {
  return channel.length + String(WIDEST_POSITION).length + '"":,'.length;
}

function widestPositions(channels: readonly string[]): Positions {
  return Object.fromEntries(channels.map(channel => [channel, WIDEST_POSITION]));
}
