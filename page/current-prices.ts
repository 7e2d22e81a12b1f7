/**
 * The prices that hold now at some stores: the one place that asks the chain for them. It reads what was published, the
 * winner first, until every store's price is known.
 */
import { chunks } from '../domain/chunks.ts';
import { operations, type Store, type UpdateSummary } from '../domain/protocol/http-api.ts';
import { priceKey, type RetailPrice } from '../domain/retail/price.ts';
import { isOver, periodOnEarth } from '../domain/retail/validity.ts';
import { readContent } from '../domain/updates/update-content.ts';
import type { Api } from './api.ts';
import { type HeldPrice, type PublishedPrices, pricesHeld } from './drafts/held-prices.ts';

/** Answers are asked for side by side, as many as a browser sends at once. */
const AT_ONCE = 6;
/** Past these, a price counts as not known. */
const MOST_READ = 240;

/** What was published never changes. */
const read = new Map<string, PublishedPrices | undefined>();
const readWithdrawals = new Map<string, readonly string[]>();

/**
 * For each new price, what holds at these stores, the most common first.
 *
 * @param now milliseconds since the epoch
 * @throws ApiError and the others of `Api.call`
 */
export async function currentPrices(
  api: Api,
  prices: readonly RetailPrice[],
  stores: readonly Store[],
  now: number,
): Promise<HeldPrice[][]> {
  const updates = await api.list(operations.listUpdates, ({ items }) => items);
  const withdrawn = await withdrawnBy(api, updates);
  const candidates = updates
    .filter(update => update.kind === 'price.changed' && !isOver(update, now) && begins(update) <= now)
    .filter(({ updateId }) => !withdrawn.has(updateId))
    .sort((a, b) => begins(b) - begins(a))
    .slice(0, MOST_READ);
  const byKey = new Map<string, PublishedPrices[]>(prices.map(price => [priceKey(price), []]));
  const held = new Map<string, HeldPrice[]>();
  const take = (keys: Iterable<string>) => {
    for (const key of keys) held.set(key, pricesHeld(byKey.get(key) ?? [], key, stores, now));
  };
  take(byKey.keys());
  for (let at = 0; at < candidates.length && [...held.values()].some(isOpen); at += AT_ONCE) {
    const part = await Promise.all(candidates.slice(at, at + AT_ONCE).map(update => load(api, update)));
    const touched = new Set<string>();
    for (const update of part) {
      for (const key of new Set(update?.prices.map(priceKey))) {
        if (update === undefined || !byKey.has(key)) continue;
        byKey.get(key)?.push(update);
        touched.add(key);
      }
    }
    take(touched);
  }
  return prices.map(price => held.get(priceKey(price)) ?? []);
}

/** What was taken back holds nowhere. */
async function withdrawnBy(api: Api, updates: readonly UpdateSummary[]): Promise<Set<string>> {
  const withdrawals = updates.filter(({ kind }) => kind === 'price.withdrawn').slice(0, MOST_READ);
  const named = new Set<string>();
  for (const part of chunks(withdrawals, AT_ONCE)) {
    const found = await Promise.all(part.map(({ updateId }) => namedBy(api, updateId)));
    for (const id of found.flat()) named.add(id);
  }
  return named;
}

async function namedBy(api: Api, updateId: string): Promise<readonly string[]> {
  const known = readWithdrawals.get(updateId);
  if (known !== undefined) return known;
  const { data, kind } = await api.call(operations.getUpdate, { parameters: { id: updateId } });
  const content = readContent(kind, data);
  const named = content?.kind === 'price.withdrawn' ? content.data.updates : [];
  readWithdrawals.set(updateId, named);
  return named;
}

/** Some store's price is not known yet. */
function isOpen(held: readonly HeldPrice[]): boolean {
  return held.some(({ price }) => price === undefined);
}

function begins(update: UpdateSummary): number {
  return Math.max(periodOnEarth(update).from, Date.parse(update.publishedAt));
}

async function load(api: Api, { updateId }: UpdateSummary): Promise<PublishedPrices | undefined> {
  if (read.has(updateId)) return read.get(updateId);
  const { data, kind, ...update } = await api.call(operations.getUpdate, { parameters: { id: updateId } });
  const content = readContent(kind, data);
  const prices = content?.kind === 'price.changed' ? { ...update, prices: content.data.prices } : undefined;
  read.set(updateId, prices);
  return prices;
}
