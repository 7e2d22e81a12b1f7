/** An update: what marketing published, ready to be sent; and its one encoding for the whole fleet. */
import type { Audience } from './channels.ts';

export type UpdateKind = 'price.changed' | 'offer.published' | 'offer.withdrawn';

export interface Update {
  id: string;
  kind: UpdateKind;
  /** When the chain published it, stamped once. */
  publishedAt: string;
  /** When it takes effect; null is at once. */
  validFrom: string | null;
  /** When it is over; null is never. */
  validUntil: string | null;
  /** Whom it concerns; undefined is every store. */
  audience: Audience | undefined;
  data: Record<string, unknown>;
}

/** Position of an update in each channel that it was published to. */
export type Positions = Record<string, number>;

/** An encoded update in bytes; with room for what the gateway and `synced` put around it, a frame holds 32 KB. */
export const MAX_UPDATE_BYTES = 30_000;

export class UpdateTooLargeError extends Error {
  override readonly name = 'UpdateTooLargeError';
}

/**
 * The `update` frame, as it goes to every store.
 *
 * @throws UpdateTooLargeError past 30,000 bytes of UTF-8: it could not travel in one frame
 */
export function encodeUpdate(update: Update, positions: Positions): string {
  const { id, kind, publishedAt, validFrom, validUntil, data } = update;
  const frame = JSON.stringify({
    type: 'update',
    id,
    kind,
    positions,
    publishedAt,
    validFrom,
    validUntil,
    data,
  });
  const bytes = new TextEncoder().encode(frame).length;
  if (bytes > MAX_UPDATE_BYTES) {
    throw new UpdateTooLargeError(
      `the update takes ${bytes} bytes, more than the ${MAX_UPDATE_BYTES} of a frame`,
    );
  }
  return frame;
}
