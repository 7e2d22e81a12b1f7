/** Where an update stands, and how the board finds it. */
import { priceKey } from '../../domain/retail/price.ts';
import { isOver, periodOnEarth } from '../../domain/retail/validity.ts';
import { audienceOf, runningOffer, titleOf } from './describe-update.ts';
import type { UpdateEntry } from './model.ts';

export const BOARD_STATES = {
  scheduled: 'Scheduled',
  running: 'Running',
  spreading: 'Not yet everywhere',
  ended: 'Ended',
} as const;
export type BoardState = keyof typeof BOARD_STATES;

/** @param now milliseconds since the epoch */
export function boardState(entry: UpdateEntry, all: readonly UpdateEntry[], now: number): BoardState {
  const { update, content, delivery } = entry;
  if (isOver(update, now)) return 'ended';
  if (periodOnEarth(update).from > now) return 'scheduled';
  if (content?.kind === 'offer.published' && runningOffer(entry, all, now) === undefined) return 'ended';
  if (isTakenBack(entry, all) || isReplaced(entry, all, now)) return 'ended';
  if (delivery !== undefined && delivery.applied < delivery.targeted) return 'spreading';
  return content?.kind === 'offer.withdrawn' || content?.kind === 'price.withdrawn' ? 'ended' : 'running';
}

/** Whether its prices were withdrawn, by an update that the page knows. */
export function isTakenBack({ update }: UpdateEntry, all: readonly UpdateEntry[]): boolean {
  return all.some(
    ({ content }) => content?.kind === 'price.withdrawn' && content.data.updates.includes(update.updateId),
  );
}

/** Whether all its prices have been changed again at all its stores, for good, by updates that the page knows. */
function isReplaced({ update, content }: UpdateEntry, all: readonly UpdateEntry[], now: number): boolean {
  if (content?.kind !== 'price.changed') return false;
  const audience = JSON.stringify(update.audience);
  const later = all.filter(
    other =>
      other.update.publishedAt > update.publishedAt &&
      (other.update.audience === null || JSON.stringify(other.update.audience) === audience) &&
      periodOnEarth(other.update).from <= now &&
      periodOnEarth(other.update).until === Number.POSITIVE_INFINITY &&
      !isTakenBack(other, all),
  );
  const keys = new Set(
    later.flatMap(other =>
      other.content?.kind === 'price.changed' ? other.content.data.prices.map(priceKey) : [],
    ),
  );
  return content.data.prices.every(price => keys.has(priceKey(price)));
}

/** Whether every word is in its title, its SKUs, its audience or its id. */
export function isFound(
  entry: UpdateEntry,
  search: string,
  money: (amount: number, currency: string) => string,
): boolean {
  const wanted = search.toLowerCase().split(/\s+/);
  const text = [titleOf(entry, { money }), audienceOf(entry), entry.update.updateId, ...namesIn(entry)]
    .join(' ')
    .toLowerCase();
  return wanted.every(word => text.includes(word));
}

function namesIn({ content }: UpdateEntry): string[] {
  if (content?.kind === 'price.changed')
    return content.data.prices.flatMap(({ sku, name }) => (name === undefined ? [sku] : [sku, name]));
  if (content?.kind === 'offer.published') return [content.data.offerId, ...content.data.skus];
  return [];
}
