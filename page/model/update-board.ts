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

/**
 * Where each of these updates stands, looked up once for all of them: one by one, each is held against all others, and
 * five hundred of them take a second.
 * @param all those that the page knows; @param now milliseconds since the epoch
 */
export function boardStates(all: readonly UpdateEntry[], now: number): (entry: UpdateEntry) => BoardState {
  const takenBack = takenBackIn(all);
  const kept = all.filter(({ update }) => !takenBack.has(update.updateId));
  const isReplaced = replacedBy(kept, now);
  return entry => {
    const { update, content, delivery } = entry;
    if (isOver(update, now)) return 'ended';
    if (periodOnEarth(update).from > now) return 'scheduled';
    if (content?.kind === 'offer.published' && runningOffer(entry, all, now) === undefined) return 'ended';
    if (takenBack.has(update.updateId) || isReplaced(entry)) return 'ended';
    if (delivery !== undefined && delivery.applied < delivery.targeted) return 'spreading';
    return content?.kind === 'offer.withdrawn' || content?.kind === 'price.withdrawn' ? 'ended' : 'running';
  };
}

/** The ids of the updates whose prices were withdrawn by one of these. */
export function takenBackIn(updates: readonly UpdateEntry[]): ReadonlySet<string> {
  return new Set(
    updates.flatMap(({ content }) => (content?.kind === 'price.withdrawn' ? content.data.updates : [])),
  );
}

/** Tells of an update whether one of these has changed each of its prices again, at all its stores, for good. */
function replacedBy(updates: readonly UpdateEntry[], now: number): (entry: UpdateEntry) => boolean {
  const pricesIn = ({ content }: UpdateEntry) =>
    content?.kind === 'price.changed' ? content.data.prices.map(priceKey) : [];
  /** When each price was last set, by audience. */
  const setAt = new Map<string, string>();
  for (const entry of updates) {
    const { audience, publishedAt } = entry.update;
    const { from, until } = periodOnEarth(entry.update);
    if (from > now || until !== Number.POSITIVE_INFINITY) continue;
    const whom = JSON.stringify(audience);
    for (const key of pricesIn(entry))
      if ((setAt.get(whom + key) ?? '') < publishedAt) setAt.set(whom + key, publishedAt);
  }
  return entry => {
    const { audience, publishedAt } = entry.update;
    const whom = ['null', JSON.stringify(audience)];
    const isSetAgain = (key: string) => whom.some(name => (setAt.get(name + key) ?? '') > publishedAt);
    return entry.content?.kind === 'price.changed' && pricesIn(entry).every(isSetAgain);
  };
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
