import { describe, expect, it } from 'vitest';
import { readContent } from '../../../domain/updates/update-content.ts';

const price = { sku: 'A', amount: 199, currency: 'EUR' };
const offer = { offerId: 'o', title: 'T', skus: ['A'], discount: { percent: 5 } };

describe('the content of an update', () => {
  it.each<[string, object]>([
    ['price.changed', { prices: [price] }],
    ['offer.published', offer],
    ['offer.published', { ...offer, discount: { amount: 50, currency: 'EUR' } }],
    ['offer.withdrawn', { offerId: 'o' }],
    ['price.changed', { prices: [{ ...price, priceType: 'member', unit: 'KGM', name: 'Gouda' }] }],
    ['offer.published', { ...offer, discount: { percent: 100 }, buy: { quantity: 2, get: 1 } }],
  ])('of kind %s is read as it was published: %j', (kind, data) => {
    expect(readContent(kind, data)).toEqual({ kind, data });
  });

  it('leaves out what a newer chain has added', () => {
    const data = { prices: [{ ...price, colour: 'red' }], campaign: 'x' };
    expect(readContent('price.changed', data)).toEqual({ kind: 'price.changed', data: { prices: [price] } });
  });

  it.each<[string, unknown]>([
    ['coupon.issued', { code: 'X' }],
    ['price.changed', {}],
    ['price.changed', { prices: [{ ...price, amount: 1.5 }] }],
    ['offer.published', { ...offer, discount: { percent: 0 } }],
    ['offer.withdrawn', null],
  ])('is undefined for %s of %j', (kind, data) => {
    expect(readContent(kind, data)).toBeUndefined();
  });
});
