/** What a publication would change, in lines for people. */
import { majorUnits } from '../../domain/money.ts';
import type { GivenAudience, WrittenTimes } from '../../domain/price-lists/price-entry.ts';
import type { RetailPrice } from '../../domain/retail/price.ts';
import type { DetailType } from '../../domain/updates/published-events.ts';
import { audienceWords } from './reach-note.ts';

interface Described extends WrittenTimes {
  audience?: GivenAudience;
  prices?: readonly RetailPrice[];
  offerId?: string;
  title?: string;
  topic?: string;
  /** Those that are taken back. */
  updates?: readonly string[];
}

/** A line of what and to whom, and one for each price. */
export function describePublication(type: DetailType, detail: object): string[] {
  const { audience, prices, offerId, title, topic, updates, ...times } = detail as Described;
  const to = [`to ${audienceWords(audience)}`, ...timeWords(times)].join(', ');
  if (topic !== undefined) return [`would send a message of topic ${topic} ${to}`];
  if (updates !== undefined) return [`would take back ${updates.join(', ')} ${to}`];
  if (prices === undefined) {
    const what = type === 'OfferWithdrawn' ? 'withdraw' : 'publish';
    return [`would ${what} the offer ${[offerId, title].filter(Boolean).join(', ')} ${to}`];
  }
  const count = `${prices.length} ${prices.length === 1 ? 'price' : 'prices'}`;
  return [`would publish ${count} ${to}`, ...prices.map(price => `  ${priceWords(price)}`)];
}

function priceWords({ sku, amount, currency, priceType, unit, gtin, name }: RetailPrice): string {
  const price = `${majorUnits(amount, currency)} ${currency}${unit === undefined ? '' : ` a ${unit}`}`;
  return [sku, price, priceType, gtin, name].filter(Boolean).join('  ');
}

function timeWords({ validFrom, validFromLocal, validUntil, validUntilLocal }: WrittenTimes): string[] {
  const words = (side: string, time: string | undefined, local: string | undefined) => {
    if (time !== undefined) return [`${side} ${time}`];
    return local === undefined ? [] : [`${side} ${local} on each store's clock`];
  };
  return [...words('from', validFrom, validFromLocal), ...words('until', validUntil, validUntilLocal)];
}
