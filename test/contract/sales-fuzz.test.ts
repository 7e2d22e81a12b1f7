/** Whatever comes over the line as sales: it is answered clearly, changes nothing, and never costs a good store its line. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ringUp } from '../domain/till.ts';
import { patience } from '../patience.ts';
import { connectStore, type Frame, type TestStore } from './store.ts';
import { openSystem, unique } from './system.ts';

const system = await openSystem();
/** A day on which no other test sells, within the 400 that are taken. */
const day = new Date(Date.now() - 398 * 86_400_000).toISOString().slice(0, 10);
const SOLD_AT = `${day}T08:00:30.000Z`;
const span = `from=${day}T00:00:00Z&to=${day}T23:59:59Z`;
const good = ringUp('good', { soldAt: SOLD_AT });
const [line] = good.lines;
const LARGEST = Number.MAX_SAFE_INTEGER;

const sale = (change: object) => ({ ...good, ...change });
const withLine = (change: object) => sale({ lines: [line, { ...line, ...change }] });
const nested = (depth: number) => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);
const frame = (sales: unknown) => ({ action: 'sales', sales });

/** What a frame of bad sales is answered: the code of its only sale's rejection. */
const badSales: [title: string, code: string, sale: unknown][] = [
  ['null', 'invalid_sale', null],
  ['a text', 'invalid_sale', 'S1'],
  ['a number', 'invalid_sale', 7],
  ['a boolean', 'invalid_sale', true],
  ['a list', 'invalid_sale', [good]],
  ['lists in lists in lists', 'invalid_sale', nested(2_000)],
  ['an empty object', 'invalid_sale', {}],
  ['no id', 'invalid_sale', sale({ saleId: undefined })],
  ['an id that is a number', 'invalid_sale', sale({ saleId: 1 })],
  ['an id that is null', 'invalid_sale', sale({ saleId: null })],
  ['an empty id', 'invalid_sale', sale({ saleId: '' })],
  ['an id of 65 characters', 'invalid_sale', sale({ saleId: 'S'.repeat(65) })],
  ['an id with a blank', 'invalid_sale', sale({ saleId: 'S 1' })],
  ['an id with a semicolon', 'invalid_sale', sale({ saleId: 'S;1' })],
  ['an id with a separator of keys', 'invalid_sale', sale({ saleId: 'S#1' })],
  ['an id that is a prototype', 'invalid_sale', sale({ saleId: '__proto__' })],
  ['an id with a zero byte', 'invalid_sale', sale({ saleId: 'S\u00001' })],
  ['half a surrogate pair for an id', 'invalid_sale', sale({ saleId: '\ud800' })],
  ['no time', 'invalid_sale', sale({ soldAt: undefined })],
  ['a time that is a number', 'invalid_sale', sale({ soldAt: 604_742_430_000 })],
  ['a time without a zone', 'invalid_sale', sale({ soldAt: '1989-03-01T08:00:30' })],
  ['a day alone', 'invalid_sale', sale({ soldAt: '1989-03-01' })],
  ['a day that no calendar has', 'invalid_sale', sale({ soldAt: '1989-02-30T08:00:00Z' })],
  ['an hour that no clock has', 'invalid_sale', sale({ soldAt: '1989-03-01T24:30:00Z' })],
  ['a year of five digits', 'invalid_sale', sale({ soldAt: '+011989-03-01T08:00:00Z' })],
  ['a time of next year', 'sold_in_future', sale({ soldAt: '9000-01-01T00:00:00Z' })],
  ['no currency', 'invalid_sale', sale({ currency: undefined })],
  ['a currency that is none', 'invalid_sale', sale({ currency: 'ZZZ' })],
  ['a currency in small letters', 'invalid_sale', sale({ currency: 'eur' })],
  ['a list of currencies', 'invalid_sale', sale({ currency: ['EUR'] })],
  ['no total', 'invalid_sale', sale({ total: undefined })],
  ['a total that is a text', 'invalid_sale', sale({ total: '398' })],
  ['a total in major units', 'invalid_sale', sale({ total: 3.98 })],
  ['a total past what a double holds', 'invalid_sale', sale({ total: 2 ** 53 })],
  ['a total one too little', 'total_mismatch', sale({ total: 397 })],
  ['a total of the other sign', 'total_mismatch', sale({ total: -398 })],
  ['no lines', 'invalid_sale', sale({ lines: undefined })],
  ['lines that are an object', 'invalid_sale', sale({ lines: { 0: line } })],
  ['an empty list of lines', 'invalid_sale', sale({ lines: [], total: 0 })],
  ['a line that is null', 'invalid_sale', sale({ lines: [null] })],
  ['a line without a SKU', 'invalid_sale', withLine({ sku: undefined })],
  ['a SKU with a blank', 'invalid_sale', withLine({ sku: 'A 1' })],
  ['a SKU with a semicolon', 'invalid_sale', withLine({ sku: 'A;CHF' })],
  ['a quantity of 0', 'invalid_sale', withLine({ quantity: 0 })],
  ['half a piece', 'invalid_sale', withLine({ quantity: 0.5 })],
  ['a quantity that is a text', 'invalid_sale', withLine({ quantity: '2' })],
  ['a quantity past what a double holds', 'invalid_sale', withLine({ quantity: 2 ** 60 })],
  ['a negative price', 'invalid_sale', withLine({ unitPrice: -1 })],
  ['a price in major units', 'invalid_sale', withLine({ unitPrice: 1.99 })],
  ['no price', 'invalid_sale', withLine({ unitPrice: null })],
  ['a line too large to be multiplied', 'invalid_sale', withLine({ quantity: LARGEST, unitPrice: LARGEST })],
  ['a discount that adds', 'invalid_sale', sale({ discounts: [{ amount: -5 }], total: 403 })],
  ['lists in lists in a field of its own', 'invalid_sale', sale({ more: nested(2_000) })],
  ['a time of 1989', 'invalid_sale', sale({ soldAt: '1989-03-01T08:00:30Z' })],
];

