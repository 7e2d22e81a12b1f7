import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { checkDigit, Gtin, gtin14, gtinWarning } from '../../../domain/retail/gtin.ts';

const digits = (min: number, max = min) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: min, maxLength: max }).map(some => some.join(''));

describe('a GTIN', () => {
  // The first two are examples of the GS1 General Specifications and of a common pen; UPC and EAN of one article are one number.
  it.each([
    ['6291041500213', '06291041500213'],
    ['4006381333931', '04006381333931'],
    ['96385074', '00000096385074'],
    ['036000291452', '00036000291452'],
    ['0036000291452', '00036000291452'],
    ['36000291452', '00036000291452'],
    ['10614141000415', '10614141000415'],
  ])('%s is the article %s', (gtin, article) => {
    expect([v.is(Gtin, gtin), gtin14(gtin)]).toEqual([true, article]);
  });

  it.each([
    '',
    '1234567',
    '123456789012345',
    '4006381333932',
    '400638133393X',
    ' 4006381333931',
    '4.00638E12',
    4006381333931,
  ])('is not %j', gtin => {
    expect(v.is(Gtin, gtin)).toBe(false);
    if (typeof gtin === 'string') expect(gtin14(gtin)).toBeUndefined();
  });

  it('with a wrong check digit is told which it must be', () => {
    const { issues } = v.safeParse(Gtin, '4006381333932');
    expect(issues?.map(({ message }) => message)).toEqual([
      'the check digit of 4006381333932 must be 1, not 2',
    ]);
  });

  it('is found wrong with any one digit changed, and with most neighbours swapped', () => {
    fc.assert(
      fc.property(digits(7, 13), fc.nat(), fc.integer({ min: 1, max: 9 }), (some, place, change) => {
        const gtin = `${some}${checkDigit(some)}`;
        expect(gtin14(gtin)).toBe(gtin.padStart(14, '0'));
        const at = place % gtin.length;
        const changed = gtin.slice(0, at) + ((Number(gtin[at]) + change) % 10) + gtin.slice(at + 1);
        expect(gtin14(changed)).toBeUndefined();
      }),
    );
  });

  it('has the check digit by which its weighted digits end in 0', () => {
    fc.assert(
      fc.property(digits(13), some => {
        const whole = `${some}${checkDigit(some)}`;
        const sum = [...whole].reduce(
          (all, digit, index) => all + Number(digit) * (index % 2 === 0 ? 3 : 1),
          0,
        );
        expect(sum % 10).toBe(0);
      }),
    );
  });
});

describe('a SKU in a price file', () => {
  it.each([
    ['4006381333932', 'looks like a GTIN, but the check digit of 4006381333932 must be 1, not 2'],
    ['4006381333931', undefined],
    ['40063813339', undefined],
    ['1234567', undefined],
    ['COLA-330', undefined],
  ])('%s is warned of as: %s', (sku, warning) => {
    expect(gtinWarning(sku)).toBe(warning);
  });
});
