/**
 * Takes back the updates of a rollout. The one place that knows by which events: `PriceWithdrawn` names the updates, and
 * finds for itself whom they reached; `OfferWithdrawn` goes to the audience of each.
 */
import { audienceChannels } from '../../domain/updates/channels.ts';
import { positionBytes, type Update } from '../../domain/updates/update.ts';
import { MOST_POSITION_BYTES } from '../../domain/updates/wave-updates.ts';
import type { NamedDetail } from '../publishing/admitted-bus.ts';
import type { RolloutWithdrawal } from './rollout-items.ts';
import { withdrawalIdOf } from './wave-plan.ts';

/** Names in one withdrawal of prices: it goes to all of their stores, whose positions must fit a frame beside the prices. */
const MOST_UPDATES = 100;
/** Prices by their channels: what held there before is read for each. */
const MOST_PLACES = 20_000;

/** Withdrawals of these updates, numbered from `first` on. */
export function withdrawalsOf(
  rolloutId: string,
  updates: readonly Update[],
  first: number,
): RolloutWithdrawal[] {
  return batchesOf(updates).map((updateIds, index) => ({
    id: withdrawalIdOf(rolloutId, first + index),
    updateIds,
  }));
}

/** @param of the update that it withdraws, or one of those @param at when it was decided, in milliseconds since the epoch */
export async function publishWithdrawal(
  { id, updateIds }: RolloutWithdrawal,
  of: Update,
  at: number,
  put: (type: string, detail: NamedDetail) => Promise<void>,
): Promise<void> {
  const common = { updateId: id, publishedAt: new Date(at).toISOString(), receipts: 'now' };
  if (of.kind === 'offer.published')
    await put('OfferWithdrawn', { ...common, offerId: of.data.offerId, audience: of.audience });
  else await put('PriceWithdrawn', { ...common, updates: updateIds });
}

function batchesOf(updates: readonly Update[]): string[][] {
  const batches: string[][] = [];
  let room = { bytes: 0, places: 0 };
  for (const update of inOrder(updates)) {
    const channels = audienceChannels(update.audience);
    const bytes = channels.reduce((sum, channel) => sum + positionBytes(channel), 0);
    const places = update.kind === 'price.changed' ? channels.length * update.data.prices.length : 0;
    const last = batches.at(-1);
    const fits =
      last !== undefined && last.length < MOST_UPDATES && bytes <= room.bytes && places <= room.places;
    if (last !== undefined && fits && update.kind === 'price.changed') {
      last.push(update.id);
    } else {
      batches.push([update.id]);
      // A withdrawal that goes to every store has one position.
      room = {
        bytes: update.audience === undefined ? Number.POSITIVE_INFINITY : MOST_POSITION_BYTES,
        places: MOST_PLACES,
      };
    }
    room = { bytes: room.bytes - bytes, places: room.places - places };
  }
  return batches;
}

function inOrder(updates: readonly Update[]): Update[] {
  return [...updates].sort((a, b) => Number(b.audience === undefined) - Number(a.audience === undefined));
}
