/** What an update says, in a line for management. */

import type { RetailPrice } from '../../domain/retail/price.ts';
import { isOver } from '../../domain/retail/validity.ts';
import type { UpdateEntry } from './model.ts';
import { offerConditions, offerGives, priceWords } from './offer-words.ts';

export interface UpdateWords {
  /** Written with the help of the page's formats. */
  money: (amount: number, currency: string) => string;
  time: (at: string) => string;
  /** A time on the stores' clocks by the reader's own; undefined where they are the same. */
  here: (local: string, edge: 'start' | 'end') => string | undefined;
}

/** The first prices; a list has hundreds. */
const PRICES_NAMED = 2;

export function titleOf({ update, content }: UpdateEntry, words: Pick<UpdateWords, 'money'>): string {
  switch (content?.kind) {
    case 'price.changed':
      return pricesIn(content.data.prices, words);
    case 'price.withdrawn': {
      const { length } = content.data.updates;
      return `Taken back: ${length === 1 ? 'a price update' : `${length} price updates`}`;
    }
    case 'offer.published':
      return `${content.data.title}, ${offerGives(content.data, words.money)}`;
    case 'offer.withdrawn':
      return `Withdrawn: ${content.data.offerId}`;
    case 'message.published':
      return `Message: ${content.data.topic}`;
    default:
      return update.kind;
  }
}

const WHAT = new Map([
  ['price.changed', 'Price'],
  ['price.withdrawn', 'Price'],
  ['offer.published', 'Offer'],
  ['offer.withdrawn', 'Offer'],
  ['message.published', 'Message'],
]);

export function termsOf({ update, content }: UpdateEntry, { here, money, time }: UpdateWords): string[] {
  const { kind, validFrom, validUntil, validFromLocal, validUntilLocal } = update;
  const side = (name: 'from' | 'until', at: string | null, local: string | undefined) => {
    if (local !== undefined) {
      const mine = here(local, name === 'from' ? 'start' : 'end');
      const beside = mine === undefined ? '' : ` (here ${mine})`;
      return [`${name} ${local.replace('T', ' ')} in each store${beside}`];
    }
    return at === null ? [] : [`${name} ${time(at)}`];
  };
  const times = [...side('from', validFrom, validFromLocal), ...side('until', validUntil, validUntilLocal)];
  const types = content?.kind === 'price.changed' ? typesIn(content.data.prices) : [];
  return [
    [WHAT.get(kind) ?? kind, ...types, ...times].join(' '),
    ...(content?.kind === 'offer.published' ? offerConditions(content.data, money) : []),
  ];
}

function typesIn(prices: readonly RetailPrice[]): string[] {
  const types = new Set(prices.map(({ priceType = 'regular' }) => priceType));
  return [...types].filter(type => type !== 'regular');
}

/** @param nameOf what a store is called */
export function audienceOf(
  { update: { audience } }: UpdateEntry,
  nameOf: (storeId: string) => string = storeId => storeId,
): string {
  if (audience === null) return 'every store';
  const { regions, groups, stores } = audience;
  const named = stores.length > 3 ? [`${stores.length} stores`] : stores.map(nameOf);
  return [...regions, ...groups, ...named].join(', ');
}

/** The id of an offer that this update published and that is still on; undefined for any other update. */
export function runningOffer(
  entry: UpdateEntry,
  all: readonly UpdateEntry[],
  now: number,
): string | undefined {
  const { update, content } = entry;
  if (content?.kind !== 'offer.published' || isOver(update, now)) return undefined;
  const { offerId } = content.data;
  const isFollowed = all.some(
    other => offerIdIn(other) === offerId && other.update.publishedAt > update.publishedAt,
  );
  return isFollowed ? undefined : offerId;
}

function offerIdIn({ content }: UpdateEntry): string | undefined {
  return content?.kind === 'offer.published' || content?.kind === 'offer.withdrawn'
    ? content.data.offerId
    : undefined;
}

function articleOf({ name, sku }: RetailPrice): string {
  return name === undefined ? sku : `${name} (${sku})`;
}

function pricesIn(prices: readonly RetailPrice[], { money }: Pick<UpdateWords, 'money'>): string {
  const named = prices
    .slice(0, PRICES_NAMED)
    .map(price => `${articleOf(price)}: ${priceWords(price, money)}`);
  const rest = prices.length - named.length;
  return [...named, ...(rest > 0 ? [`${rest} more`] : [])].join(', ');
}
