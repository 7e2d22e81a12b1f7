/** The form of an offer, and the terms that an event has for it. */
import type { OfferHours } from '../../domain/retail/offer-hours.ts';
import { minorUnits, numberOf, words } from './draft-fields.ts';
import { AT_ONCE, type TimesDraft } from './times-draft.ts';

/** What an offer gives, in the order in which the form names them. */
export const OFFER_KINDS = {
  percent: 'Percentage off',
  amount: 'Money off each',
  price: 'Fixed price each',
  free: 'Pay for some (3 for 2)',
  further: 'Further ones for less (buy 2, third half price)',
  bundle: 'Several for one price (two for 5.00)',
} as const;
export type OfferKind = keyof typeof OFFER_KINDS;

export const WEEKDAYS: readonly NonNullable<OfferHours['days']>[number][] = [
  ...(['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const),
];

export interface OfferDraft extends TimesDraft {
  offerId: string;
  title: string;
  /** Separated by commas or spaces. */
  skus: string;
  kind: OfferKind;
  /** A percentage, or an amount in major units. */
  discount: string;
  /** Pieces: those of a bundle, those taken in all (`free`), or those bought at their price (`further`). */
  quantity: string;
  /** Pieces that are paid (`free`), or further ones that are discounted (`further`). */
  get: string;
  currency: string;
  /** What the basket must come to, in major units; empty is nothing. */
  minimum: string;
  member: boolean;
  coupon: string;
  days: readonly string[];
  /** Times of day on each store's clock, such as `16:00`. */
  hoursFrom: string;
  hoursTo: string;
  priority: string;
  combinable: boolean;
}

export function emptyOffer(currency: string): OfferDraft {
  return {
    ...{ offerId: '', title: '', skus: '', kind: 'percent', discount: '', quantity: '3', get: '2', currency },
    ...AT_ONCE,
    ...{ minimum: '', member: false, coupon: '' },
    ...{ days: [], hoursFrom: '', hoursTo: '', priority: '', combinable: false },
  };
}

/** All but the times and the audience. @throws DraftError for what is no number; the chain's own rules judge the rest */
export function termsOf(draft: OfferDraft): Record<string, unknown> {
  const { offerId, title, skus, currency, minimum, member, coupon, priority, combinable } = draft;
  return {
    offerId: offerId.trim(),
    title,
    skus: words(skus),
    ...givenBy(draft),
    ...(minimum.trim() === ''
      ? {}
      : { minimum: { amount: minorUnits(minimum, currency, 'minimum'), currency } }),
    ...(member ? { member } : {}),
    ...(coupon.trim() === '' ? {} : { coupon: coupon.trim() }),
    ...hoursOf(draft),
    ...(priority.trim() === '' ? {} : { priority: numberOf(priority) }),
    ...(combinable ? { combinable } : {}),
  };
}

function givenBy({ kind, discount, quantity, get, currency }: OfferDraft): Record<string, unknown> {
  const percent = () => ({ percent: numberOf(discount) });
  switch (kind) {
    case 'percent':
      return { discount: percent() };
    case 'amount':
      return { discount: { amount: minorUnits(discount, currency, 'discount'), currency } };
    case 'price':
      return { discount: { price: minorUnits(discount, currency, 'discount'), currency } };
    case 'free': {
      const paid = numberOf(get);
      return { discount: { percent: 100 }, buy: { quantity: paid, get: numberOf(quantity) - paid } };
    }
    case 'further':
      return { discount: percent(), buy: { quantity: numberOf(quantity), get: numberOf(get) } };
    case 'bundle':
      return {
        bundle: { quantity: numberOf(quantity), price: minorUnits(discount, currency, 'discount'), currency },
      };
  }
}

function hoursOf({ days, hoursFrom, hoursTo }: OfferDraft): { hours?: unknown[] } {
  if (days.length === 0 && hoursFrom === '' && hoursTo === '') return {};
  const named = days.length === 0 ? {} : { days: WEEKDAYS.filter(day => days.includes(day)) };
  return { hours: [{ ...named, from: hoursFrom || '00:00', to: hoursTo || '24:00' }] };
}
