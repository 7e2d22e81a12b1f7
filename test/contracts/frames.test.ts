/** The schemas of docs/contracts against the parsers of the chain and the client: no schema is narrower than its parser. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { namedSchemas } from '../../contracts/named-schemas.ts';
import recorded from '../../contracts/recorded-frames.json' with { type: 'json' };
import { libraryOf } from '../../contracts/schema-library.ts';
import { isSupported, parseChainFrame } from '../../domain/protocol/chain-frames.ts';
import { parseManagerFrame } from '../../domain/protocol/manager-frames.ts';
import { parseStoreFrame } from '../../domain/protocol/store-frames.ts';
import { checkSale } from '../../domain/sales/sale.ts';
import { ExpiredEventError, parseEvent, RefusedEventError } from '../../domain/updates/published-events.ts';
import { readUpdate } from '../../domain/updates/read-update.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const directory = join(import.meta.dirname, '..', '..', 'docs', 'contracts');
const schemaOf = (file: string) =>
  new Ajv2020({ strict: true }).compile(JSON.parse(readFileSync(join(directory, file), 'utf8')));
const eventSchema = (type: string) =>
  new Ajv2020({ strict: true, strictRequired: false }).compile({
    $ref: `#/$defs/${type}`,
    $defs: namedSchemas(),
  });

/** Whether the chain takes a frame and the shape of all that is in it; whether a total is right, no schema can say. */
function takenByChain(frame: Json): boolean {
  return isTaken(() => {
    const parsed = parseStoreFrame(JSON.stringify(frame));
    for (const sale of 'sales' in parsed ? parsed.sales : []) {
      const checked = checkSale(sale, Number.POSITIVE_INFINITY);
      if ('refused' in checked && checked.refused.code === 'invalid_sale') throw new Error('no sale');
    }
  });
}

/** Whether a store takes a frame with all that is in it. */
function takenByStore(frame: Json): boolean {
  return isTaken(() => {
    const parsed = parseChainFrame(JSON.stringify(frame), error => {
      throw new Error('an update', { cause: error });
    });
    if (parsed === undefined) throw new Error('unknown');
    const updates = parsed.type === 'synced' ? parsed.updates : parsed.type === 'update' ? [parsed] : [];
    for (const update of updates) if (isSupported(update)) readUpdate(update);
  });
}

function isTaken(read: () => void): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}

function takenByBus(type: string): (detail: Json) => boolean {
  return detail => {
    try {
      parseEvent({ id: 'e1', 'detail-type': type, detail }, Date.parse('2026-11-28T08:00:00Z'));
      return true;
    } catch (error) {
      if (!(error instanceof RefusedEventError)) throw error;
      return error instanceof ExpiredEventError;
    }
  };
}

const examples = recorded as Record<string, Json[]>;
const named = (names: readonly string[]) => names.flatMap(name => examples[name] ?? []);
const storeFrames = named(['ping', 'sync', 'applied', 'sales', 'report', 'message']);
const chainFrames = named([
  ...['pong', 'synced', 'applied.accepted', 'sales.accepted', 'report.accepted', 'message.accepted'],
  ...['pace', 'error', 'closing', 'update'],
]);
const managerFrames = named(['sales.totals', 'delivery', 'presence', 'watching']);
const validity = { validFrom: '2026-12-01T08:00:00Z', validUntilLocal: '2026-12-24T14:00' };
const details: Record<string, Json[]> = {
  PriceChanged: [
    {
      prices: [{ sku: 'A', amount: 199, currency: 'EUR', priceType: 'member', unit: 'KGM', name: 'Pen' }],
      audience: { regions: ['north'], stores: ['0417'] },
      updateId: 'u1',
      priceList: 'p1',
      receipts: 'now',
      publishedAt: '2026-11-28T08:00:00.000Z',
      ...validity,
    },
  ],
  OfferPublished: [
    {
      ...{ offerId: 'o1', title: 'Three for two', skus: ['A', 'B'], discount: { percent: 12.5 } },
      ...{ buy: { quantity: 2, get: 1 }, minimum: { amount: 500, currency: 'EUR' }, priority: -1 },
      ...{
        member: true,
        coupon: 'X',
        combinable: false,
        hours: [{ days: ['MO'], from: '16:00', to: '24:00' }],
      },
      ...validity,
    },
    {
      ...{ offerId: 'o2', title: 'Two', skus: ['A'], bundle: { quantity: 2, price: 300, currency: 'EUR' } },
      validUntil: '2026-12-24T14:00:00Z',
    },
  ],
  OfferWithdrawn: [{ offerId: 'o1', audience: { groups: ['city'] } }],
  MessagePublished: [
    { topic: 'recall', data: { lot: 7 }, validUntil: '2026-12-24T14:00:00Z', updateId: 'u2' },
  ],
};

