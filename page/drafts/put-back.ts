/** The way back from new prices: those that held before, published again to the same stores. */
import type { RetailPrice } from '../../domain/retail/price.ts';
import { localTimesOf } from '../../domain/retail/validity.ts';
import type { CheckedPrice } from './checked-price.ts';
import type { HeldPrice } from './held-prices.ts';
import type { Publication } from './publication.ts';

export interface PutBack {
  publications: readonly Publication[];
  /** SKUs that can't be put back by another price: none was known before, or not the same at every store. */
  left: readonly string[];
}

/**
 * @param published what was published, with the prices that held before
 * @param now milliseconds since the epoch
 */
export function putBack(
  published: readonly { publication: Publication; prices: readonly CheckedPrice[] }[],
  now: number,
): PutBack {
  const left: string[] = [];
  const publications = published.flatMap(({ publication: { detail }, prices }) => {
    const parts = new Map<string, { times: object; prices: RetailPrice[] }>();
    for (const { price, held } of prices) {
      const before = onlyOne(held);
      if (before === undefined) {
        left.push(price.sku);
        continue;
      }
      const times = { ...startOf(detail, now), ...endOf(before.from) };
      const key = JSON.stringify(times);
      const part = parts.get(key) ?? { times, prices: [] };
      parts.set(key, part);
      part.prices.push(before.price);
    }
    const audience = detail.audience === undefined ? {} : { audience: detail.audience };
    return [...parts.values()].map(
      (part): Publication => ({
        type: 'PriceChanged',
        detail: { prices: part.prices, ...part.times, ...audience },
      }),
    );
  });
  return { publications, left };
}

function onlyOne(held: readonly HeldPrice[]): (HeldPrice & { price: RetailPrice }) | undefined {
  const [first, ...others] = held;
  if (first?.price === undefined) return undefined;
  const { price } = first;
  const isSame = others.every(
    other =>
      other.price?.amount === price.amount &&
      JSON.stringify(endOf(other.from)) === JSON.stringify(endOf(first.from)),
  );
  return isSame ? { ...first, price } : undefined;
}

/** What begins later would win over a price that holds at once: its place is taken from the same moment on. */
function startOf(
  { validFrom, validFromLocal }: Record<string, unknown>,
  now: number,
): Record<string, unknown> {
  if (validFromLocal !== undefined) return { validFromLocal };
  return typeof validFrom === 'string' && Date.parse(validFrom) > now ? { validFrom } : {};
}

/** A price that was for a time only is so again. */
function endOf(from: HeldPrice['from']): Record<string, string> {
  const { validUntil } = from ?? {};
  const { validUntilLocal } = localTimesOf(from ?? {});
  return {
    ...(validUntil ? { validUntil } : {}),
    ...(validUntilLocal === undefined ? {} : { validUntilLocal }),
  };
}
