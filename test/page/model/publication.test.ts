import { describe, expect, it } from 'vitest';
import {
  DraftError,
  offerPublication,
  pricePublication,
  toAudience,
  withdrawal,
} from '../../../page/model/publication.ts';

const NOW = Date.parse('2026-12-01T08:00:00Z');
const EVERYONE = { everyone: true, regions: ['north'], groups: [], stores: 'a' };
const offer = {
  offerId: 'o-1',
  title: 'Coffee',
  skus: 'A, B C',
  discount: '20',
  unit: 'percent',
  validFrom: '',
  validUntil: '2026-12-01T20:00',
};
const price = { prices: [{ sku: 'A', amount: '1.99' }], currency: 'EUR', validFrom: '' };

describe('the audience', () => {
  it('of everyone names nobody, whatever was chosen before', () => {
    expect(toAudience(EVERYONE)).toBeUndefined();
  });

  it('of some is the union of what is named', () => {
    expect(toAudience({ ...EVERYONE, everyone: false, stores: 'a, b;c d' })).toEqual({
      regions: ['north'],
      groups: [],
      stores: ['a', 'b', 'c', 'd'],
    });
  });

  it('of some must name somebody', () => {
    const draft = { everyone: false, regions: [], groups: [], stores: ' , ' };
    expect(() => toAudience(draft)).toThrow(DraftError);
  });
});

describe('a price', () => {
  it('becomes the event of the bus, in minor units, with a comma or a point', () => {
    const prices = [...price.prices, { sku: ' B ', amount: '2,5' }, { sku: '', amount: '' }];
    expect(pricePublication({ ...price, prices }, undefined, NOW)).toEqual({
      type: 'PriceChanged',
      detail: {
        prices: [
          { sku: 'A', amount: 199, currency: 'EUR' },
          { sku: 'B', amount: 250, currency: 'EUR' },
        ],
      },
    });
  });

  it.each<[string, RegExp, Partial<typeof price>]>([
    ['no line', /Enter a SKU/, { prices: [] }],
    ['no amount', /Enter an amount/, { prices: [{ sku: 'A', amount: '' }] }],
    ['no SKU', /^The SKU must be 1 to 64/, { prices: [{ sku: '', amount: '1' }] }],
    [
      'one SKU twice',
      /^The list of prices prices a SKU twice\.$/,
      { prices: [...price.prices, ...price.prices] },
    ],
    ['no currency', /'EURO' is not an ISO 4217/, { currency: 'EURO' }],
  ])('with %s is refused in words', (_, words, change) => {
    expect(() => pricePublication({ ...price, ...change }, undefined, NOW)).toThrow(words);
  });
});

describe('an offer', () => {
  it('becomes the event of the bus, its times in UTC', () => {
    const audience = { regions: ['north'], groups: [], stores: [] };
    expect(offerPublication(offer, audience, NOW)).toEqual({
      type: 'OfferPublished',
      detail: {
        offerId: 'o-1',
        title: 'Coffee',
        skus: ['A', 'B', 'C'],
        discount: { percent: 20 },
        validUntil: new Date('2026-12-01T20:00').toISOString(),
        audience,
      },
    });
  });

  it('may take an amount off', () => {
    const { detail } = offerPublication({ ...offer, discount: '0.5', unit: 'EUR' }, undefined, NOW);
    expect(detail.discount).toEqual({ amount: 50, currency: 'EUR' });
  });

  it.each<[string, RegExp, Partial<typeof offer>]>([
    ['no end', /until when/, { validUntil: '' }],
    ['an end in the past', /^The end is already past\.$/, { validUntil: '2020-01-01T00:00' }],
    [
      'an end before its start',
      /^The end must be later than the start\.$/,
      { validFrom: '2026-12-02T20:00' },
    ],
    ['no title', /^The title must not be empty\.$/, { title: ' ' }],
    ['no id', /^The offer’s id must be/, { offerId: '' }],
    ['no SKU', /^The list of SKUs must name/, { skus: '' }],
    ['a discount of nothing', /^The discount /, { discount: '0' }],
    ['no discount', /^The discount /, { discount: '' }],
  ])('with %s is refused in words', (_, words, change) => {
    expect(() => offerPublication({ ...offer, ...change }, undefined, NOW)).toThrow(words);
  });

  it('is withdrawn from whom it was published to', () => {
    const audience = { regions: [], groups: [], stores: ['a'] };
    expect(withdrawal('o-1', audience).detail).toEqual({ offerId: 'o-1', audience });
    expect(withdrawal('o-1', null).detail).toEqual({ offerId: 'o-1' });
  });
});
