import { describe, expect, it } from 'vitest';
import { parseEvent, RefusedEventError } from '../../../domain/updates/published-events.ts';

const now = Date.parse('2026-12-01T08:00:00.000Z');
const price = { sku: 'A', amount: 199, currency: 'EUR' };
const offer = {
  offerId: 'O',
  title: 'Two for one',
  skus: ['A', 'B'],
  discount: { percent: 50 },
  validUntil: '2026-12-31T00:00:00Z',
};

function parse(detailType: string, detail: unknown) {
  return parseEvent({ id: 'event-1', 'detail-type': detailType, detail }, now);
}

function refusal(detailType: string, detail: unknown): RefusedEventError {
  try {
    parse(detailType, detail);
  } catch (error) {
    if (error instanceof RefusedEventError) return error;
    throw error;
  }
  throw new Error('the event was taken');
}

describe('an event becomes an update', () => {
  it('takes PriceChanged', () => {
    const prices = [price, { sku: 'B', amount: 0, currency: 'JPY' }];
    expect(parse('PriceChanged', { prices })).toEqual({
      id: 'event-1',
      kind: 'price.changed',
      publishedAt: '2026-12-01T08:00:00.000Z',
      validFrom: null,
      validUntil: null,
      audience: undefined,
      data: { prices },
    });
  });

  it('takes OfferPublished, whose times are no part of its data', () => {
    const { validUntil, ...data } = offer;
    expect(parse('OfferPublished', { ...offer, validFrom: '2026-12-24T00:00:00Z' })).toEqual({
      id: 'event-1',
      kind: 'offer.published',
      publishedAt: '2026-12-01T08:00:00.000Z',
      validFrom: '2026-12-24T00:00:00.000Z',
      validUntil: '2026-12-31T00:00:00.000Z',
      audience: undefined,
      data,
    });
  });

  it('takes an offer with a discount in money', () => {
    const discount = { amount: 50, currency: 'EUR' };
    expect(parse('OfferPublished', { ...offer, discount }).data).toMatchObject({ discount });
  });

  it('takes all that the retail model says of a price, and an end', () => {
    const prices = [
      { ...price, priceType: 'promotional', unit: 'KGM', gtin: '4006381333931', name: 'Gouda' },
      { ...price, currency: 'CHF' },
      price,
    ];
    const validUntil = '2026-12-24T00:00:00.000Z';
    expect(parse('PriceChanged', { prices, validUntil })).toMatchObject({ validUntil, data: { prices } });
  });

  it.each<[string, object]>([
    ['a fixed price', { discount: { price: 99, currency: 'EUR' } }],
    ['3 for 2', { discount: { percent: 100 }, buy: { quantity: 2, get: 1 } }],
    ['two for 5.00', { discount: undefined, bundle: { quantity: 2, price: 500, currency: 'EUR' } }],
    ['a minimum', { minimum: { amount: 5_000, currency: 'EUR' } }],
    ['members and a coupon', { member: true, coupon: 'XMAS' }],
    ['hours', { hours: [{ days: ['MO', 'FR'], from: '16:00', to: '18:00' }] }],
    ['a priority', { priority: 2, combinable: true }],
  ])('takes an offer with %s', (_title, terms) => {
    const { validUntil, ...data } = JSON.parse(JSON.stringify({ ...offer, ...terms }));
    expect(parse('OfferPublished', { ...data, validUntil }).data).toEqual(data);
  });

  it('takes times on the stores’ clocks, and says them beside the empty UTC ones', () => {
    const local = { validFromLocal: '2026-12-01T06:00', validUntilLocal: '2026-12-24T20:00' };
    const { validUntil: _, ...terms } = offer;
    expect(parse('OfferPublished', { ...terms, ...local })).toMatchObject({
      validFrom: null,
      validUntil: null,
      ...local,
    });
  });

  it('takes what is over in Berlin but not yet on Baker Island, where the last stores would be', () => {
    const { validUntil: _, ...terms } = offer;
    const until = (validUntilLocal: string) => ({ ...terms, validUntilLocal });
    expect(parse('OfferPublished', until('2026-11-30T20:01'))).toMatchObject({ kind: 'offer.published' });
    expect(refusal('OfferPublished', until('2026-11-30T20:00')).message).toBe(
      'validUntil 2026-11-30T20:00 is already past',
    );
  });

  it('takes OfferWithdrawn', () => {
    expect(parse('OfferWithdrawn', { offerId: 'O' })).toEqual({
      id: 'event-1',
      kind: 'offer.withdrawn',
      publishedAt: '2026-12-01T08:00:00.000Z',
      validFrom: null,
      validUntil: null,
      audience: undefined,
      data: { offerId: 'O' },
    });
  });

  it.each<[string, object]>([
    ['PriceChanged', { prices: [price] }],
    ['OfferPublished', offer],
    ['OfferWithdrawn', { offerId: 'O' }],
  ])("gives %s the detail's own updateId before the event's id", (detailType, detail) => {
    const update = parse(detailType, { ...detail, updateId: 'mine' });
    expect(update.id).toBe('mine');
    expect(update.data).not.toHaveProperty('updateId');
  });

  it('keeps whom an audience names, and fills in what it leaves out', () => {
    const update = parse('OfferWithdrawn', {
      offerId: 'O',
      audience: { regions: ['north'], stores: ['s1'] },
    });
    expect(update.audience).toEqual({ regions: ['north'], groups: [], stores: ['s1'] });
    expect(update.data).toEqual({ offerId: 'O' });
  });

  it.each<[string, string]>([
    ['2026-12-24T01:30:00+02:00', '2026-12-23T23:30:00.000Z'],
    ['2026-12-31T23:59:59-01:00', '2027-01-01T00:59:59.000Z'],
    ['2026-12-24T00:00Z', '2026-12-24T00:00:00.000Z'],
    ['2026-12-24T00:00:00.5Z', '2026-12-24T00:00:00.500Z'],
  ])('normalizes %s to UTC with milliseconds', (written, normalized) => {
    expect(parse('PriceChanged', { prices: [price], validFrom: written }).validFrom).toBe(normalized);
  });

  it('takes an offer that is over a millisecond later', () => {
    expect(parse('OfferPublished', { ...offer, validUntil: '2026-12-01T08:00:00.001Z' }).validUntil).toBe(
      '2026-12-01T08:00:00.001Z',
    );
  });
});

