import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { priceKey, RetailPrice, StrictRetailPrice } from '../../../domain/retail/price.ts';

const good = { sku: 'A', amount: 199, currency: 'EUR' };

describe('a price', () => {
  it.each([
    [{}],
    [{ priceType: 'promotional' }],
    [{ unit: 'KGM', gtin: '4006381333931', name: 'Gouda, mild' }],
  ])('is taken with %j', more => {
    expect(v.parse(StrictRetailPrice, { ...good, ...more })).toEqual({ ...good, ...more });
  });

  it.each([
    [{ priceType: 'cheap' }, 'priceType'],
    [{ unit: 'kilo' }, 'unit'],
    [{ gtin: '4006381333932' }, 'gtin'],
    [{ name: ' ' }, 'name'],
    [{ amount: 1.99 }, 'amount'],
    [{ pricetype: 'regular' }, 'pricetype'],
  ])('is refused with %j', (more, place) => {
    const { issues = [] } = v.safeParse(StrictRetailPrice, { ...good, ...more });
    expect(issues.map(issue => v.getDotPath(issue as never))).toEqual([place]);
  });

  it('of a newer chain passes an older till, with what it knows', () => {
    expect(v.parse(RetailPrice, { ...good, deposit: 25 })).toEqual(good);
  });

  it('holds beside those of other currencies and types', () => {
    const keys = [
      good,
      { ...good, priceType: 'regular' as const },
      { ...good, priceType: 'member' as const },
      { ...good, currency: 'CHF' },
    ].map(priceKey);
    expect(keys).toEqual(['A/EUR/regular', 'A/EUR/regular', 'A/EUR/member', 'A/CHF/regular']);
  });
});
