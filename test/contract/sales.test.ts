/** Sales go in by the frame and come out by the HTTP API; how they are kept between is no business of this file. */
import { expect, test } from 'vitest';
import type { Sale } from '../../domain/sales/sale.ts';
import { ringUp } from '../domain/till.ts';
import { patience } from '../patience.ts';
import { connect, connectStore, type Frame, type TestStore } from './store.ts';
import { openSystem, unique } from './system.ts';

const system = await openSystem();
const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
/** Totals come from an index, which on AWS follows the table by a moment. */
const SOON = { timeout: patience(20_000) };

const isoTime = (at: number) => new Date(at).toISOString();

let quietDays = 0;

/** Midnight of a day on which no other test has sold, within the 400 that are taken. */
function quietDay(): number {
  quietDays += 1;
  return (Math.floor(Date.now() / DAY_MS) - 395 + quietDays * 9 + Math.floor(Math.random() * 9)) * DAY_MS;
}

async function sell(store: TestStore, sales: unknown): Promise<Frame> {
  const requestId = unique('sales');
  store.send({ action: 'sales', requestId, sales });
  return store.next(frame => frame.requestId === requestId);
}

interface Page {
  items: Record<string, unknown>[];
  cursor?: string;
}

/** A list of the HTTP API, whole, in pages of so many. */
async function list(path: string, query: Record<string, string>, limit = 100) {
  const items: Record<string, unknown>[] = [];
  let cursor: string | undefined;
  do {
    const page = { limit: String(limit), ...(cursor === undefined ? {} : { cursor }) };
    const response = await system.request('GET', `${path}?${new URLSearchParams({ ...query, ...page })}`);
    expect(response.status).toBe(200);
    const body = (await response.json()) as Page;
    items.push(...body.items);
    cursor = body.cursor;
  } while (cursor !== undefined);
  return items;
}

const range = (from: number, to = from + DAY_MS) => ({ from: isoTime(from), to: isoTime(to) });
const totals = (by: string, from: number, to?: number) => list('sales/totals', { by, ...range(from, to) });
const salesOf = (storeId: string, from: number, to?: number) =>
  list(`stores/${storeId}/sales`, range(from, to));

/** What a store has sold must soon be told as this many sales and this sum. */
async function expectTotal(storeId: string, day: number, sold: readonly Sale[]): Promise<void> {
  const amount = sold.reduce((sum, { total }) => sum + total, 0);
  await expect
    .poll(async () => (await totals('store', day)).filter(({ store }) => store === storeId), SOON)
    .toEqual([{ store: storeId, count: sold.length, amount, currency: 'EUR' }]);
}

test('sales are accepted with their ids, and found as they were sent', async () => {
  const store = await connectStore(system);
  const day = quietDay();
  const sold = [0, 20_000, 61_000].map((after, index) =>
    ringUp(`S${index}`, { soldAt: isoTime(day + after) }),
  );
  expect(await sell(store, sold)).toEqual({
    type: 'sales.accepted',
    requestId: expect.any(String),
    saleIds: ['S0', 'S1', 'S2'],
    rejected: [],
  });
  expect(await salesOf(store.storeId, day)).toEqual(sold);
  await expectTotal(store.storeId, day, sold);
});

test('a sale of now is taken, and is in the totals of the last hour', async () => {
  const store = await connectStore(system);
  const sale = ringUp('S', { soldAt: isoTime(Date.now() - MINUTE_MS) });
  expect(await sell(store, [sale])).toMatchObject({ saleIds: ['S'], rejected: [] });
  await expect
    .poll(() => list('sales/totals', {}), SOON)
    .toContainEqual({ store: store.storeId, count: 1, amount: 398, currency: 'EUR' });
  expect(await list(`stores/${store.storeId}/sales`, {})).toEqual([sale]);
});

test('a sale is accepted again on another connection, with new ones, and twice at once, and counted once', async () => {
  const store = await connectStore(system);
  const { storeId } = store;
  const day = quietDay();
  const sold = Array.from({ length: 10 }, (_, index) =>
    ringUp(`S${index}`, { soldAt: isoTime(day + index * 1_000) }),
  );
  const [one] = sold;
  expect(await sell(store, [one, one])).toMatchObject({ saleIds: ['S0'], rejected: [] });
  await store.cut();
  const again = await connectStore(system, { storeId });
  const answers = await Promise.all([sell(again, sold), sell(again, sold), sell(again, sold.slice(3))]);
  for (const answer of answers) expect(answer).toMatchObject({ type: 'sales.accepted', rejected: [] });
  expect((await sell(again, sold)).saleIds).toHaveLength(sold.length);
  expect(await salesOf(storeId, day)).toEqual(sold);
  await expectTotal(storeId, day, sold);
});

