/**
 * The hash of a book: the sum, modulo 2^64, of the first eight bytes of SHA-256 of each entry's text. So the order in which
 * entries came is indifferent, and a changed one costs one digest. docs/protocol.md has the recipe, docs/vectors/book-hash.json
 * examples.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { canonicalJson } from '../json.ts';
import { PIECES } from '../retail/quantity.ts';
import type { Offer } from './book-offers.ts';
import type { Price } from './book-prices.ts';

/** Entries of a book don't change: a till's 50,000 prices are digested once. */
const digests = new WeakMap<object, bigint>();

export function bookHash(prices: readonly Price[], offers: readonly Offer[]): string {
  let sum = 0n;
  for (const price of prices) sum += digestOf(price, textOfPrice);
  for (const offer of offers) sum += digestOf(offer, textOfOffer);
  return BigInt.asUintN(64, sum).toString(16).padStart(16, '0');
}

function digestOf<T extends object>(entry: T, textOf: (entry: T) => string): bigint {
  const known = digests.get(entry);
  if (known !== undefined) return known;
  const bytes = sha256(new TextEncoder().encode(textOf(entry)));
  const digest = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0);
  digests.set(entry, digest);
  return digest;
}

/** What a till sells by; what a newer chain adds to a price is not in it, or tills of two versions would never agree. */
export function textOfPrice(price: Price): string {
  const { amount, currency, gtin, priceType = 'regular', sku, unit = PIECES, updateId } = price;
  return canonicalJson({ amount, currency, gtin, priceType, sku, unit, updateId, ...timesOf(price) });
}

export function textOfOffer(offer: Offer): string {
  const { bundle, buy, combinable, coupon, discount, hours, member, minimum, offerId, priority } = offer;
  const { skus, updateId } = offer;
  const said = { bundle, buy, combinable, coupon, discount, hours, member, minimum, priority };
  return canonicalJson({ ...said, offerId, skus, updateId, ...timesOf(offer) });
}

/** Those that are given. */
function timesOf({ validFrom, validFromLocal, validUntil, validUntilLocal }: Price | Offer): object {
  return {
    validFrom: validFrom ?? undefined,
    validFromLocal,
    validUntil: validUntil ?? undefined,
    validUntilLocal,
  };
}
