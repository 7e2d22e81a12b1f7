/** What a store must hold in the end, by the contract's words alone: plain loops over everything that was published. */
import type { StoreClient } from '../../client/node.ts';
import type { StoreIdentity } from '../../domain/identity/identity.ts';
import type { Published } from './fleet-cloud.ts';

export interface Book {
  /** By SKU the update whose price is in force, and its amount. */
  prices: Record<string, string>;
  /** The updates whose offers are active. */
  offers: string[];
}

interface PriceData {
  prices: { sku: string; amount: number }[];
}

export function reaches({ audience }: Published, { storeId, region, groups }: StoreIdentity): boolean {
  if (audience === null) return true;
  return (
    audience.stores.includes(storeId) ||
    (region !== undefined && audience.regions.includes(region)) ||
    groups.some(group => audience.groups.includes(group))
  );
}

/** The book of a store that took these updates, at a moment: what is withdrawn might as well never have been published. */
export function bookAt(updates: readonly Published[], at: number): Book {
  const prices = new Map<string, { update: Published; amount: number }>();
  const offers = new Map<string, Published>();
  const withdrawn = new Set(
    updates.flatMap(({ kind, data }) => (kind === 'price.withdrawn' ? (data.updates as string[]) : [])),
  );
  for (const update of updates) {
    if (update.kind === 'price.withdrawn' || withdrawn.has(update.updateId)) continue;
    if (update.kind === 'price.changed') {
      if (timeOf(update.validFrom) > at) continue;
      for (const { sku, amount } of (update.data as unknown as PriceData).prices) {
        const known = prices.get(sku);
        if (known === undefined || priceRank(update) > priceRank(known.update))
          prices.set(sku, { update, amount });
      }
    } else {
      const offerId = String(update.data.offerId);
      const known = offers.get(offerId);
      if (known === undefined || rank(update) > rank(known)) offers.set(offerId, update);
    }
  }
  return {
    prices: Object.fromEntries(
      [...prices].sort().map(([sku, { update, amount }]) => [sku, `${update.updateId} ${amount}`]),
    ),
    offers: [...offers.values()]
      .filter(update => update.kind === 'offer.published' && isActive(update, at))
      .map(({ updateId }) => updateId)
      .sort(),
  };
}

/** The same question, put to a client. */
export function clientBookAt({ book }: StoreClient, at: number): Book {
  const prices = book
    .skus()
    .sort()
    .flatMap(sku => {
      const price = book.price(sku, at);
      return price === undefined ? [] : [[sku, `${price.updateId} ${price.amount}`] as const];
    });
  return {
    prices: Object.fromEntries(prices),
    offers: book
      .offers(at)
      .map(({ updateId }) => updateId)
      .sort(),
  };
}

/** Now, and every later moment at which something changes by itself. */
export function momentsFrom(now: number, updates: readonly Published[]): number[] {
  const changes = updates.flatMap(({ validFrom, validUntil }) => [timeOf(validFrom), timeOf(validUntil)]);
  return [now, ...new Set(changes.filter(time => time > now))];
}

function isActive({ validFrom, validUntil }: Published, at: number): boolean {
  return timeOf(validFrom) <= at && at < timeOf(validUntil);
}

function timeOf(timestamp: string | null): number {
  return timestamp === null ? Number.NEGATIVE_INFINITY : Date.parse(timestamp);
}

// ISO 8601 times of one form compare as text.
function rank({ publishedAt, updateId }: Published): string {
  return `${publishedAt} ${updateId}`;
}

function priceRank(update: Published): string {
  const { publishedAt, validFrom } = update;
  return `${validFrom !== null && validFrom > publishedAt ? validFrom : publishedAt} ${rank(update)}`;
}