test('two sales of one name are told apart by their tills, and else the second is refused, by whichever line', async () => {
  const store = await connectStore(system);
  const { storeId } = store;
  const day = quietDay();
  const soldAt = isoTime(day);
  const one = ringUp('1', { soldAt, loyalty: { card: '77', points: [1, 2] } } as Partial<Sale>);
  const other = ringUp('1', { soldAt, lines: [{ sku: 'B', quantity: 1, unitPrice: 5 }] });
  const atSecondTill = { ...other, till: '2' };
  const rejected = [{ saleId: '1', code: 'sale_id_taken', message: expect.any(String) }];
  expect(await sell(store, [one, atSecondTill])).toMatchObject({ saleIds: ['1', '1'], rejected: [] });
  expect(await sell(store, [other])).toMatchObject({ saleIds: [], rejected });
  await store.cut();
  const again = await connectStore(system, { storeId });
  expect(await sell(again, [other, one, atSecondTill])).toMatchObject({ saleIds: ['1', '1'], rejected });
  expect(await salesOf(storeId, day)).toEqual([one, atSecondTill]);
  await expectTotal(storeId, day, [one, atSecondTill]);
});

test('bad sales are rejected with reasons, and hold up none of the others', async () => {
  const store = await connectStore(system);
  const day = quietDay();
  const good = ringUp('good', { soldAt: isoTime(day) });
  const ahead = isoTime(Date.now() + 60 * MINUTE_MS);
  const { saleIds, rejected } = await sell(store, [
    { ...good, saleId: 'adds-up-to-more', total: 1 },
    { ...good, saleId: 'ahead', soldAt: ahead },
    good,
    { ...good, saleId: 'no-money', currency: 'ZZZ' },
    { ...good, saleId: 'a#b' },
    'S1',
  ]);
  const message = expect.stringMatching(/\w{4}/);
  expect({ saleIds, rejected }).toEqual({
    saleIds: ['good'],
    rejected: [
      { saleId: 'adds-up-to-more', code: 'total_mismatch', message },
      { saleId: 'ahead', code: 'sold_in_future', message },
      { saleId: 'no-money', code: 'invalid_sale', message },
      { saleId: 'a#b', code: 'invalid_sale', message },
      { saleId: null, code: 'invalid_sale', message },
    ],
  });
  expect(await salesOf(store.storeId, day)).toEqual([good]);
  await expectTotal(store.storeId, day, [good]);
});

test('fifty sales that are as bad as can be are answered, each with its reason', async () => {
  const store = await connectStore(system);
  const bad = { saleId: 'x'.repeat(64), soldAt: 1, currency: 1, total: 1, lines: Array(200).fill(0) };
  const { rejected } = await sell(store, Array(50).fill(bad));
  expect(rejected).toHaveLength(50);
  expect(await store.ping()).toMatchObject({ type: 'pong' });
});

test.each<[string, unknown]>([
  ['without sales', undefined],
  ['of sales that are an object', { saleId: 'S' }],
  ['of no sales', []],
  ['of 51 sales', Array.from({ length: 51 }, (_, index) => ringUp(`S${index}`))],
])('a frame %s is answered with an error, and the line stays open', async (_, sales) => {
  const store = await connectStore(system);
  expect(await sell(store, sales)).toMatchObject({
    type: 'error',
    code: 'invalid_frame',
    message: expect.stringContaining('sales'),
  });
  expect(await store.ping()).toMatchObject({ type: 'pong' });
});

test('a manager sells nothing', async () => {
  const token = await system.mintToken({ role: 'manager', name: 'head-office' });
  const manager = await connect(system, { token });
  expect(await sell(manager, [ringUp('S')])).toMatchObject({ type: 'error', code: 'forbidden' });
});

/** What some stores of two regions sold, frame by frame and at once; no store's prices are another's. */
async function sellAtOnce(day: number) {
  const regions = [unique('region'), unique('region')];
  const stores = await Promise.all(
    [0, 1, 2, 3].map(async index => {
      const region = regions[index % 2] ?? '';
      return { region, store: await connectStore(system, { region }), price: 7 ** (index + 1) };
    }),
  );
  const sold = await Promise.all(
    stores.map(async ({ region, store, price }) => {
      const sales = Array.from({ length: 60 }, (_, index) =>
        ringUp(`S${index}`, {
          soldAt: isoTime(day + index * 7_000),
          lines: [
            { sku: 'MILK', quantity: 1 + (index % 3), unitPrice: price },
            { sku: index % 2 === 0 ? 'BREAD' : 'TEA', quantity: index % 5 === 0 ? -1 : 1, unitPrice: 11 },
          ],
        }),
      );
      const frames = [0, 20, 40].map(start => sales.slice(start, start + 25));
      for (const answer of await Promise.all(frames.map(frame => sell(store, frame))))
        expect(answer).toMatchObject({ type: 'sales.accepted', rejected: [] });
      return sales.map(sale => ({ store: store.storeId, region, sale }));
    }),
  );
  return sold.flat();
}

type Sold = Awaited<ReturnType<typeof sellAtOnce>>[number];

