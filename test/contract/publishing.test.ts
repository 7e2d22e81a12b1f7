import { expect, test } from 'vitest';
import { deadLetterOf } from './dead-letters.ts';
import { connectStore, type TestStore } from './store.ts';
import { openSystem, unique } from './system.ts';

const system = await openSystem();
const price = { sku: '4006381333931', amount: 199, currency: 'EUR' };
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Two regions, and a group across them. */
async function connectChain() {
  const [north, south, express] = [unique('north'), unique('south'), unique('express')];
  const [n1, n2, s1, s2] = await Promise.all([
    connectStore(system, { region: north, groups: [express] }),
    connectStore(system, { region: north }),
    connectStore(system, { region: south, groups: [express, unique('pilot')] }),
    connectStore(system, {}),
  ]);
  return { names: { north, south, express }, stores: { n1, n2, s1, s2 } };
}

type Chain = Awaited<ReturnType<typeof connectChain>>;
type StoreName = keyof Chain['stores'];

test.each<[string, (chain: Chain) => object | undefined, StoreName[]]>([
  ['for every store', () => undefined, ['n1', 'n2', 's1', 's2']],
  ['for a region', ({ names }) => ({ regions: [names.north] }), ['n1', 'n2']],
  ['for two regions', ({ names }) => ({ regions: [names.north, names.south] }), ['n1', 'n2', 's1']],
  ['for a group', ({ names }) => ({ groups: [names.express] }), ['n1', 's1']],
  ['for one store', ({ stores }) => ({ stores: [stores.s2.storeId] }), ['s2']],
  ['for a store named twice', ({ stores }) => ({ stores: [stores.s2.storeId, stores.s2.storeId] }), ['s2']],
  [
    'for a union whose parts overlap',
    ({ names, stores }) => ({
      regions: [names.north],
      groups: [names.express],
      stores: [stores.n1.storeId, stores.s2.storeId],
    }),
    ['n1', 'n2', 's1', 's2'],
  ],
  [
    'for a region that nobody is in, and a store',
    ({ stores }) => ({ regions: [unique('nowhere')], stores: [stores.n2.storeId] }),
    ['n2'],
  ],
])('a price %s reaches exactly these stores, once each', async (_, audienceOf, reached) => {
  const chain = await connectChain();
  const audience = audienceOf(chain);
  const id = await system.publish('PriceChanged', {
    prices: [price],
    ...(audience === undefined ? {} : { audience }),
  });
  await Promise.all(reached.map(name => chain.stores[name].update(id)));
  const marker = await publishMarker(Object.values(chain.stores));
  for (const [name, store] of Object.entries(chain.stores)) {
    const expected = reached.includes(name as StoreName) ? [id, marker] : [marker];
    // Another test's updates for every store may come in between on a deployed stack.
    expect([name, store.updatesAmong(id, marker)]).toEqual([name, expected]);
  }
});

/** An update for everybody: what was to come before it has come. */
async function publishMarker(stores: TestStore[]): Promise<string> {
  const marker = await system.publish('OfferWithdrawn', { offerId: unique('marker') });
  await Promise.all(stores.map(store => store.update(marker)));
  return marker;
}

test.each<[string, string, Record<string, unknown>, object]>([
  [
    'a price',
    'PriceChanged',
    { prices: [price, { sku: 'A', amount: 0, currency: 'JPY' }] },
    {
      kind: 'price.changed',
      validFrom: null,
      validUntil: null,
      data: { prices: [price, { sku: 'A', amount: 0, currency: 'JPY' }] },
    },
  ],
  [
    'a price for later, its time normalized',
    'PriceChanged',
    { prices: [price], validFrom: '2035-01-01T09:30+01:00' },
    {
      kind: 'price.changed',
      validFrom: '2035-01-01T08:30:00.000Z',
      validUntil: null,
      data: { prices: [price] },
    },
  ],
  [
    'an offer in percent',
    'OfferPublished',
    {
      offerId: 'o-1',
      title: 'Zwei für eins · 2×1 🎉',
      skus: ['A', 'B'],
      discount: { percent: 12.5 },
      validUntil: '2035-01-31T23:59:59Z',
    },
    {
      kind: 'offer.published',
      validFrom: null,
      validUntil: '2035-01-31T23:59:59.000Z',
      data: {
        offerId: 'o-1',
        title: 'Zwei für eins · 2×1 🎉',
        skus: ['A', 'B'],
        discount: { percent: 12.5 },
      },
    },
  ],
  [
    'an offer by amount, from and to a time',
    'OfferPublished',
    {
      offerId: 'o-2',
      title: 'Off',
      skus: ['A'],
      discount: { amount: 50, currency: 'EUR' },
      validFrom: '2035-01-01T00:00:00.5-05:00',
      validUntil: '2035-02-01T00:00:00Z',
    },
    {
      kind: 'offer.published',
      validFrom: '2035-01-01T05:00:00.500Z',
      validUntil: '2035-02-01T00:00:00.000Z',
      data: { offerId: 'o-2', title: 'Off', skus: ['A'], discount: { amount: 50, currency: 'EUR' } },
    },
  ],
  [
    'a promotional price of a weighed article, on the stores’ clocks',
    'PriceChanged',
    {
      prices: [
        { ...price, priceType: 'promotional', unit: 'KGM', gtin: '4006381333931', name: 'Gouda' },
        { ...price, currency: 'CHF' },
      ],
      validFromLocal: '2035-01-01T06:00',
      validUntil: '2035-01-31T00:00:00Z',
    },
    {
      kind: 'price.changed',
      validFrom: null,
      validUntil: '2035-01-31T00:00:00.000Z',
      validFromLocal: '2035-01-01T06:00',
      data: {
        prices: [
          { ...price, priceType: 'promotional', unit: 'KGM', gtin: '4006381333931', name: 'Gouda' },
          { ...price, currency: 'CHF' },
        ],
      },
    },
  ],
  [
    'a bundle for members at happy hour',
    'OfferPublished',
    {
      offerId: 'o-3',
      title: 'Two for five',
      skus: ['A'],
      bundle: { quantity: 2, price: 500, currency: 'EUR' },
      member: true,
      hours: [{ days: ['MO'], from: '16:00', to: '18:00' }],
      validUntilLocal: '2035-01-31T20:00',
    },
    {
      kind: 'offer.published',
      validFrom: null,
      validUntil: null,
      validUntilLocal: '2035-01-31T20:00',
      data: {
        offerId: 'o-3',
        title: 'Two for five',
        skus: ['A'],
        bundle: { quantity: 2, price: 500, currency: 'EUR' },
        member: true,
        hours: [{ days: ['MO'], from: '16:00', to: '18:00' }],
      },
    },
  ],
  [
    'a withdrawal',
    'OfferWithdrawn',
    { offerId: 'o-1' },
    { kind: 'offer.withdrawn', validFrom: null, validUntil: null, data: { offerId: 'o-1' } },
  ],
])('%s arrives as the protocol shapes it', async (_, type, content, expected) => {
  const store = await connectStore(system);
  const publishedAfter = Date.now();
  const id = await system.publish(type, { ...content, audience: { stores: [store.storeId] } });
  const frame = await store.update(id);
  expect(frame).toEqual({
    type: 'update',
    id,
    positions: expect.any(Object),
    publishedAt: expect.stringMatching(ISO_TIME),
    ...expected,
  });
  expect(Math.abs(Date.parse(String(frame.publishedAt)) - publishedAfter)).toBeLessThan(60_000);
});

