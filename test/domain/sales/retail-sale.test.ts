import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprintOf, saleKey } from '../../../domain/sales/sale.ts';
import { good, line, refusal, taken, tax } from './checked-sales.ts';

describe('what a till really sells', () => {
  const sold = (line: object, rest: object) => ({ ...good, lines: [{ sku: 'A', ...line }], ...rest });
  it.each<[string, unknown]>([
    [
      '0.482 kg of cheese, rounded by the scales',
      sold({ quantity: 0.482, unit: 'KGM', unitPrice: 1299, amount: 626 }, { total: 626 }),
    ],
    ['half a metre at an even price', sold({ quantity: 0.5, unit: 'MTR', unitPrice: 398 }, { total: 199 })],
    // As doubles, 0.29 times 100 is 28.999999999999996.
    ['0.29 kg at 1.00', sold({ quantity: 0.29, unit: 'KGM', unitPrice: 100 }, { total: 29 })],
    [
      'fuel at 145.9 cents',
      sold({ quantity: 40.123, unit: 'LTR', unitPrice: 145.9, amount: 5854 }, { total: 5854 }),
    ],
    [
      'a discounted line',
      sold({ quantity: 2, unitPrice: 199, discounts: [{ amount: 40, offerId: 'O1' }] }, { total: 358 }),
    ],
    ['a discounted basket', { ...good, discounts: [{ amount: 98, reason: 'regular guest' }], total: 300 }],
    ['sales tax on top', { ...good, taxes: [{ ...tax, included: false }], total: 462 }],
    ['tax that the prices hold', { ...good, taxes: [tax], lines: [{ ...line, tax: 'A' }] }],
    ['a tax code alone', { ...good, lines: [{ ...line, tax: 'A' }] }],
    ['cash without cents', { ...good, rounding: 2, total: 400, tenders: [{ type: 'cash', amount: 400 }] }],
    [
      'cash with change',
      {
        ...good,
        tenders: [
          { type: 'cash', amount: 500 },
          { type: 'cash', amount: -102 },
        ],
      },
    ],
    [
      'a return',
      sold(
        { quantity: -2, unitPrice: 199 },
        {
          type: 'return',
          original: { storeId: 's2', saleId: 'S0', till: 'T1' },
          total: -398,
        },
      ),
    ],
    [
      'a void',
      sold({ quantity: -2, unitPrice: 199 }, { type: 'void', original: { saleId: 'S1' }, total: -398 }),
    ],
    [
      'its till, number, day and operator',
      { ...good, till: 'T1', sequence: 4711, businessDay: '2024-02-29', operator: 'Zoë Müller' },
    ],
    [
      'a GTIN and the listed price',
      sold({ quantity: 2, unitPrice: 199, gtin: '4006381333931', listed: 199 }, {}),
    ],
    ['a pack of a unit of its own', sold({ quantity: 2, unit: 'XPK', unitPrice: 199 }, {})],
  ])('is taken as it is: %s', (_title, value) => {
    expect(taken(value)).toEqual(value);
  });

  it('keeps what only later versions know, wherever it stands, in the order in which it was sent', () => {
    const text = `{"loyalty":{"card":"7","constructor":1,"toString":null},"saleId":"S1","soldAt":"2024-03-01T08:00:30.000Z",
      "__proto__":{"x":[1,{"y":2}]},"currency":"EUR","total":380,"store":"s2",
      "original":{"saleId":"S0","why":"torn"},"discounts":[{"amount":18,"by":"Z"}],"taxes":[{"code":"A","percent":7,"base":1,
      "amount":1,"included":true,"authority":"DE"}],"tenders":[{"type":"card","amount":380,"brand":"girocard"}],
      "lines":[{"deposit":25,"sku":"A","quantity":2,"unitPrice":199}]}`;
    const kept = JSON.stringify(taken(JSON.parse(text)));
    expect(kept).toBe(JSON.stringify(JSON.parse(text)));
  });

  it('shares nothing with what the caller may go on changing', () => {
    const value = { ...good, lines: [{ ...line, note: { text: 'as sold' } }] };
    const sale = taken(value);
    value.lines[0] = { ...line, note: { text: 'changed' } } as never;
    expect(sale).toMatchObject({ lines: [{ note: { text: 'as sold' } }] });
  });

  it('refuses what JSON can not carry', () => {
    const circle: Record<string, unknown> = { ...good };
    circle.self = circle;
    expect(refusal(circle).message).toMatch(/^sale: is nested more than/);
    expect(refusal({ ...good, id: 1n }).message).toMatch(/bigint/);
  });
});

describe('a fingerprint', () => {
  const fingerprint = (value: unknown) => fingerprintOf(taken(value));
  it('is the same whatever the order of keys, and however the time is written', () => {
    const again = Object.fromEntries(
      Object.entries({ ...good, soldAt: '2024-03-01T09:00:30+01:00' }).reverse(),
    );
    expect(fingerprint(again)).toBe(fingerprint(good));
  });

  it('is another one for other content, known or not', () => {
    const others = [
      good,
      { ...good, total: 199, lines: [{ ...line, quantity: 1 }] },
      { ...good, note: 'x' },
      { ...good, note: ['x'] },
      { ...good, lines: [{ ...line, note: 'x' }] },
      { ...good, till: 'T1' },
    ];
    expect(new Set(others.map(fingerprint)).size).toBe(others.length);
  });

  it('tells whatever JSON tells, and no more', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.jsonValue({ maxDepth: 4 }), (a, b) => {
        const [one, other] = [fingerprint({ ...good, more: a }), fingerprint({ ...good, more: b })];
        expect(JSON.parse(one)).toEqual(JSON.parse(JSON.stringify({ ...good, more: a })));
        if (JSON.stringify(a) === JSON.stringify(b)) expect(one).toBe(other);
      }),
    );
  });
});

it('two tills may count their sales from 1', () => {
  const keys = [{}, { till: 'T1' }, { till: 'T2' }].map(till => saleKey({ saleId: '1', ...till }));
  expect(keys).toEqual(['1', 'T1/1', 'T2/1']);
});