/** Sums as the HTTP API should tell them. */
function sumsBy(by: string, sold: Sold[], read: (sold: Sold) => [key: string, count: number, sum: number][]) {
  const sums = new Map<string, { count: number; amount: number }>();
  for (const [key, count, amount] of sold.flatMap(read)) {
    const sum = sums.get(key) ?? { count: 0, amount: 0 };
    sums.set(key, { count: sum.count + count, amount: sum.amount + amount });
  }
  const keys = [...sums.keys()].sort();
  const unit = by === 'sku' ? { unit: 'C62' } : {};
  return keys.map(key => ({ [by]: key, ...unit, ...sums.get(key), currency: 'EUR' }));
}

test('totals by store, region, SKU and minute are what was sent, to the cent', async () => {
  const day = quietDay();
  const sold = await sellAtOnce(day);
  const expected = {
    store: sumsBy('store', sold, ({ store, sale }) => [[store, 1, sale.total]]),
    region: sumsBy('region', sold, ({ region, sale }) => [[region, 1, sale.total]]),
    minute: sumsBy('minute', sold, ({ sale }) => [[`${sale.soldAt.slice(0, 16)}Z`, 1, sale.total]]),
    sku: sumsBy('sku', sold, ({ sale }) =>
      sale.lines.map(({ sku, quantity, unitPrice }) => [sku, quantity, quantity * unitPrice]),
    ),
  };
  for (const [by, sums] of Object.entries(expected)) {
    await expect.poll(() => totals(by, day), SOON).toEqual(sums);
    expect(await list('sales/totals', { by, ...range(day) }, 2)).toEqual(sums);
  }
});

test('the sales of a store page, each once, though they are of one moment', async () => {
  const store = await connectStore(system);
  const day = quietDay();
  const ids = ['S9', 'S10', '7', 'a', 'S1', 'Z', '12'];
  await sell(
    store,
    ids.map(saleId => ringUp(saleId, { soldAt: isoTime(day) })),
  );
  const found = await list(`stores/${store.storeId}/sales`, range(day), 2);
  expect(found.map(({ saleId }) => saleId).sort()).toEqual([...ids].sort());
});

test('a range is of whole minutes: from rounds down, to up', async () => {
  const store = await connectStore(system);
  const day = quietDay();
  const sold = [0, 1, 2, 3].map(minute =>
    ringUp(`S${minute}`, { soldAt: isoTime(day + minute * MINUTE_MS + 30_000) }),
  );
  await sell(store, sold);
  await expectTotal(store.storeId, day, sold);
  const [from, to] = [day + MINUTE_MS + 59_000, day + 2 * MINUTE_MS + 1];
  expect(await salesOf(store.storeId, from, to)).toEqual(sold.slice(1, 3));
  expect(await totals('store', from, to)).toMatchObject([{ store: store.storeId, count: 2 }]);
});

const day = '2024-01-01T00:00:00Z';

test.each<[string, string, RegExp]>([
  ['an unknown grouping', 'sales/totals?by=colour', /store, region, sku, minute/],
  ['a from that is no time', 'sales/totals?from=yesterday', /^from /],
  ['a to that is no time', `sales/totals?from=${day}&to=2024-02-30T00:00:00Z`, /^to /],
  ['a to before from', `sales/totals?from=${day}&to=2023-12-31T00:00:00Z`, /earlier/],
  ['more time than is taken', `sales/totals?from=${day}&to=2025-01-01T00:00:00Z`, /shorter/],
  ['more time than is taken by SKU', `sales/totals?by=sku&from=${day}&to=2024-02-01T00:00:00Z`, /shorter/],
  ['more time of a store', `stores/0001/sales?from=${day}&to=2025-01-01T00:00:00Z`, /shorter/],
  ['a limit that is none', 'stores/0001/sales?limit=many', /^limit /],
])('a request of %s is refused, in words', async (_, path, detail) => {
  const response = await system.request('GET', path);
  expect(response.status).toBe(400);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(await response.json()).toMatchObject({ status: 400, detail: expect.stringMatching(detail) });
});

test.each(['sales/totals', 'stores/0001/sales'])('%s is for head office', async path => {
  const token = await system.mintToken({ role: 'store', storeId: '0001', region: undefined, groups: [] });
  expect((await system.request('GET', path, { token })).status).toBe(403);
  expect((await system.request('GET', path, { token: undefined })).status).toBe(401);
});

test('the missing numbers of each till of a day are told, until they have come', async () => {
  const store = await connectStore(system);
  const day = quietDay();
  const businessDay = isoTime(day).slice(0, 10);
  const numbered = (sequence: number) =>
    ringUp(unique('sale'), { till: '1', sequence, businessDay, soldAt: isoTime(day + sequence * MINUTE_MS) });
  await sell(store, [1, 2, 5].map(numbered));
  const gaps = () => list(`stores/${store.storeId}/sales/gaps`, { businessDay });
  await expect
    .poll(gaps, SOON)
    .toEqual([{ till: '1', first: 1, last: 5, count: 3, missing: [3, 4], missingCount: 2 }]);
  await sell(store, [4, 3].map(numbered));
  await expect
    .poll(gaps, SOON)
    .toEqual([{ till: '1', first: 1, last: 5, count: 5, missing: [], missingCount: 0 }]);
});