describe('the time of publication', () => {
  const second = '2026-12-01T07:59:00Z';
  const publishedAt = (detail: object, handledAt: number, time: string | undefined = second) =>
    parseEvent(
      {
        id: 'e',
        ...(time && { time }),
        'detail-type': 'PriceChanged',
        detail: { prices: [price], ...detail },
      },
      handledAt,
    ).publishedAt;

  it("is the publisher's own, also one that is past", () => {
    expect(publishedAt({ publishedAt: '2026-11-30T12:00:00.123+01:00' }, now)).toBe(
      '2026-11-30T11:00:00.123Z',
    );
  });

  // A retry a minute later once stamped an older price later than the newer one that had gone through meanwhile.
  it.each<[string, number, string]>([
    ['at once', Date.parse(second) + 250, '2026-12-01T07:59:00.250Z'],
    ['by a retry, a minute later', Date.parse(second) + 60_000, '2026-12-01T07:59:00.999Z'],
    ['by a clock that is behind', Date.parse(second) - 5_000, '2026-12-01T07:59:00.000Z'],
  ])("is within the event's second though it is handled %s", (_title, handledAt, expected) => {
    expect(publishedAt({}, handledAt)).toBe(expected);
  });

  it.each([undefined, 'yesterday'])('is now for an event whose time is %s', time => {
    expect(publishedAt({}, now, time ?? '')).toBe('2026-12-01T08:00:00.000Z');
  });

  it('is refused more than 15 minutes ahead, where it would win over all that comes until then', () => {
    const ahead = (ms: number) => ({ publishedAt: new Date(now + ms).toISOString() });
    expect(publishedAt(ahead(900_000), now)).toBe('2026-12-01T08:15:00.000Z');
    for (const late of [
      () => publishedAt(ahead(900_001), now),
      () => publishedAt({}, now, '2027-01-01T00:00:00Z'),
    ])
      expect(late).toThrow(/^publishedAt: .* is more than 15 minutes ahead$/);
  });
});