const directions: [string, Json[], (value: Json) => boolean, (value: Json) => boolean][] = [
  ['from a store', storeFrames, takenByChain, schemaOf('from-store.schema.json')],
  ['to a store', chainFrames, takenByStore, schemaOf('to-store.schema.json')],
  ['from a manager', named(['watch', 'ping']), takenByChain, schemaOf('from-manager.schema.json')],
  [
    'to a manager',
    managerFrames,
    frame => parseManagerFrame(frame) !== undefined,
    schemaOf('to-manager.schema.json'),
  ],
  ...Object.entries(details).map(([type, frames]): (typeof directions)[number] => [
    `of the event ${type}`,
    frames,
    takenByBus(type),
    eventSchema(type),
  ]),
];

/** What may take the place of any part. No list in place of an object: valibot lets one pass where nothing is required. */
const oddValue = fc.oneof(
  fc.constantFrom<Json[]>(
    null,
    true,
    false,
    {},
    '',
    ' ',
    'x',
    '0'.repeat(201),
    'ü',
    -1,
    0,
    0.5,
    1.23456,
    2 ** 53,
  ),
  fc.constantFrom<Json[]>(
    'EUR',
    'eur',
    'ABC',
    'KGM',
    'PCS',
    '4006381333931',
    '4006381333930',
    '16:00',
    '24:00',
  ),
  fc.constantFrom<Json[]>(
    '2026-02-31',
    '2026-11-28',
    '2026-11-28T08:00',
    '2026-11-28T08:00:00+01:00',
    '2026-11-28T08:00Z',
    'MO',
    'now',
  ),
  fc.constantFrom<Json[]>({ x: 1 }, { percent: 101 }, { amount: 1, currency: 'EUR' }, { regions: [] }),
);
const keys = [
  'x',
  'validUntil',
  'validFromLocal',
  'discount',
  'bundle',
  'requestId',
  'cursor',
  'amount',
  'till',
];

type Change = { at: number; how: 'set' | 'remove' | 'add'; key: string; value: Json };
const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(10_000),
  how: fc.constantFrom('set', 'set', 'remove', 'add'),
  key: fc.constantFrom(...keys),
  value: oddValue,
});

/** A frame with some of its parts changed, removed or added. */
function changed(frame: Json, changes: readonly Change[]): Json {
  const copy = structuredClone(frame);
  for (const { at, how, key, value } of changes) {
    const places = placesIn(copy);
    const place = places[at % places.length];
    if (place === undefined) continue;
    const { parent, name } = place;
    if (how === 'set') setOwn(parent, name, value);
    else if (how === 'add' && !Array.isArray(parent)) setOwn(parent, key, value);
    else if (Array.isArray(parent)) parent.splice(Number(name), 1);
    else delete parent[name];
  }
  return copy;
}

type Parent = Json[] | { [key: string]: Json };

function placesIn(value: Json): { parent: Parent; name: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => [{ parent: value, name }, ...placesIn(part)]);
}

function setOwn(parent: Parent, name: string, value: Json): void {
  (parent as Record<string, Json>)[name] = structuredClone(value);
}

describe.each(directions)('the schema %s', (_, frames, isTakenByParser, fits) => {
  it('takes frames of a recorded run, and so does the parser', () => {
    expect(frames.length).toBeGreaterThan(0);
    for (const frame of frames)
      expect([frame, isTakenByParser(frame), fits(frame)]).toEqual([frame, true, true]);
  });

  it('takes whatever the parser takes: what it refuses, the parser refuses', () => {
    const anyFrame = fc
      .tuple(fc.constantFrom(...frames), fc.array(change, { minLength: 1, maxLength: 3 }))
      .map(([frame, changes]) => changed(frame, changes));
    fc.assert(
      fc.property(anyFrame, frame => {
        if (isTakenByParser(frame)) expect([frame, fits(frame)]).toEqual([frame, true]);
      }),
      { numRuns: 2_000 },
    );
  });
});

const sale = { saleId: '1', soldAt: '2026-11-28T08:00:00Z', currency: 'EUR', total: 1, lines: [] as Json[] };
const line = { sku: 'A', quantity: 1, unitPrice: 1 };
const sales = (change: object, ...lines: object[]) =>
  ({
    action: 'sales',
    sales: [{ ...sale, lines: lines.length > 0 ? lines : [line], ...change }],
  }) as unknown as Json;
