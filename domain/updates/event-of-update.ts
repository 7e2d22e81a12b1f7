/** The event that publishes an update as it is: what published-events.ts reads, the other way round. */
import type { DetailType } from './published-events.ts';
import type { Update } from './update.ts';
import type { UpdateKind } from './update-content.ts';

/** The detail-type by which an update of a kind is published. */
export const detailTypes: Record<UpdateKind, DetailType> = {
  'price.changed': 'PriceChanged',
  'price.withdrawn': 'PriceWithdrawn',
  'offer.published': 'OfferPublished',
  'offer.withdrawn': 'OfferWithdrawn',
  'message.published': 'MessagePublished',
};

export function eventOf(update: Update): {
  type: DetailType;
  detail: { updateId: string; [name: string]: unknown };
} {
  const { data: _, id, kind, validFrom, validUntil, ...rest } = update;
  const times = { ...(validFrom && { validFrom }), ...(validUntil && { validUntil }) };
  // What is undefined is not in the JSON.
  return { type: detailTypes[kind], detail: { updateId: id, ...rest, ...times, ...said(update) } };
}

/** What a withdrawal brings back is the chain's own addition. */
function said(update: Update): object {
  return update.kind === 'price.withdrawn' ? { updates: update.data.updates } : update.data;
}