describe('an event that reaches nobody', () => {
  it.each(['Toaster', 'priceChanged', '', 'toString', '__proto__'])(
    "is refused with its detail-type when that is '%s'",
    detailType => {
      const { code, message } = refusal(detailType, { prices: [price] });
      expect(code).toBe('UnknownDetailType');
      expect(message).toBe(
        `unknown detail-type '${detailType}'; known are PriceChanged, PriceWithdrawn, OfferPublished, OfferWithdrawn, MessagePublished`,
      );
    },
  );

  it('is refused at the very moment that it is over', () => {
    const { code, message } = refusal('OfferPublished', {
      ...offer,
      validUntil: '2026-12-01T09:00:00+01:00',
    });
    expect(code).toBe('Expired');
    expect(message).toBe('validUntil 2026-12-01T08:00:00.000Z is already past');
  });

  it('is refused with every place that is wrong in it', () => {
    const prices = [{ ...price, amount: -1 }, price, { ...price, sku: '/', currency: 'EURO' }];
    const { message } = refusal('PriceChanged', { prices, audience: {} });
    expect(message.split('; ').map(part => part.split(':')[0])).toEqual([
      'audience',
      'leave it out to reach every store',
      'prices.0.amount',
      'prices.2.sku',
      'prices.2.currency',
    ]);
  });
});

describe('the reason of a refusal', () => {
  it('names ten places and counts the others', () => {
    const prices = Array.from({ length: 25 }, () => ({ ...price, sku: 'a', amount: -1 }));
    const parts = refusal('PriceChanged', { prices }).message.split('; ');
    expect(parts).toHaveLength(11);
    expect(parts[9]).toBe('prices.9.amount: must not be negative');
    expect(parts[10]).toBe('and 15 more');
  });

  // A dead letter holds it in a message attribute, and a detail of 240 KB once made one that SQS refused.
  it.each<[string, object]>([
    [
      '3,000 bad prices',
      { prices: Array.from({ length: 3_000 }, () => ({ ...price, sku: '/'.repeat(40) })) },
    ],
    ['one property with a name of 240 KB', { prices: [price], ['x'.repeat(240_000)]: 1 }],
    [
      'names of 8 KB in many places',
      { prices: Array.from({ length: 30 }, () => ({ ['y'.repeat(8_000)]: 1 })) },
    ],
  ])('stays below 4 KB for %s', (_title, detail) => {
    expect(JSON.stringify(detail).length).toBeGreaterThan(200_000);
    expect(Buffer.byteLength(refusal('PriceChanged', detail).message)).toBeLessThan(4_096);
  });
});

