import { describe, expect, it } from 'vitest';
import type { Store } from '../../../domain/protocol/http-api.ts';
import { NOBODY_YET, toAudience, unknownIds } from '../../../page/drafts/audience-draft.ts';
import { emptyOffer, type OfferDraft } from '../../../page/drafts/offer-draft.ts';
import {
  offerPublication,
  type PriceDraft,
  pricePublication,
  withdrawal,
} from '../../../page/drafts/publication.ts';
import { AT_ONCE } from '../../../page/drafts/times-draft.ts';
import { offerConditions, offerGives, type Terms } from '../../../page/model/offer-words.ts';

const NOW = Date.parse('2026-12-01T08:00:00Z');
const everyone = { ...NOBODY_YET, whom: 'everyone', regions: ['north'], stores: 'a' } as const;
const some = { ...everyone, whom: 'some', stores: 'a, b;c d' } as const;
const store = (storeId: string): Store => ({
  storeId,
  ...{ region: null, groups: [], connected: true, since: null, lastSeenAt: '', behind: 0 },
});
const stores = ['a', 'b', 'c'].map(store);
const offer: OfferDraft = {
  ...emptyOffer('EUR'),
  offerId: 'o-1',
  title: 'Coffee',
  skus: 'A, B C',
  discount: '20',
  validUntil: '2026-12-01T20:00',
};
const price: PriceDraft = {
  prices: [{ sku: 'A', amount: '1.99' }],
  currency: 'EUR',
  priceType: 'regular',
  ...AT_ONCE,
};

describe('the audience', () => {
  it('is chosen, never taken for granted', () => {
    expect(() => toAudience(NOBODY_YET, stores)).toThrow(/Choose for whom/);
  });

  it('of everyone names nobody, whatever was chosen before', () => {
    expect(toAudience(everyone, stores)).toBeUndefined();
  });

  it('of some is the union of what is named, and of unknown ids those that are ticked', () => {
    const { regions, groups } = some;
    expect(unknownIds(some, stores)).toEqual(['d']);
    expect(toAudience(some, stores)).toEqual({ regions, groups, stores: ['a', 'b', 'c'] });
    expect(toAudience({ ...some, ticked: ['d'] }, stores)?.stores).toEqual(['a', 'b', 'c', 'd']);
  });

  it.each<[string, RegExp]>([
    [' , ', /Choose a region, a group or a store/],
    ['d', /tick it/],
  ])('of some must name somebody, not %j', (written, words) => {
    const draft = { ...some, regions: [], stores: written };
    expect(() => toAudience(draft, stores)).toThrow(words);
  });
});

describe('a price', () => {
  it('of another type with an end says both', () => {
    const draft = {
      ...price,
      priceType: 'promotional' as const,
      validUntil: '2026-12-24T20:00',
      isLocal: true,
    };
    expect(pricePublication(draft, undefined, NOW).detail).toEqual({
      prices: [{ sku: 'A', amount: 199, currency: 'EUR', priceType: 'promotional' }],
      validUntilLocal: '2026-12-24T20:00',
    });
  });

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
  const plain = (amount: number, currency: string) => `${(amount / 100).toFixed(2)} ${currency}`;

  it.each<[words: string, draft: Partial<OfferDraft>, terms: object]>([
    ['-20%', {}, { discount: { percent: 20 } }],
    ['-0.50 EUR', { kind: 'amount', discount: '0,5' }, { discount: { amount: 50, currency: 'EUR' } }],
    ['each 0.99 EUR', { kind: 'price', discount: '0.99' }, { discount: { price: 99, currency: 'EUR' } }],
    [
      '3 for 2',
      { kind: 'free', quantity: '3', get: '2' },
      { discount: { percent: 100 }, buy: { quantity: 2, get: 1 } },
    ],
    [
      'buy 2, get 1 -50%',
      { kind: 'further', quantity: '2', get: '1', discount: '50' },
      { discount: { percent: 50 }, buy: { quantity: 2, get: 1 } },
    ],
    [
      '2 for 5.00 EUR',
      { kind: 'bundle', quantity: '2', discount: '5' },
      { bundle: { quantity: 2, price: 500, currency: 'EUR' } },
    ],
  ])('is told as %s', (words, draft, terms) => {
    const { detail } = offerPublication({ ...offer, ...draft }, undefined, NOW);
    expect(detail).toMatchObject(terms);
    expect(offerGives(detail as Terms, plain)).toBe(words);
  });

  it('tells its conditions, and leaves out those that it has not', () => {
    const conditions = {
      minimum: '50',
      member: true,
      coupon: ' XMAS ',
      hoursFrom: '16:00',
      hoursTo: '18:00',
    };
    const { detail } = offerPublication(
      { ...offer, ...conditions, days: ['FR', 'MO'], priority: '2', combinable: true },
      undefined,
      NOW,
    );
    expect(detail).toMatchObject({ coupon: 'XMAS', priority: 2, combinable: true });
    expect(offerConditions(detail as Terms, plain)).toEqual([
      'from 50.00 EUR on',
      'for members',
      'with coupon XMAS',
      'MO FR 16:00–18:00',
      'combinable',
    ]);
    const { detail: bare } = offerPublication(offer, undefined, NOW);
    expect(Object.keys(bare).sort()).toEqual(['discount', 'offerId', 'skus', 'title', 'validUntil']);
  });

  it('by each store’s clock has its times as they are written', () => {
    const { detail } = offerPublication({ ...offer, isLocal: true }, undefined, NOW);
    expect(detail).toMatchObject({ validUntilLocal: '2026-12-01T20:00' });
    expect(detail).not.toHaveProperty('validUntil');
  });

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
    const { detail } = offerPublication({ ...offer, discount: '0.5', kind: 'amount' }, undefined, NOW);
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
    ['more paid than taken', /^The number of pieces must be at least 1/, { kind: 'free', get: '3' }],
    ['a bundle of no price', /^Enter an amount/, { kind: 'bundle', discount: '' }],
    ['half a piece', /^The number of pieces must be a whole number/, { kind: 'bundle', quantity: '1.5' }],
  ])('with %s is refused in words', (_, words, change) => {
    expect(() => offerPublication({ ...offer, ...change }, undefined, NOW)).toThrow(words);
  });

  it('is withdrawn from whom it was published to', () => {
    const audience = { regions: [], groups: [], stores: ['a'] };
    expect(withdrawal('o-1', audience).detail).toEqual({ offerId: 'o-1', audience });
    expect(withdrawal('o-1', null).detail).toEqual({ offerId: 'o-1' });
  });
});
