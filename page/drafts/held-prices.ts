/** Which prices hold at which stores, by the contract's own order, as far as the page knows what was published. */
import type { Store } from '../../domain/protocol/http-api.ts';
import { priceKey, type RetailPrice } from '../../domain/retail/price.ts';
import { isValidAt, periodIn, type Validity } from '../../domain/retail/validity.ts';
import { type Audience, reachedBy } from '../../domain/updates/channels.ts';

/** A `price.changed` as it was published. */
export interface PublishedPrices extends Validity {
  updateId: string;
  publishedAt: string;
  audience: Audience | null;
  prices: readonly RetailPrice[];
}

/** What holds at some stores; without a price, none is known there. */
export interface HeldPrice {
  price: RetailPrice | undefined;
  /** The update that brought it. */
  from: PublishedPrices | undefined;
  stores: number;
}

/**
 * The prices that a new one would take the place of, the most common first.
 *
 * @param ofKey what was published for this key, see `priceKey`
 * @param now milliseconds since the epoch
 */
export function pricesHeld(
  ofKey: readonly PublishedPrices[],
  key: string,
  stores: readonly Store[],
  now: number,
): HeldPrice[] {
  const held = new Map<PublishedPrices | undefined, number>();
  for (const [zone, there] of Map.groupBy(stores, ({ timeZone = 'UTC' }) => timeZone)) {
    const inOrder = ofKey
      .filter(update => isValidAt(update, now, zone))
      .map(update => ({ update, effectiveAt: effectiveTime(update, zone) }))
      .sort((a, b) => b.effectiveAt - a.effectiveAt || (isLater(a.update, b.update) ? -1 : 1));
    let left = there;
    for (const { update } of inOrder) {
      const isReached = reachedBy(update.audience ?? undefined);
      const rest = left.filter(store => !isReached({ ...store, region: store.region ?? undefined }));
      count(held, update, left.length - rest.length);
      left = rest;
    }
    count(held, undefined, left.length);
  }
  return [...held]
    .map(([from, number]) => ({
      price: from?.prices.find(price => priceKey(price) === key),
      from,
      stores: number,
    }))
    .sort((a, b) => b.stores - a.stores);
}

/** When it took effect on a store's clock, in milliseconds. */
function effectiveTime(update: PublishedPrices, zone: string): number {
  return Math.max(periodIn(zone, update).from, Date.parse(update.publishedAt));
}

function isLater(one: PublishedPrices, other: PublishedPrices): boolean {
  return one.publishedAt === other.publishedAt
    ? one.updateId > other.updateId
    : one.publishedAt > other.publishedAt;
}

function count(
  held: Map<PublishedPrices | undefined, number>,
  update: PublishedPrices | undefined,
  stores: number,
): void {
  if (stores > 0) held.set(update, (held.get(update) ?? 0) + stores);
}
