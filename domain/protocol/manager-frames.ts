/**
 * What the chain pushes to managers, at most one frame of a kind a second. All of it is absolute, so that a frame that
 * comes twice or late does no harm, and a page that missed some asks the HTTP API for the whole.
 */
import * as v from 'valibot';
import { Timestamp } from '../time.ts';
import type { RequestId } from './frame-error.ts';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** A store's minute in one currency, as it stands: of two totals of the same minute, the higher count is the newer. */
const SalesTotalsFrame = v.object({
  type: v.literal('sales.totals'),
  items: v.array(
    v.object({
      store: v.string(),
      /** As the HTTP API writes it: `2026-12-01T08:00Z`. */
      minute: v.string(),
      count,
      /** Minor units; past 2^53 its digits are all in the JSON, and the nearest double is read. */
      amount: v.pipe(v.number(), v.integer()),
      currency: v.string(),
    }),
  ),
});

/** Where an update stands with the stores it is for. */
const DeliveryFrame = v.object({
  type: v.literal('delivery'),
  updateId: v.string(),
  targeted: count,
  applied: count,
  rejected: count,
  pending: count,
  offline: count,
});

/** Stores that came on the line, or went off it, and when. */
const PresenceFrame = v.object({
  type: v.literal('presence'),
  items: v.array(v.object({ storeId: v.string(), connected: v.boolean(), at: Timestamp })),
});

/** Answer to `watch`: until then stores report each second. */
const WatchingFrame = v.object({ type: v.literal('watching'), until: Timestamp });

export const ManagerFrame = v.variant('type', [
  SalesTotalsFrame,
  DeliveryFrame,
  PresenceFrame,
  WatchingFrame,
]);

export type SalesTotalsFrame = v.InferOutput<typeof SalesTotalsFrame>;
export type DeliveryFrame = v.InferOutput<typeof DeliveryFrame>;
export type PresenceFrame = v.InferOutput<typeof PresenceFrame>;
export type WatchingFrame = v.InferOutput<typeof WatchingFrame> & { requestId?: RequestId };
export type ManagerFrame = v.InferOutput<typeof ManagerFrame>;

/**
 * A frame to a manager, for a page.
 *
 * @returns undefined for a frame of another kind, such as a `pong`
 */
export function parseManagerFrame(frame: unknown): ManagerFrame | undefined {
  const parsed = v.safeParse(ManagerFrame, frame);
  return parsed.success ? parsed.output : undefined;
}
