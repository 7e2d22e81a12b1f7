import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkSale, minuteOf, type Sale } from '../../../domain/sales/sale.ts';
import { good, LARGEST, line, NOW, refusal, taken, tax, withLine } from './checked-sales.ts';

const MINUTE_MS = 60_000;

describe('a sale', () => {
  it.each<[string, Partial<Sale>]>([
    ['one line', {}],
    ['several lines', { total: 648, lines: [...good.lines, { sku: 'B', quantity: 1, unitPrice: 250 }] }],
    ['one SKU twice', { total: 796, lines: [...good.lines, ...good.lines] }],
    ['a piece that came back', { total: -398, lines: [{ sku: 'A', quantity: -2, unitPrice: 199 }] }],
    ['an exchange that costs nothing', { total: 0, lines: exchange(199) }],
    ['a piece given away', { total: 0, lines: [{ sku: 'BAG', quantity: 1, unitPrice: 0 }] }],
    ['a currency without minor units', { currency: 'JPY' }],
    ['an id of 64 characters', { saleId: 'S'.repeat(64) }],
    ['an id that every object has', { saleId: 'constructor' }],
    ['the largest total', { total: LARGEST, lines: [{ sku: 'A', quantity: 1, unitPrice: LARGEST }] }],
    ['a till that was ahead by 15 minutes', { soldAt: '2024-03-01T08:15:00.000Z' }],
    ['a sale of 400 days ago', { soldAt: '2023-01-26T08:00:00.000Z' }],
  ])('is taken as it is with %s', (_title, change) => {
    expect(taken({ ...good, ...change })).toEqual({ ...good, ...change });
  });

  it.each([
    ['2024-03-01T09:00:30+01:00', '2024-03-01T08:00:30.000Z'],
    ['2024-02-29T23:30Z', '2024-02-29T23:30:00.000Z'],
    ['2024-03-01T01:30:00-05:00', '2024-03-01T06:30:00.000Z'],
  ])('sold at %s is kept by its time in UTC', (soldAt, kept) => {
    expect(taken({ ...good, soldAt }).soldAt).toBe(kept);
  });
});

const without = (name: keyof Sale) => ({ ...good, [name]: undefined });

