/** Gathers prices to as few updates as it takes: those of one audience and the same times go together. */
import { priceKey, type RetailPrice } from '../retail/price.ts';
import { audienceChannels } from '../updates/channels.ts';
import { type GivenAudience, type PriceEntry, PriceEntryError } from './price-entry.ts';

/** An update is at most 30,000 bytes, of which its positions take some. */
const PRICES_PER_UPDATE = 250;
const BYTES_PER_UPDATE = 24_000;
const utf8 = new TextEncoder();

/** The details of `PriceChanged` events, in the order in which their first prices stand. */
export function priceDetails(entries: readonly PriceEntry[]): object[] {
  const groups = Map.groupBy(entries, ({ audience, times }) => JSON.stringify([audience, times]));
  return [...groups.values()].flatMap(group => {
    const [{ audience, times } = { audience: undefined, times: {} }] = group;
    const common = { ...times, ...(audience === undefined ? {} : { audience }) };
    return parts(group.map(({ price }) => price)).map(prices => ({ prices, ...common }));
  });
}

function parts(prices: readonly RetailPrice[]): RetailPrice[][] {
  const all: RetailPrice[][] = [];
  let part: RetailPrice[] = [];
  let bytes = 0;
  for (const price of prices) {
    const size = utf8.encode(JSON.stringify(price)).length + 1;
    if (part.length === PRICES_PER_UPDATE || (part.length > 0 && bytes + size > BYTES_PER_UPDATE)) {
      all.push(part);
      part = [];
      bytes = 0;
    }
    part.push(price);
    bytes += size;
  }
  return part.length === 0 ? all : [...all, part];
}

/**
 * Two prices of one SKU, currency and type that begin at once at the same store contradict each other, and which wins would be
 * chance. Whether a region and a group have stores in common is not known here.
 *
 * @throws PriceEntryError
 */
export function refuseRepeated(entries: readonly PriceEntry[]): void {
  const known = new Map<string, Map<string, string>>();
  for (const { price, times, audience, place } of entries) {
    const { validFrom, validFromLocal } = times;
    const key = `${priceKey(price)} ${validFrom ?? validFromLocal ?? ''}`;
    const places = known.get(key) ?? new Map<string, string>();
    known.set(key, places);
    const first = placeOf(channelsOf(audience), places);
    if (first !== undefined) {
      throw new PriceEntryError(`SKU ${price.sku} is priced twice: ${first} and ${place}`);
    }
    for (const channel of channelsOf(audience)) places.set(channel, place);
  }
}

/** Where a price for some of these stores stands already; every store is one of all. */
function placeOf(channels: readonly string[], places: ReadonlyMap<string, string>): string | undefined {
  if (channels.includes('all')) return [...places.values()][0];
  return channels.map(channel => places.get(channel)).find(place => place !== undefined) ?? places.get('all');
}

function channelsOf(audience: GivenAudience): string[] {
  return audienceChannels(audience && { regions: [], groups: [], stores: [], ...audience });
}
