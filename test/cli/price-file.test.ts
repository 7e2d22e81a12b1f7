/** Price files as spreadsheets write them, in price-files/: what is read from each, and why some are refused. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPriceFile } from '../../cli/publishing/price-file.ts';
import { priceDetails, refuseRepeated } from '../../domain/price-lists/price-updates.ts';
import { plainAmount } from '../../domain/price-lists/written-amount.ts';

const directory = join(import.meta.dirname, 'price-files');

function detailsOf(file: string, encoding?: string): object[] {
  const entries = readPriceFile(join(directory, file), { audience: undefined, times: {} }, encoding);
  refuseRepeated(entries);
  return priceDetails(entries);
}

const cheese = { sku: '4006381333931', amount: 199, currency: 'EUR' };

describe('a price file', () => {
  it.each<[file: string, prices: object[], encoding?: string]>([
    [
      'english-commas.csv',
      [
        { ...cheese, name: 'Gouda, young' },
        { sku: 'B', amount: 123_456, currency: 'EUR' },
      ],
    ],
    [
      'german-semicolons.csv',
      [
        { ...cheese, name: 'Käse "jung"' },
        { sku: 'B', amount: 123_456, currency: 'EUR', priceType: 'promotional' },
      ],
    ],
    [
      'french-blanks.csv',
      [
        cheese,
        { sku: 'B', amount: 123_456, currency: 'EUR', unit: 'KGM' },
        { sku: 'C', amount: 1_234_500, currency: 'EUR' },
      ],
    ],
    [
      'swiss-apostrophes.csv',
      [
        { ...cheese, currency: 'CHF' },
        { sku: 'B', amount: 123_450, currency: 'CHF' },
        { sku: 'C', amount: 123_450, currency: 'CHF' },
      ],
    ],
    [
      'unicode-text-utf16.txt',
      [
        { ...cheese, currency: 'PLN', name: 'Ser żółty' },
        { sku: 'B', amount: 200, currency: 'PLN' },
      ],
    ],
    ['big-endian-utf16.csv', [cheese]],
    ['central-european-ansi.csv', [{ ...cheese, currency: 'CZK', name: 'Sýr žlutý' }], 'windows-1250'],
    ['separator-hint.csv', [{ sku: 'A', amount: 199, currency: 'EUR', gtin: '036000291452' }]],
  ])('is read: %s', (file, prices, encoding) => {
    expect(detailsOf(file, encoding)).toEqual([{ prices }]);
  });

  it('becomes an update for each audience and each of its times', () => {
    expect(detailsOf('audiences-and-times.csv')).toEqual([
      {
        prices: [
          { sku: 'A', amount: 199, currency: 'EUR' },
          { sku: 'B', amount: 1_299, currency: 'EUR', unit: 'KGM', gtin: '4006381333931', name: 'Gouda' },
        ],
        audience: { regions: ['north'] },
      },
      {
        prices: [{ sku: 'A', amount: 209, currency: 'EUR' }],
        audience: { regions: ['south', 'east'] },
      },
      {
        prices: [{ sku: 'A', amount: 149, currency: 'EUR', priceType: 'promotional' }],
        ...{ validFromLocal: '2026-12-01T06:00', validUntilLocal: '2026-12-24T20:00' },
        audience: { regions: ['north'] },
      },
      {
        prices: [{ sku: 'C', amount: 500, currency: 'EUR' }],
        ...{ validFrom: '2026-12-01T05:00:00Z', validUntil: '2026-12-24T00:00:00Z' },
        audience: { groups: ['city'], stores: ['0001', '0002'] },
      },
      { prices: [{ sku: 'D', amount: 100, currency: 'EUR' }] },
    ]);
  });

  const refused: [file: string, reason: RegExp][] = [
    ['refused-scientific-sku.csv', /line 3: the SKU '4,00638E\+12' is a number that a spreadsheet has cut/],
    ['refused-scientific-gtin.csv', /line 2: the GTIN '4,00638E\+12' is a number/],
    ['refused-scientific-amount.csv', /line 2: the amount '1,99E\+02' is a number/],
    ['refused-gtin.csv', /line 3: gtin: the check digit of 4006381333932 must be 1, not 2/],
    ['refused-unknown-column.csv', /unknown: 'regoin'; known are sku, amount, .* region, group, store/],
    ['refused-column-twice.csv', /has the column 'amount' twice/],
    ['refused-decimal-commas.csv', /line 2.* decimal comma need semicolons/],
    ['refused-thousands.csv', /line 3: '1\.234' has more than the 2 decimal places of EUR/],
    ['refused-time-without-zone.csv', /line 2: validFrom '2026-12-01T06:00' has no zone.* validFromLocal/],
    ['refused-unit.csv', /line 2: unit: must be a UN\/ECE Rec 20 code/],
    ['refused-price-type.csv', /line 2: priceType: must be regular, promotional or member/],
    ['refused-sku-twice.csv', /SKU A is priced twice: .* line 2 and .* line 4/],
    ['refused-sku-for-all-and-some.csv', /SKU A is priced twice: .* line 2 and .* line 3/],
    ['central-european-ansi.csv', /is not UTF-8; save it as "CSV UTF-8", or name its encoding/],
  ];

  it.each(refused)('is refused with its place: %s', (file, reason) => {
    expect(() => detailsOf(file)).toThrow(reason);
  });

  it('of every kind in the directory is tested', () => {
    const named = readdirSync(directory).filter(file => file.startsWith('refused'));
    expect(refused.map(([file]) => file)).toEqual(expect.arrayContaining(named));
  });

  it('of an encoding that nobody knows is refused', () => {
    expect(() => detailsOf('german-semicolons.csv', 'ebcdic')).toThrow("'ebcdic' is no known encoding");
  });

  it('with long names is cut to updates that fit a frame', () => {
    const price = (sku: string) => ({ sku, amount: 1, currency: 'EUR', name: 'ä'.repeat(200) });
    const entries = Array.from({ length: 250 }, (_, index) => ({
      ...{ price: price(`S${index}`), times: {}, audience: undefined, place: '' },
    }));
    const details = priceDetails(entries) as { prices: object[] }[];
    expect(details.flatMap(({ prices }) => prices)).toEqual(entries.map(entry => entry.price));
    for (const detail of details) expect(Buffer.byteLength(JSON.stringify(detail))).toBeLessThan(25_000);
  });
});

describe('an amount', () => {
  it.each([
    ['1.99', '1.99'],
    ['1,99', '1.99'],
    [' 1,5 ', '1.5'],
    ['1.234.567,89', '1234567.89'],
    ['1,234,567.89', '1234567.89'],
    ["1'234.50", '1234.50'],
    ['1\u00a0234', '1234'],
    ['1 23', '1 23'],
    ['1.23,4,5', '1.23,4,5'],
    ['12,34.56', '12,34.56'],
    ['-1,99', '-1,99'],
  ])('written as %j is %s', (written, plain) => {
    expect(plainAmount(written)).toBe(plain);
  });
});