const price = (change: object) =>
  ({ prices: [{ sku: 'A', amount: 1, currency: 'EUR' }], ...change }) as unknown as Json;
const offer = (change: object) =>
  ({
    ...{ offerId: 'o', title: 'T', skus: ['A'], discount: { percent: 1 }, validUntil: '2026-12-01T00:00Z' },
    ...change,
  }) as unknown as Json;
const fitsOf = Object.fromEntries(directions.map(([name, , , fits]) => [name, fits]));
const takesOf = Object.fromEntries(directions.map(([name, , takes]) => [name, takes]));

it.each<[string, Json]>([
  ['from a store', {}],
  ['from a store', { action: 'fly' }],
  ['from a store', { action: 'sync', positions: [] }],
  ['from a store', { action: 'sync', positions: { all: 1.5 } }],
  ['from a store', { action: 'sync', cursor: 'x'.repeat(4_097) }],
  ['from a store', { action: 'ping', requestId: 'x'.repeat(129) }],
  ['from a store', { action: 'applied', updates: [{ id: 'a' }] }],
  [
    'from a store',
    { action: 'applied', updates: Array(101).fill({ id: 'a', appliedAt: '2026-11-28T08:00Z' }) },
  ],
  ['from a store', { action: 'sales', sales: [] }],
  ['from a store', sales({ currency: 'euro' })],
  ['from a store', sales({ soldAt: '2026-11-28 08:00' })],
  ['from a store', sales({ businessDay: '28.11.2026' })],
  ['from a store', sales({}, { ...line, quantity: 0 })],
  ['from a store', sales({}, { ...line, gtin: '40063813' + '339311111' })],
  ['to a store', { type: 'pong' }],
  ['to a store', { type: 'pace', reportEveryMs: 0, until: '2026-11-28T08:00Z' }],
  ['to a store', { type: 'update', id: 'a', kind: 'price.changed', positions: {} }],
  ['to a manager', { type: 'delivery', updateId: 'a', targeted: -1 }],
  ['of the event PriceChanged', price({ audience: {} })],
  ['of the event PriceChanged', price({ audiance: { regions: ['north'] } })],
  [
    'of the event PriceChanged',
    price({ validFrom: '2026-12-01T00:00Z', validFromLocal: '2026-12-01T00:00' }),
  ],
  ['of the event OfferPublished', offer({ validUntil: undefined })],
  ['of the event OfferPublished', offer({ discount: undefined })],
  ['of the event OfferPublished', offer({ skus: ['A', 'A'] })],
  ['of the event OfferPublished', offer({ title: '  ' })],
  [
    'of the event OfferPublished',
    offer({ buy: { quantity: 1, get: 1 }, bundle: { quantity: 1, price: 1, currency: 'EUR' } }),
  ],
])('the schema %s refuses %j, and so does the parser', (name, value) => {
  const frame = JSON.parse(JSON.stringify(value));
  expect([fitsOf[name]?.(frame), takesOf[name]?.(frame)]).toEqual([false, false]);
});

it.each<[string, Json]>([
  ['from a store', sales({ soldAt: '2026-02-31T08:00Z' })],
  ['from a store', sales({ currency: 'ABC' })],
  ['from a store', sales({ taxes: [] }, { ...line, tax: 'A' })],
  ['from a store', sales({}, { ...line, quantity: 0.0001 })],
  ['from a store', sales({}, { ...line, gtin: '4006381333930' })],
  ['of the event PriceChanged', price({ validFrom: '2026-12-02T00:00Z', validUntil: '2026-12-01T00:00Z' })],
  ['of the event PriceChanged', price({ prices: Array(2).fill({ sku: 'A', amount: 1, currency: 'EUR' }) })],
  ['of the event OfferPublished', offer({ title: 'a\u0000b' })],
  ['of the event OfferPublished', offer({ hours: [{ from: '16:00', to: '16:00' }] })],
])('the schema %s can only say in words what the parser refuses in %j', (name, frame) => {
  expect([fitsOf[name]?.(frame), takesOf[name]?.(frame)]).toEqual([true, false]);
});

it('what no list of checks names stops the program', () => {
  const odd = v.pipe(
    v.string(),
    v.check(text => text !== 'odd', 'must not be odd'),
  );
  expect(() => libraryOf({ Odd: odd }, 'draft-2020-12')).toThrow('"check" action cannot be converted');
});
