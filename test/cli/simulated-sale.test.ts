import { describe, expect, it } from 'vitest';
import { Checkout, type PricingStore } from '../../cli/simulation/simulated-sale.ts';
import { PriceBook } from '../../domain/book/price-book.ts';
import { checkSale, type Sale } from '../../domain/sales/sale.ts';
import type { UpdateFrame } from '../../domain/updates/update.ts';
import { Random } from '../chaos/random.ts';

const NOW = Date.parse('2026-12-01T08:00:00Z');

function storeOf(...updates: Pick<UpdateFrame, 'kind' | 'data'>[]): PricingStore {
  const book = new PriceBook();
  for (const [index, update] of updates.entries()) {
    const published = { publishedAt: '2026-12-01T07:00:00.000Z', validFrom: null };
    book.apply({ id: `u${index}`, ...published, validUntil: '2026-12-24T00:00:00.000Z', ...update });
  }
  return { book, now: () => NOW, price: article => book.price(article, NOW), offers: () => book.offers(NOW) };
}

/** As many as a store sells in an hour or so. */
function salesOf(store: PricingStore): Sale[] {
  const checkout = new Checkout(store, new Random(7).next);
  return Array.from({ length: 500 }, () => {
    const checked = checkSale(checkout.ringUp(), NOW);
    if ('refused' in checked) throw new Error(checked.refused.message);
    return checked.sale;
  });
}

describe('a simulated checkout', () => {
  it('rings up sales that the chain takes: pieces, weighed goods, taxes, discounts and returns', () => {
    const sales = salesOf(storeOf());
    const lines = sales.flatMap(sale => sale.lines);
    expect(lines.some(({ quantity, unit }) => unit === 'KGM' && !Number.isInteger(quantity))).toBe(true);
    expect(lines.some(({ discounts = [] }) => discounts.some(({ reason }) => reason === 'staff'))).toBe(true);
    expect(sales.some(({ taxes = [] }) => taxes.length === 2)).toBe(true);
    const returned = sales.filter(({ type }) => type === 'return');
    expect(returned.length).toBeGreaterThan(0);
    for (const { total, original } of returned) {
      expect(total).toBeLessThan(0);
      expect(sales.map(({ saleId }) => saleId)).toContain(original?.saleId);
    }
  });

  it('sells at the published price, and with the offers in force', () => {
    const sku = '4006381333931';
    const price = {
      kind: 'price.changed' as const,
      data: { prices: [{ sku, amount: 300, currency: 'EUR' }] },
    };
    const terms = { offerId: 'O', title: '3 for 2', skus: [sku], discount: { percent: 100 } };
    const offer = { kind: 'offer.published' as const, data: { ...terms, buy: { quantity: 2, get: 1 } } };
    const lines = salesOf(storeOf(price, offer)).flatMap(sale => sale.lines.filter(line => line.sku === sku));
    expect(new Set(lines.map(({ unitPrice }) => unitPrice))).toEqual(new Set([300]));
    const three = lines.filter(({ quantity }) => quantity === 3);
    expect(three.length).toBeGreaterThan(0);
    for (const { discounts } of three) expect(discounts).toContainEqual({ amount: 300, offerId: 'O' });
  });
});
