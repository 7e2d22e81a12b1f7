import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { Amount, Currency, InvalidAmountError, minorUnitDigits, toMinorUnits } from '../../domain/money.ts';

describe('an amount as people write it', () => {
  it.each<[string, string, number]>([
    ['1.99', 'EUR', 199],
    ['1.9', 'EUR', 190],
    ['1', 'EUR', 100],
    ['0', 'EUR', 0],
    ['0.07', 'EUR', 7],
    ['01.50', 'EUR', 150],
    // 19.99 * 100 is 1998.9999999999998.
    ['19.99', 'EUR', 1999],
    ['1999', 'JPY', 1999],
    ['1.234', 'KWD', 1234],
    ['1.5', 'KWD', 1500],
    ['1990', 'HUF', 199_000],
    ['0.005', 'IQD', 5],
    ['90071992547409.91', 'EUR', Number.MAX_SAFE_INTEGER],
  ])('%s %s are %i minor units', (text, currency, amount) => {
    expect(toMinorUnits(text, currency)).toBe(amount);
  });

  it.each<[string, string]>([
    ['', 'EUR'],
    ['.5', 'EUR'],
    ['1.', 'EUR'],
    ['1,99', 'EUR'],
    ['1_000', 'EUR'],
    ['-1', 'EUR'],
    ['+1', 'EUR'],
    ['1e3', 'EUR'],
    ['0x10', 'EUR'],
    [' 1', 'EUR'],
    ['1\n', 'EUR'],
    ['٣', 'EUR'],
    ['Infinity', 'EUR'],
    ['1.999', 'EUR'],
    ['1.0', 'JPY'],
    ['1.2345', 'KWD'],
    ['90071992547409.92', 'EUR'],
    ['9'.repeat(400), 'EUR'],
  ])("'%s' %s is refused", (text, currency) => {
    expect(() => toMinorUnits(text, currency)).toThrow(InvalidAmountError);
  });

  it('says how many places the currency has', () => {
    expect(() => toMinorUnits('1.999', 'EUR')).toThrow("'1.999' has more than the 2 decimal places of EUR");
  });

  it('comes back digit by digit, whatever the amount', () => {
    const amounts = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(amounts, fc.constantFrom('EUR', 'JPY', 'KWD'), (amount, currency) => {
        const places = minorUnitDigits(currency);
        const digits = String(amount).padStart(places + 1, '0');
        const split = digits.length - places;
        const text = places === 0 ? digits : `${digits.slice(0, split)}.${digits.slice(split)}`;
        expect(toMinorUnits(text, currency)).toBe(amount);
      }),
    );
  });
});

describe('a currency', () => {
  it.each<[string, number]>([
    ['EUR', 2],
    ['USD', 2],
    ['JPY', 0],
    ['KRW', 0],
    ['KWD', 3],
    ['TND', 3],
    // Intl rounds these as people do; ISO 4217 doesn't.
    ['HUF', 2],
    ['IQD', 3],
    ['CLF', 4],
    ['UYI', 0],
    ['UYW', 4],
    ['ISK', 0],
    ['CLP', 0],
    ['TWD', 2],
    ['COP', 2],
    ['MGA', 2],
  ])('%s has %i decimal places', (currency, places) => {
    expect(minorUnitDigits(currency)).toBe(places);
  });

  it.each(['EUR', 'USD', 'JPY', 'XAF'])('%s is one', code => {
    expect(v.is(Currency, code)).toBe(true);
  });

  it.each<unknown>(['eur', 'EURO', 'E', '', 'ZZZ', ' EUR', 978, null, undefined])('%j is none', code => {
    expect(v.is(Currency, code)).toBe(false);
  });
});

describe('an amount', () => {
  it.each([0, 1, Number.MAX_SAFE_INTEGER])('%d is one', amount => {
    expect(v.is(Amount, amount)).toBe(true);
  });

  it.each<unknown>([-1, 0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY, '1', 1n, null, undefined])(
    '%s is none',
    amount => {
      expect(v.is(Amount, amount)).toBe(false);
    },
  );
});
