/** What is in force in a store at a moment, by what its channels have stored of each SKU. */
import { inForceAt, type PriceInForce } from '../../domain/book/price-steps.ts';
import { chunks } from '../../domain/chunks.ts';
import type { StorePrice } from '../../domain/protocol/trust-answers.ts';
import { priceKey, type RetailPrice } from '../../domain/retail/price.ts';
import { type Period, periodIn } from '../../domain/retail/validity.ts';
import { type StorePlacement, storeChannels } from '../../domain/updates/channels.ts';
import type { CurrentState, SkuPrices } from '../updates/current-state.ts';
import { withHeads } from './merged-streams.ts';

export type PricedStore = StorePlacement & { timeZone?: string | undefined };

/** Milliseconds since the epoch: of the question, and what is asked for. */
export interface Moment {
  now: number;
  at: number;
}

interface ChannelPrice extends RetailPrice {
  updateId: string;
  publishedAt: string;
  channel: string;
  period: Period;
}

const SKUS_AT_ONCE = 16;

/** Tells the prices of a store apart, and orders them. */
export function storePriceKey(price: Pick<StorePrice, 'sku' | 'currency' | 'priceType'>): string {
  return priceKey(price);
}

/** The prices of these SKUs, in the order of their keys. */
export async function pricesOfSkus(
  store: PricedStore,
  skus: readonly string[],
  current: CurrentState,
  moment: Moment,
): Promise<StorePrice[]> {
  const prices: StorePrice[] = [];
  for (const together of chunks([...new Set(skus)], SKUS_AT_ONCE)) {
    const found = together.map(async only => {
      const groups = storeChannels(store).map(channel => current.pricesBySku(channel, moment.now, { only }));
      const read = await Promise.all(groups.map(allOf));
      return inForce(store, read.flat(), moment.at);
    });
    prices.push(...(await Promise.all(found)).flat());
  }
  return prices.sort(byKey);
}

/** The prices of every SKU from one on, in the order of their keys. */
export async function* pricesFrom(
  store: PricedStore,
  first: string,
  current: CurrentState,
  moment: Moment,
): AsyncGenerator<StorePrice> {
  const streams = storeChannels(store).map(channel => current.pricesBySku(channel, moment.now, { first }));
  for await (const heads of withHeads(streams, ({ sku }) => `${sku}/`))
    yield* inForce(store, heads, moment.at).sort(byKey);
}

/** @param groups of one SKU, in the order of the store's channels */
function inForce(store: PricedStore, groups: readonly SkuPrices[], at: number): StorePrice[] {
  const prices = new Map<string, ChannelPrice>();
  for (const price of groups.flatMap(group => pricesIn(group, store.timeZone ?? 'UTC'))) {
    const key = `${price.updateId} ${priceKey(price)}`;
    if (!prices.has(key)) prices.set(key, price);
  }
  return inForceAt([...prices.values()], ({ period }) => period, at).map(described);
}

function pricesIn({ parts }: SkuPrices, timeZone: string): ChannelPrice[] {
  return parts.flatMap(({ channel, update }) => {
    if (update.kind !== 'price.changed') return [];
    const { data, id: updateId, publishedAt } = update;
    const common = { updateId, publishedAt, channel, period: periodIn(timeZone, update) };
    return data.prices.map(price => ({ ...price, ...common }));
  });
}

function described({ lowest30Days, price, since, until }: PriceInForce<ChannelPrice>): StorePrice {
  const { amount, channel, currency, name, priceType = 'regular', sku, unit, updateId } = price;
  return {
    ...{ sku, amount, currency, priceType, updateId, channel },
    ...(unit === undefined ? {} : { unit }),
    ...(name === undefined ? {} : { name }),
    since: new Date(since).toISOString(),
    until: Number.isFinite(until) ? new Date(until).toISOString() : null,
    lowest30Days,
  };
}

async function allOf<T>(stream: AsyncGenerator<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of stream) all.push(value);
  return all;
}

function byKey(price: StorePrice, other: StorePrice): number {
  return storePriceKey(price) < storePriceKey(other) ? -1 : 1;
}
