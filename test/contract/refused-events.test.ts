import { expect, test } from 'vitest';
import { deadLetterOf } from './dead-letters.ts';
import { connectStore } from './store.ts';
import { openSystem, unique } from './system.ts';

const system = await openSystem();
const price = { sku: 'A', amount: 199, currency: 'EUR' };
const offer = {
  offerId: 'o-1',
  title: 'Two for one',
  skus: ['A'],
  discount: { percent: 50 },
  validUntil: '2035-01-01T00:00:00Z',
};
const manyPrices = Array.from({ length: 700 }, (_, index) => ({ ...price, sku: `sku-${10_000 + index}` }));

test.each<[string, string, object, RegExp]>([
  ['of an unknown detail-type', 'PricesChanged', { prices: [price] }, /unknown detail-type 'PricesChanged'/],
  ['named like a property of every object', 'constructor', {}, /unknown detail-type/],
  ['without its prices', 'PriceChanged', {}, /prices/],
  ['with no price', 'PriceChanged', { prices: [] }, /prices/],
  ['with a price that is no integer', 'PriceChanged', { prices: [{ ...price, amount: 1.99 }] }, /amount/],
  ['with a price as text', 'PriceChanged', { prices: [{ ...price, amount: '199' }] }, /amount/],
  ['with a negative price', 'PriceChanged', { prices: [{ ...price, amount: -1 }] }, /amount/],
  ['with a currency unknown', 'PriceChanged', { prices: [{ ...price, currency: 'EURO' }] }, /currency/],
  ['with a SKU twice', 'PriceChanged', { prices: [price, price] }, /twice/],
  ['with a SKU that is no name', 'PriceChanged', { prices: [{ ...price, sku: 'a/b' }] }, /sku/],
  ['with a misspelt property', 'PriceChanged', { prices: [price], audiense: {} }, /audiense/],
  ['for nobody', 'PriceChanged', { prices: [price], audience: {} }, /audience/],
  ['for an audience that is a text', 'PriceChanged', { prices: [price], audience: 'all' }, /audience/],
  ['for regions that are a text', 'PriceChanged', { prices: [price], audience: { regions: 'n' } }, /regions/],
  ['with an updateId that is no name', 'PriceChanged', { prices: [price], updateId: 'a#b' }, /updateId/],
  ['from a day without a zone', 'PriceChanged', { prices: [price], validFrom: '2035-01-01' }, /validFrom/],
  ['from 30 February', 'PriceChanged', { prices: [price], validFrom: '2035-02-30T00:00:00Z' }, /validFrom/],
  ['of an offer without an end', 'OfferPublished', { ...offer, validUntil: undefined }, /validUntil/],
  ['of an offer past its end', 'OfferPublished', { ...offer, validUntil: '2020-01-01T00:00:00Z' }, /past/],
  ['of an offer over before it begins', 'OfferPublished', { ...offer, validFrom: offer.validUntil }, /later/],
  ['of an offer of no SKU', 'OfferPublished', { ...offer, skus: [] }, /skus/],
  ['of an offer of 101 percent', 'OfferPublished', { ...offer, discount: { percent: 101 } }, /discount/],
  [
    'of an offer of nothing',
    'OfferPublished',
    { ...offer, discount: { amount: 0, currency: 'EUR' } },
    /discount/,
  ],
  ['of a withdrawal of nothing', 'OfferWithdrawn', {}, /offerId/],
  // SQS refused the letters of these, so that the events were tried three times and their letters lost.
  ['with a misspelt emoji', 'PriceChanged', { prices: [price], '🥖': '🥖' }, /🥖/],
  ['with a noncharacter', 'PriceChanged', { prices: [price], 'a\uffff': 1 }, /a\uffff/],
  ['too large for a frame', 'PriceChanged', { prices: manyPrices }, /bytes/],
])('an event %s lies in the dead-letter queue with its reason', async (_, type, detail, reason) => {
  const { EventId = '' } = await system.put({ type, detail });
  const letter = await deadLetterOf(system, EventId);
  expect(letter.reason).toMatch(reason);
  expect(letter.event).toMatchObject({ 'detail-type': type, detail: JSON.parse(JSON.stringify(detail)) });
});

// SQS refused the letters of these, so that the events came again for ever: emoji take twelve bytes each there.
test.each<[string, string, object, RegExp]>([
  [
    '100,000 emoji',
    'OfferPublished',
    { ...offer, title: '🥖'.repeat(100_000) },
    /^title: must have at most 200/,
  ],
  ['1 MB of ASCII', 'PriceChanged', { prices: [price], note: 'x'.repeat(1_040_000) }, /^note: is unknown/],
  ['1 MB of quotes', 'OfferWithdrawn', { offerId: '"'.repeat(500_000) }, /^offerId: must be/],
])(
  'an event of %s lies in the dead-letter queue with its reason and its beginning',
  async (_, type, detail, reason) => {
    const { EventId = '' } = await system.put({ type, detail });
    const letter = await deadLetterOf(system, EventId);
    expect(letter.reason).toMatch(reason);
    expect(letter.event).toMatchObject({ id: EventId, 'detail-type': type, source: expect.any(String) });
    const beginning = String(letter.event.detail);
    expect(beginning.length).toBeGreaterThan(29_000);
    expect(JSON.stringify(detail).startsWith(beginning)).toBe(true);
  },
);

test('refused events reach nobody, and the next good one reaches everybody', async () => {
  const store = await connectStore(system, { region: unique('region') });
  const refused = [
    { type: 'PricesChanged', detail: { prices: [price] } },
    { type: 'PriceChanged', detail: { prices: [] } },
    { type: 'PriceChanged', detail: { prices: manyPrices } },
    { type: 'OfferPublished', detail: { ...offer, validUntil: '2020-01-01T00:00:00Z' } },
  ];
  const ids: string[] = [];
  for (const publication of refused) ids.push((await system.put(publication)).EventId ?? '');
  for (const id of ids) await deadLetterOf(system, id);
  await store.update(await system.publish('PriceChanged', { prices: [price] }));
  expect(store.updatesAmong(...ids)).toEqual([]);
});