describe('a sale that is refused', () => {
  it.each<[string, unknown, string]>([
    ['null', null, 'sale'],
    ['a text', 'S1', 'sale'],
    ['a number', 7, 'sale'],
    ['a list of sales', [good], 'saleId'],
    ['no id', without('saleId'), 'saleId'],
    ['an id that is a number', { ...good, saleId: 1 }, 'saleId'],
    ['an empty id', { ...good, saleId: '' }, 'saleId'],
    ['an id of 65 characters', { ...good, saleId: 'S'.repeat(65) }, 'saleId'],
    ['an id with a separator of keys', { ...good, saleId: 'S#1' }, 'saleId'],
    ['an id that is a prototype', { ...good, saleId: '__proto__' }, 'saleId'],
    ['an id with a line end', { ...good, saleId: 'S1\n' }, 'saleId'],
    ['no time', without('soldAt'), 'soldAt'],
    ['a time that is a number', { ...good, soldAt: NOW }, 'soldAt'],
    ['a time without a zone', { ...good, soldAt: '2024-03-01T08:00:30' }, 'soldAt'],
    ['a day alone', { ...good, soldAt: '2024-03-01' }, 'soldAt'],
    ['a day that no calendar has', { ...good, soldAt: '2024-02-30T08:00:00Z' }, 'soldAt'],
    ['an hour that no clock has', { ...good, soldAt: '2024-03-01T25:00:00Z' }, 'soldAt'],
    ['a year that no longer sorts as text', { ...good, soldAt: '+012024-03-01T08:00:00Z' }, 'soldAt'],
    ['no currency', without('currency'), 'currency'],
    ['a currency that is none', { ...good, currency: 'ZZZ' }, 'currency'],
    ['a currency in small letters', { ...good, currency: 'eur' }, 'currency'],
    ['no total', without('total'), 'total'],
    ['a total that is a text', { ...good, total: '398' }, 'total'],
    ['a total in major units', { ...good, total: 3.98 }, 'total'],
    ['a total past what a double holds', { ...good, total: 2 ** 53 }, 'total'],
    ['a total without end', { ...good, total: Number.POSITIVE_INFINITY }, 'total'],
    ['no lines', without('lines'), 'lines'],
    ['lines that are an object', { ...good, lines: { 0: line } }, 'lines'],
    ['an empty list of lines', { ...good, total: 0, lines: [] }, 'lines'],
    ['a line that is null', { ...good, lines: [line, null] }, 'lines.1'],
    ['a line without a SKU', withLine({ sku: undefined }), 'lines.1.sku'],
    ['a SKU with a space', withLine({ sku: 'A 1' }), 'lines.1.sku'],
    ['a quantity of 0', withLine({ quantity: 0 }), 'lines.1.quantity'],
    ['a quantity of -0', withLine({ quantity: -0 }), 'lines.1.quantity'],
    ['a quantity with four decimals', withLine({ quantity: 0.5001 }), 'lines.1.quantity'],
    ['half a piece at an odd price', withLine({ quantity: 0.5 }), 'lines.1.amount'],
    ['a unit in words', withLine({ unit: 'kg' }), 'lines.1.unit'],
    ['a unit price with five decimals', withLine({ unitPrice: 1.00001, amount: 1 }), 'lines.1.unitPrice'],
    ['an amount in major units', withLine({ amount: 3.98 }), 'lines.1.amount'],
    ['a GTIN of seven digits', withLine({ gtin: '4006381' }), 'lines.1.gtin'],
    ['a GTIN with a wrong check digit', withLine({ gtin: '4006381333932' }), 'lines.1.gtin'],
    ['a discount of 0', withLine({ discounts: [{ amount: 0 }] }), 'lines.1.discounts.0.amount'],
    ['a discount that adds', withLine({ discounts: [{ amount: -5 }] }), 'lines.1.discounts.0.amount'],
    ['a listed price in major units', withLine({ listed: 1.99 }), 'lines.1.listed'],
    ['a tax that the sale lacks', { ...good, taxes: [], lines: [{ ...line, tax: 'A' }] }, 'lines.0.tax'],
    ['a till that is a number', { ...good, till: 3 }, 'till'],
    ['a running number with decimals', { ...good, sequence: 1.5 }, 'sequence'],
    ['a negative running number', { ...good, sequence: -1 }, 'sequence'],
    ['a type of its own', { ...good, type: 'refund' }, 'type'],
    ['an original without an id', { ...good, original: { till: 'T1' } }, 'original.saleId'],
    ['a business day that no calendar has', { ...good, businessDay: '2024-02-30' }, 'businessDay'],
    ['a business day with a time', { ...good, businessDay: '2024-02-29T00:00Z' }, 'businessDay'],
    ['an operator without a name', { ...good, operator: '' }, 'operator'],
    ['discounts that are an object', { ...good, discounts: { amount: 5 } }, 'discounts'],
    ['a tax of no kind', { ...good, taxes: [{ ...tax, included: undefined }] }, 'taxes.0.included'],
    ['a negative tax rate', { ...good, taxes: [{ ...tax, percent: -7 }] }, 'taxes.0.percent'],
    ['a tender that nobody takes', { ...good, tenders: [{ type: 'gold', amount: 398 }] }, 'tenders.0.type'],
    ['a tender without an amount', { ...good, tenders: [{ type: 'cash' }] }, 'tenders.0.amount'],
    ['half a cent of rounding', { ...good, rounding: 0.5 }, 'rounding'],
    ['fields without end', { ...good, more: nested(40) }, 'sale'],
    ['a sale of 401 days ago', { ...good, soldAt: '2023-01-25T07:59:59.999Z' }, 'soldAt'],
    ['a till whose clock was reset', { ...good, soldAt: '1970-01-01T00:00:00Z' }, 'soldAt'],
    ['a year before all clocks', { ...good, soldAt: '0000-01-01T00:00:00Z' }, 'soldAt'],
    ['a quantity that is a text', withLine({ quantity: '2' }), 'lines.1.quantity'],
    ['a negative price', withLine({ unitPrice: -199 }), 'lines.1.unitPrice'],
    ['a price in major units', withLine({ unitPrice: 1.99 }), 'lines.1.unitPrice'],
    ['a price that is none', withLine({ unitPrice: Number.NaN }), 'lines.1.unitPrice'],
  ])('is invalid, and told where: %s', (_title, value, place) => {
    const { code, message } = refusal(value);
    expect({ code, place: message.split(': ')[0] }).toEqual({ code: 'invalid_sale', place });
  });

  it.each<[string, object, string]>([
    ['too little', { total: 397 }, 'total is 397, the lines add up to 398'],
    ['too much', { total: 399 }, 'total is 399, the lines add up to 398'],
    ['the sign', { total: -398 }, 'total is -398, the lines add up to 398'],
    ['a line', { lines: [...good.lines, line] }, 'total is 398, the lines add up to 796'],
  ])('has a total that its lines do not add up to: %s', (_title, change, message) => {
    expect(refusal({ ...good, ...change })).toEqual({ saleId: 'S1', code: 'total_mismatch', message });
  });

  it.each<[string, object, string]>([
    ['a discount', { discounts: [{ amount: 10 }] }, 'but lines 398 - discounts 10 is 388'],
    ['a tax that is added', { taxes: [{ ...tax, included: false }] }, 'but lines 398 + taxes 64 is 462'],
    ['rounding', { rounding: -3 }, 'but lines 398 + rounding -3 is 395'],
  ])('has a total that leaves out %s', (_title, change, sum) => {
    expect(refusal({ ...good, ...change }).message).toBe(`total is 398, ${sum}`);
  });

  it('was sold longer ago than its caller takes', () => {
    const soldAt = new Date(NOW - 30 * 86_400_000 - 1).toISOString();
    const checked = checkSale({ ...good, soldAt }, NOW, 30 * 86_400_000);
    expect(checked).toMatchObject({
      refused: { code: 'invalid_sale', message: `soldAt: ${soldAt} is more than 30 days ago` },
    });
    expect(taken({ ...good, soldAt }).soldAt).toBe(soldAt);
  });

  // A client that has not heard the chain's time yet, and one that reads its outbox again.
  it('is not judged by its time where nobody knows the time', () => {
    for (const soldAt of ['1970-01-01T00:00:00.000Z', '2999-12-31T00:00:00.000Z'])
      expect(taken({ ...good, soldAt }, Number.POSITIVE_INFINITY).soldAt).toBe(soldAt);
  });

  // As doubles these add up to 0: the one cent is lost in the large products.
  it('has lines too large to be added up as doubles', () => {
    const lines = [
      { sku: 'A', quantity: LARGEST, unitPrice: LARGEST },
      { sku: 'B', quantity: 1, unitPrice: 1 },
      { sku: 'A', quantity: -LARGEST, unitPrice: LARGEST },
    ];
    expect(refusal({ ...good, total: 0, lines }).code).toBe('invalid_sale');
  });

  it('was sold more than 15 minutes ahead', () => {
    const soldAt = '2024-03-01T08:15:00.001Z';
    expect(refusal({ ...good, soldAt })).toEqual({
      saleId: 'S1',
      code: 'sold_in_future',
      message: `soldAt ${soldAt} is more than 15 minutes ahead`,
    });
    expect(taken({ ...good, soldAt }, NOW + 1).soldAt).toBe(soldAt);
  });

  it.each<[string, unknown, string | null]>([
    ['as it was sent', { saleId: 'S 1' }, 'S 1'],
    ['no longer than an id may be', { saleId: 'x'.repeat(30_000) }, 'x'.repeat(64)],
    ['null where it is no text', { saleId: { id: 1 } }, null],
    ['null where there is none', {}, null],
    ['null where it is not its own', 'text', null],
  ])('is named by its id, %s', (_title, value, saleId) => {
    expect(refusal(value).saleId).toBe(saleId);
  });

  it('names ten of its faults and counts the rest', () => {
    const { message } = refusal({ ...good, lines: Array.from({ length: 500 }, () => 0) });
    expect(message).toMatch(/and 490 more$/);
    expect(message.length).toBeLessThan(1_000);
  });
});

describe('the minute of a sale', () => {
  it.each([
    ['2024-03-01T08:00:00.000Z', '2024-03-01T08:00Z'],
    ['2024-03-01T08:00:59.999Z', '2024-03-01T08:00Z'],
    ['2024-12-31T23:59:59.999Z', '2024-12-31T23:59Z'],
  ])('of %s is %s', (soldAt, minute) => {
    expect(minuteOf(soldAt)).toBe(minute);
  });

  it('begins no later than the sale, and less than a minute before', () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(NOW) }), date => {
        const elapsed = date.getTime() - Date.parse(minuteOf(date.toISOString()));
        expect(elapsed).toBeGreaterThanOrEqual(0);
        expect(elapsed).toBeLessThan(MINUTE_MS);
      }),
    );
  });
});

/** The same piece back and out again. */

function exchange(unitPrice: number): Sale['lines'] {
  return [-1, 1].map(quantity => ({ sku: 'A', quantity, unitPrice }));
}

function nested(depth: number): unknown {
  return depth === 0 ? [] : [nested(depth - 1)];
}
