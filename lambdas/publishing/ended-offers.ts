/**
 * An event of an offer that is handled late, as the wave of a rollout or out of a dead letter, may have been replaced before by a
 * later event that is over by now. Stores that were away meanwhile were told nothing of that one: what is over is not
 * sent, and nothing else of the offer was running. So its end goes out before the late event does, as a withdrawal.
 */
import { isOver } from '../../domain/retail/validity.ts';
import { audienceOf } from '../../domain/updates/channels.ts';
import type { Update, UpdateOf } from '../../domain/updates/update.ts';
import { versionOf } from '../updates/current-items.ts';
import type { StateWriter } from '../updates/state-writer.ts';
import { derivedId, digestOf } from '../updates/update-ids.ts';

/** Whoever is handled sooner has been overtaken by nothing that is over: most offers cost no read here. */
const LATE_MS = 10_000;
const DIGEST_LENGTH = 8;

/** The ends of later events, each at the time of publication of its own event: it outranks no other. */
export async function endsToRepeat(
  update: Update,
  state: Pick<StateWriter, 'offerParts'>,
  now: number,
): Promise<UpdateOf<'offer.withdrawn'>[]> {
  if (update.kind !== 'offer.published' || now < Date.parse(update.publishedAt) + LATE_MS) return [];
  const { offerId } = update.data;
  const ended = new Map<string, { event: Update; channels: string[] }>();
  for (const { channel, update: event, version } of await state.offerParts(offerId)) {
    if (event.kind !== 'offer.published' || version <= versionOf(update) || !isOver(event, now)) continue;
    const channels = ended.get(event.id)?.channels ?? [];
    ended.set(event.id, { event, channels: [...channels, channel] });
  }
  return [...ended.values()].map(({ event, channels }) => ({
    // Another time it may be in fewer channels, and another update.
    id: derivedId(event.id, `ended${digestOf(channels.toSorted()).slice(0, DIGEST_LENGTH)}`),
    kind: 'offer.withdrawn',
    publishedAt: event.publishedAt,
    validFrom: null,
    validUntil: null,
    audience: audienceOf(channels),
    data: { offerId },
  }));
}