describe('an invalid detail is refused, and the message names the place', () => {
  const name = 'must be 1 to 64 letters, digits or . _ : -';
  const shape = 'must be {sku, amount, currency}';
  const unknown = 'is unknown';
  const minorUnits = 'must be an integer of minor units';
  const currency = 'must be an ISO 4217 currency code, such as EUR';
  const time = 'must be an ISO 8601 date and time with a zone, such as 2026-12-01T08:00:00Z';
  const order = 'validUntil must be later than validFrom';
  const forms = 'validFrom and validFromLocal, validUntil and validUntilLocal exclude each other';
  const nobody = 'names nobody; leave it out to reach every store';
  const discount =
    'must be {"percent": above 0, at most 100}, {"amount": minor units, "currency"} or {"price": minor units, "currency"}';

  /** The detail, the place, and what is said of it where those are our own words. */
  type Row = [title: string, detail: unknown, place: string, problem?: string];
  const withPrice = (change: object) => ({ prices: [{ ...price, ...change }] });

  it.each<Row>([
    ['no detail', undefined, 'detail'],
    ['a null detail', null, 'detail'],
    ['a text for a detail', 'prices', 'detail'],
    ['a list for a detail', [price], 'prices'],
    ['no prices', {}, 'prices'],
    ['a text for prices', { prices: 'A' }, 'prices', 'must be a list'],
    ['an empty list of prices', { prices: [] }, 'prices', 'must hold at least one price'],
    ['a null price', { prices: [null] }, 'prices.0', shape],
    ['a SKU priced twice', { prices: [price, { ...price, amount: 1 }] }, 'prices', 'prices a SKU twice'],
    ['a price without a SKU', { prices: [{ amount: 1, currency: 'EUR' }] }, 'prices.0.sku', 'is missing'],
    ['a price without a currency', { prices: [{ sku: 'A', amount: 1 }] }, 'prices.0.currency', 'is missing'],
    ['a property that no price has', withPrice({ note: 'x' }), 'prices.0.note', unknown],
    ['a number for a SKU', withPrice({ sku: 7 }), 'prices.0.sku', 'must be a string'],
    ['an empty SKU', withPrice({ sku: '' }), 'prices.0.sku', name],
    ['a SKU with a slash', withPrice({ sku: 'a/b' }), 'prices.0.sku', name],
    ['a SKU that ends in a line feed', withPrice({ sku: 'A\n' }), 'prices.0.sku', name],
    ['a SKU of 65 characters', withPrice({ sku: 'x'.repeat(65) }), 'prices.0.sku', name],
    ['a fraction of a minor unit', withPrice({ amount: 1.5 }), 'prices.0.amount', minorUnits],
    ['a text for an amount', withPrice({ amount: '199' }), 'prices.0.amount', minorUnits],
    ['an amount past what a double holds', withPrice({ amount: 2 ** 53 }), 'prices.0.amount', minorUnits],
    ['a negative amount', withPrice({ amount: -1 }), 'prices.0.amount', 'must not be negative'],
    ['the second price', { prices: [price, { ...price, sku: '#' }] }, 'prices.1.sku', name],
    ['a currency of four letters', withPrice({ currency: 'EURO' }), 'prices.0.currency', currency],
    ['a currency in lower case', withPrice({ currency: 'eur' }), 'prices.0.currency', currency],
    ['a start in words', { prices: [price], validFrom: 'tomorrow' }, 'validFrom', time],
    ['a start without a time', { prices: [price], validFrom: '2026-12-01' }, 'validFrom', time],
    ['a start without a zone', { prices: [price], validFrom: '2026-12-01T08:00:00' }, 'validFrom', time],
    ['31 February', { prices: [price], validFrom: '2026-02-31T08:00:00Z' }, 'validFrom', time],
    [
      'a start that UTC puts past year 9999',
      { prices: [price], validFrom: '9999-12-31T23:00:00-02:00' },
      'validFrom',
      time,
    ],
    ['a start past year 9999', { prices: [price], validFrom: '+010000-01-01T00:00:00Z' }, 'validFrom', time],
    ['25 o’clock', { prices: [price], validFrom: '2026-12-01T25:00:00Z' }, 'validFrom', time],
    ['seconds since the epoch', { prices: [price], validFrom: 1_764_576_000 }, 'validFrom'],
    [
      'an end at its start',
      { prices: [price], validFrom: offer.validUntil, validUntil: offer.validUntil },
      'detail',
      order,
    ],
    [
      'a start in both forms',
      { prices: [price], validFrom: offer.validUntil, validFromLocal: '2026-12-01T06:00' },
      'detail',
      forms,
    ],
    [
      'a local start with a zone',
      { prices: [price], validFromLocal: '2026-12-01T06:00Z' },
      'validFromLocal',
      'must be a local date and time without a zone, such as 2026-12-01T06:00',
    ],
    ['an unknown price type', withPrice({ priceType: 'sale' }), 'prices.0.priceType'],
    ['a unit in words', withPrice({ unit: 'kilo' }), 'prices.0.unit'],
    [
      'a wrong check digit',
      withPrice({ gtin: '4006381333932' }),
      'prices.0.gtin',
      'the check digit of 4006381333932 must be 1, not 2',
    ],
    ['a name of blanks', withPrice({ name: ' ' }), 'prices.0.name', 'must not be empty'],
    [
      'a SKU priced twice in one currency and type',
      { prices: [{ ...price, priceType: 'regular' }, price] },
      'prices',
      'prices a SKU twice',
    ],
    ['a misspelt audience', { prices: [price], audiense: { regions: ['north'] } }, 'audiense', unknown],
    ['an updateId with a space', { prices: [price], updateId: 'a b' }, 'updateId', name],
    ['an audience of nobody', { prices: [price], audience: {} }, 'audience', nobody],
    ['an audience of empty lists', { prices: [price], audience: { stores: [] } }, 'audience', nobody],
    ['a null audience', { prices: [price], audience: null }, 'audience', 'must be an object'],
    ['a text for an audience', { prices: [price], audience: 'north' }, 'audience', 'must be an object'],
    ['a misspelt list', { prices: [price], audience: { region: ['north'] } }, 'audience.region', unknown],
    [
      'a text for regions',
      { prices: [price], audience: { regions: 'north' } },
      'audience.regions',
      'must be a list',
    ],
    [
      'a region with a slash',
      { prices: [price], audience: { regions: ['a', 'b/c'] } },
      'audience.regions.1',
      name,
    ],
    [
      'more than 1000 stores',
      { prices: [price], audience: { stores: Array.from({ length: 1_001 }, (_, index) => `s${index}`) } },
      'audience.stores',
      'must not name more than 1000',
    ],
  ])('PriceChanged with %s', (_title, detail, place, problem) => {
    expectRefusal('PriceChanged', detail, place, problem);
  });

  /** The offer without one of its properties. */
  const without = (property: keyof typeof offer) =>
    Object.fromEntries(Object.entries(offer).filter(([key]) => key !== property));
  const plain = 'must be well-formed text without control characters';

  it.each<Row>([
    ['no id', without('offerId'), 'offerId'],
    ['no title', without('title'), 'title'],
    ['no SKUs', without('skus'), 'skus'],
    ['no discount', without('discount'), 'detail', 'discount or bundle must be given'],
    ['no end', without('validUntil'), 'detail', 'validUntil or validUntilLocal must be given'],
    [
      'both a bundle and a purchase',
      {
        ...offer,
        buy: { quantity: 2, get: 1 },
        bundle: { quantity: 2, price: 500, currency: 'EUR' },
      },
      'detail',
      'buy and bundle exclude each other',
    ],
    ['an hour that no day has', { ...offer, hours: [{ from: '25:00', to: '26:00' }] }, 'hours.0.from'],
    [
      'a day in words',
      { ...offer, hours: [{ days: ['Monday'], from: '16:00', to: '18:00' }] },
      'hours.0.days.0',
    ],
    ['an end in both forms', { ...offer, validUntilLocal: '2026-12-31T00:00' }, 'detail', forms],
    ['an id with a hash', { ...offer, offerId: 'a#b' }, 'offerId', name],
    ['a title of blanks', { ...offer, title: '  ' }, 'title', 'must not be empty'],
    ['a title of 201 characters', { ...offer, title: 'x'.repeat(201) }, 'title'],
    ['a number for a title', { ...offer, title: 7 }, 'title'],
    ['half of an emoji in a title', { ...offer, title: 'Two \ud83c for one' }, 'title', plain],
    ['a control sequence in a title', { ...offer, title: 'Two\u001b[2J for one' }, 'title', plain],
    ['two lines for a title', { ...offer, title: 'Two\nfor one' }, 'title', plain],
    ['an empty list of SKUs', { ...offer, skus: [] }, 'skus', 'must name at least one SKU'],
    ['a SKU twice', { ...offer, skus: ['A', 'B', 'A'] }, 'skus', 'names a SKU twice'],
    ['a text for SKUs', { ...offer, skus: 'A' }, 'skus', 'must be a list of SKUs'],
    ['a number among SKUs', { ...offer, skus: ['A', 7] }, 'skus.1', 'must be a string'],
    ['an empty discount', { ...offer, discount: {} }, 'discount', discount],
    ['a discount of 0 %', { ...offer, discount: { percent: 0 } }, 'discount.percent'],
    ['a discount of 101 %', { ...offer, discount: { percent: 101 } }, 'discount.percent'],
    ['a discount of no money', { ...offer, discount: { amount: 0, currency: 'EUR' } }, 'discount.amount'],
    ['a discount without currency', { ...offer, discount: { amount: 5 } }, 'discount', discount],
    [
      'two discounts',
      { ...offer, discount: { percent: 5, amount: 5, currency: 'EUR' } },
      'discount',
      discount,
    ],
    ['an end without a time', { ...offer, validUntil: '2026-12-31' }, 'validUntil', time],
    ['an end at its start', { ...offer, validFrom: offer.validUntil }, 'detail', order],
    [
      'an end before its start in another zone',
      { ...offer, validFrom: '2026-12-30T23:30:00-01:00' },
      'detail',
      order,
    ],
    ['a property that no offer has', { ...offer, prices: [price] }, 'prices', unknown],
  ])('OfferPublished with %s', (_title, detail, place, problem) => {
    expectRefusal('OfferPublished', detail, place, problem);
  });

  it.each<Row>([
    ['no id', {}, 'offerId'],
    ['an empty id', { offerId: '' }, 'offerId', name],
    ['a reason', { offerId: 'O', reason: 'sold out' }, 'reason', unknown],
  ])('OfferWithdrawn with %s', (_title, detail, place, problem) => {
    expectRefusal('OfferWithdrawn', detail, place, problem);
  });

  function expectRefusal(detailType: string, detail: unknown, place: string, problem?: string): void {
    const { code, message } = refusal(detailType, detail);
    expect(code).toBe('InvalidEvent');
    if (problem === undefined) expect(message).toMatch(new RegExp(`^${place}: .`));
    else expect(message).toBe(`${place}: ${problem}`);
  }
});
