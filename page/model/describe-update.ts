/** What an update says, in a line for management. */
import type { UpdateEntry } from './model.ts';

export interface UpdateWords {
  /** Written with the help of the page's formats. */
  money: (amount: number, currency: string) => string;
  time: (at: string) => string;
}

type Data = Record<string, unknown>;
interface Price {
  sku: string;
  amount: number;
  currency: string;
}
type Discount = { percent: number } | { amount: number; currency: string };

/** The first prices; a list has hundreds. */
const PRICES_NAMED = 2;

export function titleOf({ update, data }: UpdateEntry, words: UpdateWords): string {
  if (data === undefined) return update.kind;
  if (update.kind === 'price.changed') return prices(data, words);
  if (update.kind === 'offer.withdrawn') return `Withdrawn: ${String(data.offerId)}`;
  return `${String(data.title)}, ${discount(data.discount as Discount, words)}`;
}

export function termsOf(
  { update: { kind, validFrom, validUntil } }: UpdateEntry,
  { time }: UpdateWords,
): string[] {
  const what = { 'price.changed': 'Price', 'offer.published': 'Offer', 'offer.withdrawn': 'Offer' }[kind];
  return [
    what,
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
  const { update, data } = entry;
  if (update.kind !== 'offer.published' || data === undefined) return undefined;
  if (update.validUntil !== null && Date.parse(update.validUntil) <= now) return undefined;
  const isFollowed = all.some(
    other => other.data?.offerId === data.offerId && other.update.publishedAt > update.publishedAt,
  );
  return isFollowed ? undefined : String(data.offerId);
}

function prices(data: Data, { money }: UpdateWords): string {
  const all = (data.prices ?? []) as Price[];
  const named = all
    .slice(0, PRICES_NAMED)
    .map(({ sku, amount, currency }) => `${sku}: ${money(amount, currency)}`);
  const rest = all.length - named.length;
  return [...named, ...(rest > 0 ? [`${rest} more`] : [])].join(', ');
}

function discount(given: Discount, { money }: UpdateWords): string {
  return 'percent' in given ? `−${given.percent} %` : `−${money(given.amount, given.currency)}`;
}
