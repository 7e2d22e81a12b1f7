import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { describeIssues } from '../../../domain/issues.ts';
import { RetailOffer, StrictRetailOffer } from '../../../domain/retail/offer.ts';

const good = {
  offerId: 'O1',
  title: '3 for 2',
  skus: ['A', 'B'],
  discount: { percent: 100 },
  validUntil: '2026-12-24T00:00:00.000Z',
};
const without = (name: keyof typeof good) => ({ ...good, [name]: undefined });
const whole = {
  ...good,
  buy: { quantity: 2, get: 1 },
  minimum: { amount: 2_000, currency: 'EUR' },
  member: true,
  coupon: 'XMAS 26',
  hours: [{ days: ['MO', 'FR'], from: '22:00', to: '02:00' }],
  priority: -1,
  combinable: true,
  validFrom: '2026-12-01T00:00:00.000Z',
};

describe('an offer', () => {
  it.each<[string, object]>([
    ['today’s form', good],
    ['all that there is', whole],
    ['a fixed price', { ...good, discount: { price: 0, currency: 'EUR' } }],
    ['an amount', { ...good, discount: { amount: 50, currency: 'EUR' } }],
    [
      'a bundle, which needs no discount',
      { ...without('discount'), bundle: { quantity: 2, price: 500, currency: 'EUR' } },
    ],
    [
      'local times',
      { ...without('validUntil'), validFromLocal: '2026-12-01T06:00', validUntilLocal: '2026-12-24T14:00' },
    ],
    ['a local beginning and an end for all', { ...good, validFromLocal: '2026-12-01T06:00' }],
    // In New Zealand it is midnight when it still is the day before for all others.
    [
      'an end that comes before its beginning in some zones only',
      { ...good, validFromLocal: '2026-12-24T06:00' },
    ],
  ])('is taken with %s', (_title, offer) => {
    expect(v.parse(StrictRetailOffer, offer)).toEqual(offer);
  });

  it.each<[string, object, string]>([
    ['neither discount nor bundle', without('discount'), 'detail: discount or bundle must be given'],
    [
      'a discount of two kinds',
      { ...good, discount: { percent: 10, amount: 5, currency: 'EUR' } },
      'detail.discount: ',
    ],
    ['a discount of 101 %', { ...good, discount: { percent: 101 } }, 'discount'],
    [
      'a bundle of what is bought',
      { ...whole, bundle: { quantity: 2, price: 500, currency: 'EUR' } },
      'detail: buy and bundle',
    ],
    ['a set of no pieces', { ...good, buy: { quantity: 0, get: 1 } }, 'buy.quantity: must be at least 1'],
    ['half a piece', { ...good, buy: { quantity: 2, get: 0.5 } }, 'buy.get: must be a whole number'],
    ['a set of 101 pieces', { ...good, buy: { quantity: 101, get: 1 } }, 'buy.quantity: must be at most 100'],
    [
      'a minimum of nothing',
      { ...good, minimum: { amount: 0, currency: 'EUR' } },
      'minimum.amount: must be above 0',
    ],
    [
      'a bundle without a currency',
      { ...good, bundle: { quantity: 2, price: 500 } },
      'bundle.currency: is missing',
    ],
    ['a misspelt field', { ...good, combineable: true }, 'combineable: is unknown'],
    [
      'a misspelt field in its hours',
      { ...good, hours: [{ day: ['MO'], from: '16:00', to: '18:00' }] },
      'hours.0.day: is unknown',
    ],
    ['no hours', { ...good, hours: [] }, 'hours: must hold'],
    ['a priority in words', { ...good, priority: 'high' }, 'priority: must be a whole number'],
    ['no end', without('validUntil'), 'detail: validUntil or validUntilLocal must be given'],
    ['two ends', { ...good, validUntilLocal: '2026-12-24T14:00' }, 'detail: validFrom and validFromLocal'],
    [
      'a local time with a zone',
      { ...without('validUntil'), validUntilLocal: '2026-12-24T14:00Z' },
      'validUntilLocal: must be a local date',
    ],
    [
      'an end before its beginning',
      { ...good, validFrom: '2026-12-25T00:00:00Z' },
      'detail: validUntil must be later',
    ],
    [
      'a local end before its beginning',
      { ...without('validUntil'), validFromLocal: '2026-12-25T00:00', validUntilLocal: '2026-12-24T14:00' },
      'detail: validUntil must be later',
    ],
    [
      'an end that no zone begins before',
      { ...good, validFromLocal: '2026-12-24T14:00' },
      'detail: validUntil must be later',
    ],
  ])('is refused, naming the field: %s', (_title, offer, fault) => {
    const { issues = [] } = v.safeParse(StrictRetailOffer, offer);
    expect(describeIssues(issues as never, 'detail')).toContain(fault.replace('detail.discount', 'discount'));
  });

  it('of a newer chain passes an older till, with what it knows', () => {
    const newer = {
      ...whole,
      hours: [{ ...whole.hours[0], zone: 'x' }],
      buy: { ...whole.buy, of: 'y' },
      more: 1,
    };
    const { validFrom, validUntil, ...known } = whole;
    expect(v.parse(RetailOffer, newer)).toEqual(known);
  });
});
