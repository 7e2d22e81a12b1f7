/** What an update says, in a line for management. */
import { isOver } from '../../domain/retail/validity.ts';
import type { Discount, Price } from '../../domain/updates/update-content.ts';
import type { UpdateEntry } from './model.ts';

export interface UpdateWords {
  /** Written with the help of the page's formats. */
  money: (amount: number, currency: string) => string;
  time: (at: string) => string;
}

/** The first prices; a list has hundreds. */
const PRICES_NAMED = 2;

export function titleOf({ update, content }: UpdateEntry, words: UpdateWords): string {
  switch (content?.kind) {
    case 'price.changed':
      return pricesIn(content.data.prices, words);
    case 'offer.published':
      return `${content.data.title}, ${discountIn(content.data.discount, words)}`;
    case 'offer.withdrawn':
      return `Withdrawn: ${content.data.offerId}`;
    default:
      return update.kind;
  }
}

const WHAT = new Map([
  ['price.changed', 'Price'],
  ['offer.published', 'Offer'],
  ['offer.withdrawn', 'Offer'],
]);

export function termsOf(
  { update: { kind, validFrom, validUntil } }: UpdateEntry,
  { time }: UpdateWords,
): string[] {
  return [
    WHAT.get(kind) ?? kind,
    ...(validFrom === null ? [] : [`from ${time(validFrom)}`]),
    ...(validUntil === null ? [] : [`until ${time(validUntil)}`]),
  ];
}

export function audienceOf({ update: { audience } }: UpdateEntry): string {
  if (audience === null) return 'every store';
  const { regions, groups, stores } = audience;
  return [...regions, ...groups, ...(stores.length > 3 ? [`${stores.length} stores`] : stores)].join(', ');
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

function pricesIn(prices: readonly Price[], { money }: UpdateWords): string {
  const named = prices
    .slice(0, PRICES_NAMED)
    .map(({ sku, amount, currency }) => `${sku}: ${money(amount, currency)}`);
  const rest = prices.length - named.length;
  return [...named, ...(rest > 0 ? [`${rest} more`] : [])].join(', ');
}

function discountIn(discount: Discount, { money }: UpdateWords): string {
  return 'percent' in discount ? `−${discount.percent} %` : `−${money(discount.amount, discount.currency)}`;
}
