/** Where the prices of updates lie that are withdrawn. */
import { priceKey } from '../../../domain/retail/price.ts';
import { audienceChannels } from '../../../domain/updates/channels.ts';
import type { UpdateOf } from '../../../domain/updates/update.ts';
import type { UpdateLog } from '../update-log.ts';

export type Prices = UpdateOf<'price.changed'>;

/** A SKU, currency and type in a channel. */
export interface PricePlace {
  channel: string;
  key: string;
  sku: string;
}

/** An update is known, and not in the log yet: a moment later it is. */
export class UnfinishedUpdateError extends Error {
  override readonly name = 'UnfinishedUpdateError';
  constructor(id: string) {
    super(`the update ${id} is still being published`);
  }
}

/** Those of these updates that are of prices, and known. @throws UnfinishedUpdateError */
export async function pricesOf(ids: readonly string[], log: Pick<UpdateLog, 'find'>): Promise<Prices[]> {
  const found = await Promise.all(ids.map(id => log.find(id)));
  return found.flatMap(published => {
    if (published?.update.kind !== 'price.changed') return [];
    if (published.positions === undefined) throw new UnfinishedUpdateError(published.update.id);
    return [published.update];
  });
}

/** Each place once, in an order of its own. @param skus no others than these @default all */
export function placesOf(updates: readonly Prices[], skus?: readonly string[]): PricePlace[] {
  const wanted = skus && new Set(skus);
  const places = new Map<string, PricePlace>();
  for (const { audience, data } of updates)
    for (const price of data.prices.filter(({ sku }) => wanted?.has(sku) ?? true))
      for (const channel of audienceChannels(audience)) {
        const { sku } = price;
        const key = priceKey(price);
        places.set(`${sku} ${channel} ${key}`, { channel, key, sku });
      }
  return [...places].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, place]) => place);
}
