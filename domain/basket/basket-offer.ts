/** Offers as a basket takes them, and which of them hold for it. */

import { wallClockAt } from '../retail/local-time.ts';
import type { RetailOffer } from '../retail/offer.ts';
import { isWithinHours } from '../retail/offer-hours.ts';
import { isValidAt, type Validity } from '../retail/validity.ts';

/** An offer of the store's book; as an event has it, or with null where a side of its validity is open. */
export type BasketOffer = Omit<RetailOffer, 'title'> & Validity;

/** An offer that holds for a basket. */
export interface HoldingOffer extends Omit<BasketOffer, 'skus'> {
  /** Those of the basket. */
  skus: ReadonlySet<string>;
}

/** Who buys, where and when. */
export interface Occasion {
  /** Milliseconds since the epoch. */
  at: number;
  /** The store's; local times and hours are of it. @default 'UTC' */
  timeZone?: string | undefined;
  /** Whether the customer is a member. @default false */
  member?: boolean | undefined;
  /** The codes that the customer brings. */
  coupons?: readonly string[] | undefined;
}

/** What the basket holds before all offers. */
interface BasketFacts {
  skus: ReadonlySet<string>;
  currency: string;
  /** Minor units. */
  undiscounted: number;
}

/** The offers that hold for a basket, in the order in which they go: the higher priority first, then by id. */
export function offersThatHold(
  offers: readonly BasketOffer[],
  occasion: Occasion,
  facts: BasketFacts,
): HoldingOffer[] {
  const { at, timeZone = 'UTC' } = occasion;
  const isTimed = offers.some(({ hours }) => hours !== undefined);
  const clock = isTimed ? wallClockAt(at, timeZone) : undefined;
  const isNow = (offer: BasketOffer) =>
    isValidAt(offer, at, timeZone) &&
    (offer.hours === undefined || clock === undefined || isWithinHours(offer.hours, clock));
  return offers
    .filter(offer => isOpenTo(offer, occasion) && concerns(offer, facts) && isNow(offer))
    .map(offer => ({ ...offer, skus: new Set(offer.skus.filter(sku => facts.skus.has(sku))) }))
    .sort((a, b) => priorityOf(b) - priorityOf(a) || (a.offerId < b.offerId ? -1 : 1));
}

export function priorityOf({ priority = 0 }: Pick<BasketOffer, 'priority'>): number {
  return priority;
}

function concerns({ skus, discount, bundle, minimum }: BasketOffer, facts: BasketFacts): boolean {
  const currencies = [discount, bundle, minimum].map(part =>
    part !== undefined && 'currency' in part ? part.currency : facts.currency,
  );
  return (
    currencies.every(currency => currency === facts.currency) &&
    facts.undiscounted >= (minimum?.amount ?? 0) &&
    skus.some(sku => facts.skus.has(sku))
  );
}

function isOpenTo({ member, coupon }: BasketOffer, occasion: Occasion): boolean {
  const lacksCoupon = coupon !== undefined && !occasion.coupons?.includes(coupon);
  return !lacksCoupon && (member !== true || occasion.member === true);
}