const badFrames: [title: string, code: string, text: string | object][] = [
  ['nothing', 'invalid_json', ' '],
  ['half of a frame', 'invalid_json', JSON.stringify(frame([good])).slice(0, -9)],
  ['two frames in one', 'invalid_json', JSON.stringify(frame([good])).repeat(2)],
  ['a number without end', 'invalid_json', '{"action":"sales","sales":[Infinity]}'],
  ['a comment', 'invalid_json', '{"action":"sales",/**/"sales":[]}'],
  ['a list', 'invalid_frame', [frame([good])]],
  ['a text', 'invalid_frame', '"sales"'],
  ['null', 'invalid_frame', 'null'],
  ['no action', 'invalid_frame', { sales: [good] }],
  ['an action that is a list', 'invalid_frame', { action: ['sales'], sales: [good] }],
  ['an action in capitals', 'unknown_action', { action: 'SALES', sales: [good] }],
  ['an action that every object has', 'unknown_action', { action: 'constructor', sales: [good] }],
  ['no sales', 'invalid_frame', { action: 'sales' }],
  ['sales that are null', 'invalid_frame', frame(null)],
  ['sales that are a text', 'invalid_frame', frame(JSON.stringify([good]))],
  ['sales by number', 'invalid_frame', frame({ 0: good, length: 1 })],
  ['an empty list of sales', 'invalid_frame', frame([])],
  ['51 sales', 'invalid_frame', frame(Array(51).fill(good))],
  ['a request id that is an object', 'invalid_frame', { ...frame([good]), requestId: {} }],
];

/** Its line is still the first one, and it has sold nothing. */
async function expectUnharmed(store: TestStore & { storeId: string }): Promise<void> {
  expect(await store.ping()).toMatchObject({ type: 'pong' });
  const response = await system.request('GET', `stores/${store.storeId}/sales?${span}`);
  expect(await response.json()).toEqual({ items: [] });
}

test.each(badSales)('a sale that is bad by %s is rejected as %s, alone', async (_, code, value) => {
  const store = await connectStore(system);
  store.send(frame([value]));
  const answer = await store.answer();
  const message = expect.stringMatching(/\w{4}/);
  expect(answer).toMatchObject({ type: 'sales.accepted', saleIds: [], rejected: [{ code, message }] });
  await expectUnharmed(store);
});

test.each(badFrames)('a frame that is bad by %s is answered %s', async (_, code, text) => {
  const store = await connectStore(system);
  store.send(text);
  expect(await store.answer()).toMatchObject({
    type: 'error',
    code,
    message: expect.stringMatching(/\w{4}/),
  });
  await expectUnharmed(store);
});

/** Frames of sales that are broken somewhere, of which none may be taken. */
const parts = fc.constantFrom('saleId', 'soldAt', 'currency', 'total', 'lines');
const anything = fc.jsonValue({ maxDepth: 3 });
const brokenSales = fc.oneof(
  anything,
  fc.tuple(parts, anything).map(([part, value]) => sale({ [part]: value })),
  fc
    .tuple(fc.constantFrom('sku', 'quantity', 'unitPrice', 'more'), anything)
    .map(([part, value]) => withLine({ [part]: value })),
);
const brokenFrames = fc.oneof(
  fc.array(brokenSales, { minLength: 1, maxLength: 5 }).map(frame),
  anything.map(frame),
  fc.tuple(fc.nat(), fc.string({ maxLength: 3 })).map(([at, text]) => {
    const whole = JSON.stringify(frame([sale({ total: 1 })]));
    return whole.slice(0, at % whole.length) + text + whole.slice(at % whole.length);
  }),
);

test('whatever is sent is answered, changes nothing that it does not say, and leaves the line open', {
  timeout: patience(60_000),
}, async () => {
  const store = await connectStore(system, { storeId: unique('fuzzed') });
  const accepted = new Set<string>();
  const answerTo = async (value: string | object): Promise<Frame> => {
    store.send(value);
    return store.answer();
  };
  await fc.assert(
    fc.asyncProperty(brokenFrames, async value => {
      const answer = await answerTo(value);
      expect(['error', 'sales.accepted']).toContain(answer.type);
      expect(answer.code).not.toBe('internal');
      for (const id of (answer.saleIds ?? []) as string[]) accepted.add(id);
    }),
    { numRuns: 150 },
  );
  expect(await store.ping()).toMatchObject({ type: 'pong' });
  const response = await system.request('GET', `stores/${store.storeId}/sales?limit=1000&${span}`);
  const { items } = (await response.json()) as { items: { saleId: string }[] };
  for (const { saleId } of items) expect([...accepted]).toContain(saleId);
  store.send(frame([good]));
  expect(await store.answer()).toMatchObject({ type: 'sales.accepted', saleIds: ['good'], rejected: [] });
});