test("an update takes the event's id, and a detail's own updateId wins", async () => {
  const store = await connectStore(system);
  const detail = { offerId: 'o-3', audience: { stores: [store.storeId] } };
  const { EventId } = await system.put({ type: 'OfferWithdrawn', detail });
  expect(await store.update(String(EventId))).toMatchObject({ id: EventId });

  const updateId = unique('summer:2035_v1.0');
  const own = await system.put({ type: 'OfferWithdrawn', detail: { ...detail, updateId } });
  expect(own.EventId).not.toBe(updateId);
  expect(await store.update(updateId)).not.toHaveProperty('data.updateId');
});

test.each([
  ['the detail’s own', { publishedAt: '2026-01-02T03:04:05.678Z' }, '2026-01-02T03:04:05.678Z'],
  ['past, in another zone', { publishedAt: '2026-01-02T03:04+02:00' }, '2026-01-02T01:04:00.000Z'],
])('an update is published at the time that is %s', async (_, given, publishedAt) => {
  const store = await connectStore(system);
  const detail = { offerId: unique('o'), audience: { stores: [store.storeId] }, ...given };
  const { EventId = '' } = await system.put({ type: 'OfferWithdrawn', detail });
  expect(await store.update(EventId)).toMatchObject({ publishedAt });
});

test('two publications over HTTP one right after the other keep their order', async () => {
  const store = await connectStore(system);
  const frames: Record<string, unknown>[] = [];
  for (let index = 0; index < 4; index += 1) {
    const detail = { prices: [{ ...price, amount: index }], audience: { stores: [store.storeId] } };
    const response = await system.request('POST', 'updates', { body: { type: 'PriceChanged', detail } });
    frames.push(await store.update(((await response.json()) as { updateId: string }).updateId));
  }
  const times = frames.map(({ publishedAt }) => String(publishedAt));
  expect(times).toEqual([...new Set(times)].sort());
});

test('the same id with other content is a conflict, over HTTP and on the bus', async () => {
  const store = await connectStore(system);
  const updateId = unique('mine');
  const detailOf = (amount: number) => ({
    updateId,
    prices: [{ ...price, amount }],
    audience: { stores: [store.storeId] },
  });
  const post = (amount: number) =>
    system.request('POST', 'updates', { body: { type: 'PriceChanged', detail: detailOf(amount) } });
  expect((await post(1)).status).toBe(202);
  expect((await post(2)).status).toBe(409);
  expect((await post(1)).status).toBe(202);
  const { EventId = '' } = await system.put({ type: 'PriceChanged', detail: detailOf(2) });
  expect((await deadLetterOf(system, EventId)).reason).toMatch(/was published with other content/);
  expect(await store.update(updateId)).toMatchObject({ data: { prices: [{ amount: 1 }] } });
});

test('every source is taken that is not one of AWS', async () => {
  const store = await connectStore(system);
  const detail = { offerId: 'o-4', audience: { stores: [store.storeId] } };
  for (const source of ['com.example.pricing', 'awesome', 'storecast']) {
    const { EventId = '' } = await system.put({ type: 'OfferWithdrawn', detail, source });
    expect(await store.update(EventId)).toMatchObject({ id: EventId });
  }
});

test("an event with a source of AWS's own is not accepted", async () => {
  const answer = await system.put({
    type: 'OfferWithdrawn',
    detail: { offerId: 'o-5' },
    source: 'aws.pricing',
  });
  expect(answer).toMatchObject({ ErrorCode: 'NotAuthorizedForSourceException' });
  expect(answer.EventId).toBeUndefined();
});

test('an update as large as a frame allows arrives whole', async () => {
  const store = await connectStore(system);
  const prices = Array.from({ length: 480 }, (_, index) => ({ ...price, sku: `sku-${10_000 + index}` }));
  const id = await system.publish('PriceChanged', { prices, audience: { stores: [store.storeId] } });
  expect(await store.update(id)).toMatchObject({ data: { prices } });
});
