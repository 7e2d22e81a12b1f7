import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkSale, minuteOf, type RefusedSale, type Sale } from '../../../domain/sales/sale.ts';
import { names } from '../arbitraries.ts';
import { ringUp } from '../till.ts';

const NOW = Date.parse('2024-03-01T08:00:00.000Z');
const MINUTE_MS = 60_000;
const LARGEST = Number.MAX_SAFE_INTEGER;
const good = ringUp('S1');
const [line] = good.lines;

function taken(value: unknown, now = NOW): Sale {
  const checked = checkSale(value, now);
  if ('refused' in checked) throw new Error(`refused: ${checked.refused.message}`);
  return checked.sale;
}

function refusal(value: unknown, now = NOW): RefusedSale {
  const checked = checkSale(value, now);
  if ('sale' in checked) throw new Error(`taken: ${JSON.stringify(checked.sale)}`);
  return checked.refused;
}

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
    ['a sale of years ago', { soldAt: '1999-12-31T23:59:59.999Z' }],
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

const withLine = (change: object) => ({ ...good, lines: [line, { ...line, ...change }] });
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
    ['half a piece', withLine({ quantity: 0.5 }), 'lines.1.quantity'],
    ['a quantity that is a text', withLine({ quantity: '2' }), 'lines.1.quantity'],
    ['a negative price', withLine({ unitPrice: -199 }), 'lines.1.unitPrice'],
    ['a price in major units', withLine({ unitPrice: 1.99 }), 'lines.1.unitPrice'],
    ['a price that is none', withLine({ unitPrice: Number.NaN }), 'lines.1.unitPrice'],
    ['a line with more than it should have', withLine({ discount: 5 }), 'lines.1.discount'],
    ['more than it should have', { ...good, storeId: 's2' }, 'storeId'],
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

describe('whatever is sent', () => {
  const parts = fc.constantFrom<keyof Sale>('saleId', 'soldAt', 'currency', 'total', 'lines');
  const broken: fc.Arbitrary<unknown> = fc.oneof(
    fc.anything(),
    fc.tuple(parts, fc.anything()).map(([part, value]) => ({ ...good, [part]: value })),
    fc.tuple(parts, fc.jsonValue()).map(([part, value]) => ({ ...good, [part]: value })),
    fc.array(fc.anything(), { maxLength: 3 }).map(lines => ({ ...good, lines })),
    fc.dictionary(fc.constantFrom('sku', 'quantity', 'unitPrice', '__proto__'), fc.anything()).map(withLine),
  );

  it('is answered, in few words, never by a throw', () => {
    fc.assert(
      fc.property(broken, fc.integer(), (value, now) => {
        const checked = checkSale(value, now);
        if ('sale' in checked) return;
        const { saleId, message } = checked.refused;
        expect(message).not.toBe('');
        expect(message.length).toBeLessThan(3_200);
        expect((saleId ?? '').length).toBeLessThanOrEqual(64);
      }),
      { numRuns: 2_000 },
    );
  });

  const quantities = fc.oneof(
    fc.integer({ min: -5, max: 5 }),
    fc.constantFrom(LARGEST, -LARGEST, LARGEST - 1, 2 ** 26 + 1),
  );
  const prices = fc.oneof(
    fc.integer({ min: 0, max: 500 }),
    fc.constantFrom(LARGEST, LARGEST - 1, 2 ** 27 + 1),
  );
  const soldLines = fc.record(
    { sku: names, quantity: quantities, unitPrice: prices },
    { noNullPrototype: true },
  );
  const lines = fc.array(soldLines, { maxLength: 6 });

  const errors = fc.oneof(fc.constant(0), fc.constantFrom<number>(1, -1, 100));

  it('is not taken unless its lines add up to its total, to the last unit', () => {
    fc.assert(
      fc.property(lines, errors, (some, error) => {
        const total = some.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, error);
        const checked = checkSale({ ...good, total, lines: some }, NOW);
        if ('refused' in checked) return;
        expect(BigInt(checked.sale.total)).toBe(exactSum(checked.sale));
      }),
      { numRuns: 5_000 },
    );
  });

  it('is taken the same once more, if it is taken', () => {
    const soldAts = fc.date({ min: new Date(0), max: new Date(NOW), noInvalidDate: true });
    fc.assert(
      fc.property(names, soldAts, lines, (saleId, soldAt, some) => {
        const checked = checkSale(ringUp(saleId, { soldAt: soldAt.toISOString(), lines: some }), NOW);
        if ('sale' in checked) expect(taken(JSON.parse(JSON.stringify(checked.sale)))).toEqual(checked.sale);
      }),
    );
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

function exactSum({ lines: sold }: Sale): bigint {
  return sold.reduce((sum, { quantity, unitPrice }) => sum + BigInt(quantity) * BigInt(unitPrice), 0n);
}
