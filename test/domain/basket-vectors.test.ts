/** The baskets of docs/vectors, by which tills in other languages test theirs. */
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { type BasketLine, type BasketOffer, type BasketPrice, quote } from '../../domain/basket.ts';
import { StrictRetailOffer } from '../../domain/retail/offer.ts';
import { StrictRetailPrice } from '../../domain/retail/price.ts';
import { checkSale } from '../../domain/sales/sale.ts';

interface Vector {
  name: string;
  why: string;
  at: string;
  timeZone: string;
  member?: boolean;
  coupons?: string[];
  prices: ({ sku: string } & BasketPrice)[];
  offers: BasketOffer[];
  basket: BasketLine[];
  expected: { lines: unknown[]; total: number };
}

const file = new URL('../../docs/vectors/quote.json', import.meta.url);
const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { vectors: Vector[] };

function answer({ at, timeZone, member, coupons, prices, offers, basket }: Vector) {
  const price = (sku: string) => prices.find(one => one.sku === sku);
  return quote(basket, { at: Date.parse(at), timeZone, member, coupons, price, offers });
}

describe('a basket of the vectors', () => {
  it.each(vectors.map(vector => [vector.name, vector] as const))(
    'costs what is expected: %s',
    (_name, vector) => {
      const { lines, total } = answer(vector);
      expect({ lines, total }).toEqual(vector.expected);
    },
  );

  it.each(vectors.filter(({ basket }) => basket.length > 0).map(vector => [vector.name, vector] as const))(
    'is a valid sale as it is: %s',
    (_name, vector) => {
      const { lines, total, currency } = answer(vector);
      const sale = { saleId: '1', soldAt: vector.at, currency, total, lines };
      expect(checkSale(sale, Date.parse(vector.at))).toMatchObject({ sale: { total, lines } });
    },
  );

  it('has prices and offers as events have them, a name of its own and a reason', () => {
    for (const { prices, offers, why } of vectors) {
      expect(why).not.toBe('');
      for (const price of prices) expect(v.safeParse(StrictRetailPrice, price).issues).toBeUndefined();
      for (const offer of offers) expect(v.safeParse(StrictRetailOffer, offer).issues).toBeUndefined();
    }
    expect(new Set(vectors.map(({ name }) => name)).size).toBe(vectors.length);
    expect(vectors.length).toBeGreaterThan(60);
  });
});
