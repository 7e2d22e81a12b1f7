/** What a store sells and what head office is told of it: the `sales` frame, and the routes that read it. */
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { afterEach, describe, expect, it } from 'vitest';
import { chunks } from '../../domain/chunks.ts';
import type { Identity } from '../../domain/identity/identity.ts';
import { MAX_SALES, minuteOf, type Sale } from '../../domain/sales/sale.ts';
import { handler as answerFrame } from '../../lambdas/default.ts';
import type { ApiRequest } from '../../lambdas/management/api-request.ts';
import { HttpProblem, problemAnswer } from '../../lambdas/management/http-answer.ts';
import { salesTotals } from '../../lambdas/management/sales-routes.ts';
import { handler as answerRequest } from '../../lambdas/management.ts';
import { paceFromEnvironment } from '../../lambdas/registry/pace.ts';
import { rosterFromEnvironment } from '../../lambdas/registry/roster.ts';
import { salesBookFromEnvironment } from '../../lambdas/sales/sales-book.ts';
import { salesHoursFromEnvironment } from '../../lambdas/sales/sales-hours.ts';
import { salesIndexFromEnvironment } from '../../lambdas/sales/sales-index.ts';
import { SalesTotals } from '../../lambdas/sales/span-totals.ts';
import { ringUp, ringUpLines } from '../domain/till.ts';
import { enterEnvironment, startAws } from './aws.ts';
import { captureLog, tokenOf, webSocketEvent } from './events.ts';
import { DAY, HOUR, isoTime, unique } from './updates.ts';

const aws = await startAws();
enterEnvironment(aws);
captureLog();
afterEach(() => aws.reset());
const roster = rosterFromEnvironment();
const book = salesBookFromEnvironment();

const MINUTE_MS = 60_000;
const MANAGER: Identity = { role: 'manager', name: 'ada' };
const PUBLISHER: Identity = { role: 'publisher', name: 'erp' };
type Store = Extract<Identity, { role: 'store' }>;

const newStore = (placement: Partial<Store> = {}): Store => ({
  role: 'store',
  storeId: unique('s'),
  region: 'north',
  groups: [],
  ...placement,
});

let days = 0;

/** Midnight of a day on which no other test sells, within the 400 that are taken: totals are those of every store. */
function quietDay(): number {
  days += 1;
  return (Math.floor(Date.now() / DAY) - 390 + days * 4) * DAY;
}

async function frame(identity: Identity, body: object) {
  const line = { identity, connectionId: unique('c='), connectedAt: Date.now() - 1_000 };
  const { body: answer = '' } = await answerFrame(webSocketEvent(line, { body: JSON.stringify(body) }));
  return JSON.parse(answer);
}

const sell = (store: Identity, sales: unknown, requestId?: string) =>
  frame(store, { action: 'sales', sales, ...(requestId === undefined ? {} : { requestId }) });

type Query = Record<string, string>;

async function get(rawPath: string, query: Query = {}, as: Identity = MANAGER) {
  const answer = await answerRequest({
    rawPath,
    headers: { authorization: `Bearer ${await tokenOf(aws, as)}` },
    queryStringParameters: query,
    isBase64Encoded: false,
    requestContext: { http: { method: 'GET' } },
  } as unknown as APIGatewayProxyEventV2);
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body: answer.body ?? '',
    json: JSON.parse(answer.body ?? ''),
  };
}

/** A whole list, page by page. */
async function wholeList(path: string, query: Query, limit: number): Promise<unknown[]> {
  const found: unknown[] = [];
  let cursor: string | undefined;
  do {
    const page = { ...query, limit: String(limit), ...(cursor === undefined ? {} : { cursor }) };
    const { json } = await get(path, page);
    expect(json.items.length).toBeLessThanOrEqual(limit);
    found.push(...json.items);
    cursor = json.cursor;
  } while (cursor !== undefined);
  return found;
}

const range = (from: number, to: number): Query => ({ from: isoTime(from), to: isoTime(to) });

const totals = async (by: string, from: number, to: number) =>
  (await get('/sales/totals', { by, ...range(from, to) })).json.items;

async function salesOf({ storeId }: Store, from: number, to: number): Promise<Sale[]> {
  return (await get(`/stores/${storeId}/sales`, range(from, to))).json.items;
}

describe('a frame of sales', () => {
  it('is answered once they are stored, with the ids that count', async () => {
    const [store, day] = [newStore(), quietDay()];
    const sold = [0, 30_000, HOUR].map((after, index) =>
      ringUp(`S${index}`, { soldAt: isoTime(day + after) }),
    );
    expect(await sell(store, sold, 'r1')).toEqual({
      type: 'sales.accepted',
      requestId: 'r1',
      saleIds: ['S0', 'S1', 'S2'],
      rejected: [],
    });
    expect(await salesOf(store, day, day + DAY)).toEqual(sold);
  });

  it('that is partly bad is taken for its good part, with a reason for each of the others', async () => {
    const [store, day] = [newStore(), quietDay()];
    const soldAt = isoTime(day);
    const ahead = isoTime(Date.now() + 20 * MINUTE_MS);
    const answer = await sell(store, [
      ringUp('wrong', { soldAt, total: 1 }),
      ringUp('good', { soldAt }),
      null,
      { saleId: 'half' },
      ringUp('ahead', { soldAt: ahead }),
      ringUp('fine', { soldAt }),
    ]);
    const message = expect.any(String);
    expect(answer).toEqual({
      type: 'sales.accepted',
      saleIds: ['good', 'fine'],
      rejected: [
        { saleId: 'wrong', code: 'total_mismatch', message },
        { saleId: null, code: 'invalid_sale', message },
        { saleId: 'half', code: 'invalid_sale', message },
        { saleId: 'ahead', code: 'sold_in_future', message },
      ],
    });
    expect((await salesOf(store, day, day + DAY)).map(({ saleId }) => saleId).sort()).toEqual([
      'fine',
      'good',
    ]);
  });

  it('that is all bad is answered, and changes nothing', async () => {
    const [store, day] = [newStore(), quietDay()];
    const bad = ringUp('S', { soldAt: isoTime(day), currency: 'ZZZ' });
    expect(await sell(store, [bad])).toMatchObject({ saleIds: [], rejected: [{ saleId: 'S' }] });
    expect(await totals('store', day, day + DAY)).toEqual([]);
  });

  it('takes a sale of a till whose clock is ahead by less than 15 minutes', async () => {
    const sale = ringUp('S', { soldAt: isoTime(Date.now() + 14 * MINUTE_MS) });
    expect(await sell(newStore(), [sale])).toMatchObject({ saleIds: ['S'], rejected: [] });
  });

  it('counts a sale once that is in it twice, or comes again with others or on another line', async () => {
    const [store, day] = [newStore(), quietDay()];
    const soldAt = isoTime(day);
    const [one, two] = [ringUp('S1', { soldAt }), ringUp('S2', { soldAt })];
    expect((await sell(store, [one, one])).saleIds).toEqual(['S1']);
    expect((await sell(store, [two, one])).saleIds.sort()).toEqual(['S1', 'S2']);
    expect((await sell(store, [one, two])).saleIds.sort()).toEqual(['S1', 'S2']);
    expect(await totals('store', day, day + DAY)).toEqual([
      { store: store.storeId, count: 2, amount: 796, currency: 'EUR' },
    ]);
  });

  // It was acknowledged and dropped.
  it('is refused for a sale whose name another one has, in it or before it', async () => {
    const [store, day] = [newStore(), quietDay()];
    const soldAt = isoTime(day);
    const [one, free] = [ringUp('S1', { soldAt }), ringUp('S2', { soldAt })];
    const changed = ringUp('S1', { soldAt, lines: [{ sku: 'B', quantity: 1, unitPrice: 1 }] });
    const taken = {
      saleId: 'S1',
      code: 'sale_id_taken',
      message: expect.stringContaining('another sale S1'),
    };
    expect(await sell(store, [one, changed])).toMatchObject({ saleIds: ['S1'], rejected: [taken] });
    expect(await sell(store, [changed, free])).toMatchObject({ saleIds: ['S2'], rejected: [taken] });
    expect(await salesOf(store, day, day + DAY)).toEqual([one, free]);
  });

  it('takes sales of two tills that both count from 1, and one name in two minutes', async () => {
    const [store, day] = [newStore(), quietDay()];
    const sold = ['1', '2', undefined].flatMap((till, index) =>
      [0, MINUTE_MS].map(after => {
        const lines = [{ sku: 'A', quantity: 1, unitPrice: index }];
        return ringUp('1', { soldAt: isoTime(day + after), lines, ...(till && { till }) });
      }),
    );
    for (let time = 0; time < 2; time += 1) {
      const answer = await sell(store, sold);
      expect(answer).toMatchObject({ saleIds: sold.map(() => '1'), rejected: [] });
    }
    const kept = await salesOf(store, day, day + DAY);
    expect(kept).toHaveLength(sold.length);
    expect(kept).toEqual(expect.arrayContaining(sold));
    const [path, query] = [`/stores/${store.storeId}/sales`, range(day, day + DAY)];
    expect(await wholeList(path, query, 1)).toEqual(kept);
  });

  it('is refused for a sale that is older than the setting of the stack', async () => {
    const soldAts = [395, 405, 20_000].map(days => isoTime(Date.now() - days * DAY));
    const sold = soldAts.map((soldAt, index) => ringUp(`S${index}`, { soldAt }));
    expect(await sell(newStore(), sold)).toMatchObject({
      saleIds: ['S0'],
      rejected: ['S1', 'S2'].map(saleId => ({
        saleId,
        code: 'invalid_sale',
        message: expect.stringMatching(/^soldAt: .* more than 400 days ago/),
      })),
    });
  });

  it('counts for the store of its line, whatever the frame says', async () => {
    const [store, other, day] = [newStore(), newStore(), quietDay()];
    const sales = [ringUp('S', { soldAt: isoTime(day) })];
    await frame(store, { action: 'sales', storeId: other.storeId, sales });
    expect(await salesOf(store, day, day + DAY)).toEqual(sales);
    expect(await salesOf(other, day, day + DAY)).toEqual([]);
  });

  it('holds as many as a frame may, of as many minutes', async () => {
    const [store, day] = [newStore(), quietDay()];
    const sold = Array.from({ length: MAX_SALES }, (_, index) =>
      ringUp(`S${index}`, { soldAt: isoTime(day + index * MINUTE_MS) }),
    );
    expect((await sell(store, sold)).saleIds).toHaveLength(MAX_SALES);
    expect(await salesOf(store, day, day + DAY)).toEqual(sold);
  });

  it('to a full minute is refused but for what is there already, and for other minutes', async () => {
    const [store, day] = [newStore(), quietDay()];
    const soldAt = isoTime(day);
    const [first, next] = [ringUp('first', { soldAt }), ringUp('next', { soldAt: isoTime(day + MINUTE_MS) })];
    await sell(store, [first]);
    // Past the frames: so much in a second would be refused.
    const isFull = async (sale: Sale) =>
      (await book.enter({ store, minute: minuteOf(soldAt), sales: [sale], now: day })).length > 0;
    let count = 1;
    while (!(await isFull(ringUpLines(`S${count}`, 600, { soldAt })))) count += 1;
    const refused = [{ saleId: `S${count}`, code: 'minute_full', message: expect.any(String) }];
    const answer = await sell(store, [first, ringUpLines(`S${count}`, 600, { soldAt }), next]);
    expect(answer).toEqual({ type: 'sales.accepted', saleIds: ['first', 'next'], rejected: refused });
    expect(await totals('minute', day, day + MINUTE_MS)).toMatchObject([{ count }]);
  });

  it.each<[string, unknown]>([
    ['no sales', undefined],
    ['an object', { saleId: 'S' }],
    ['an empty list', []],
    ['a list of 51', Array.from({ length: MAX_SALES + 1 }, (_, index) => ringUp(`S${index}`))],
  ])('is refused whole with %s', async (_title, sales) => {
    expect(await sell(newStore(), sales, 'r')).toEqual({
      type: 'error',
      code: 'invalid_frame',
      requestId: 'r',
      message: expect.stringMatching(/^sales: /),
    });
  });

  it.each([MANAGER, PUBLISHER])('is forbidden to a $role', async identity => {
    expect(await sell(identity, [ringUp('S')], 'r')).toMatchObject({
      type: 'error',
      code: 'forbidden',
      requestId: 'r',
    });
  });

  it('is not accepted while the table takes none, and counts once when it comes again', async () => {
    const [store, day] = [newStore(), quietDay()];
    const sales = [0, MINUTE_MS].map(after => ringUp('S', { soldAt: isoTime(day + after) }));
    let puts = 0;
    aws.faultOf = operation => {
      if (operation === 'PutItem') puts += 1;
      return operation === 'PutItem' && puts === 1 ? 'refuse' : undefined;
    };
    expect(await sell(store, sales, 'r')).toMatchObject({ type: 'error', code: 'internal', requestId: 'r' });
    expect((await sell(store, sales)).saleIds).toEqual(['S', 'S']);
    expect(await salesOf(store, day, day + DAY)).toEqual(sales);
  });
});

/** Two stores of two regions and one of none, which sell A and B in two minutes and two currencies. */
async function soldInADay() {
  const day = quietDay();
  const [north, south, nowhere] = [
    newStore(),
    newStore({ region: 'south' }),
    newStore({ region: undefined }),
  ];
  const line = (sku: string, quantity: number, unitPrice: number) => ({ sku, quantity, unitPrice });
  const first = { soldAt: isoTime(day + 10_000) };
  const second = { soldAt: isoTime(day + 12 * HOUR) };
  await sell(north, [
    ringUp('S1', { ...first, lines: [line('A', 2, 100), line('B', 1, 50)] }),
    ringUp('S2', { ...first, lines: [line('A', 1, 90), line('A', 1, 100)] }),
    ringUp('S3', { ...second, lines: [line('A', -1, 100)] }),
  ]);
  await sell(south, [ringUp('S1', { ...second, currency: 'CHF', lines: [line('A', 3, 110)] })]);
  await sell(nowhere, [ringUp('S1', { ...second, lines: [line('B', 4, 50)] })]);
  for (const { storeId, region } of [north, south, nowhere])
    await roster.heard({ storeId, region, groups: [] }, day);
  return { day, north: north.storeId, south: south.storeId, nowhere: nowhere.storeId };
}

type Names = Awaited<ReturnType<typeof soldInADay>>;

describe('totals', () => {
  it('are those of each store unless told otherwise', async () => {
    const { day, north, south, nowhere } = await soldInADay();
    const expected = [
      { store: north, count: 3, amount: 340, currency: 'EUR' },
      { store: south, count: 1, amount: 330, currency: 'CHF' },
      { store: nowhere, count: 1, amount: 200, currency: 'EUR' },
    ].sort((a, b) => (a.store < b.store ? -1 : 1));
    expect(await totals('store', day, day + DAY)).toEqual(expected);
    expect((await get('/sales/totals', range(day, day + DAY))).json).toEqual({ items: expected });
  });

  it('are those of each region and currency', async () => {
    const { day } = await soldInADay();
    const found = (await totals('region', day, day + DAY)) as { region: string | null }[];
    expect(found.filter(({ region }) => region)).toEqual([
      { region: 'north', count: 3, amount: 340, currency: 'EUR' },
      { region: 'south', count: 1, amount: 330, currency: 'CHF' },
    ]);
    expect(found.filter(({ region }) => !region)).toMatchObject([{ count: 1, amount: 200, currency: 'EUR' }]);
  });

  it('are those of each minute and currency, in order', async () => {
    const { day } = await soldInADay();
    const [first, second] = [minuteOf(isoTime(day)), minuteOf(isoTime(day + 12 * HOUR))];
    expect(await totals('minute', day, day + DAY)).toEqual([
      { minute: first, count: 2, amount: 440, currency: 'EUR' },
      { minute: second, count: 1, amount: 330, currency: 'CHF' },
      { minute: second, count: 2, amount: 100, currency: 'EUR' },
    ]);
  });

  const bySku = [
    { sku: 'A', unit: 'C62', count: 3, amount: 330, currency: 'CHF' },
    { sku: 'A', unit: 'C62', count: 3, amount: 290, currency: 'EUR' },
    { sku: 'B', unit: 'C62', count: 5, amount: 250, currency: 'EUR' },
  ];

  it('are those of each SKU and currency, counted in pieces', async () => {
    const { day } = await soldInADay();
    expect(await totals('sku', day, day + DAY)).toEqual(bySku);
  });

  it('are those of each unit of a SKU, to the gram', async () => {
    const [store, day] = [newStore(), quietDay()];
    const weighed = (quantity: number, amount: number) => ({
      sku: 'CHEESE',
      quantity,
      unit: 'KGM',
      unitPrice: 1299,
      amount,
    });
    const piece = { sku: 'CHEESE', quantity: 1, unitPrice: 500 };
    await sell(store, [
      ringUp('1', { soldAt: isoTime(day), lines: [weighed(0.1, 130), weighed(0.2, 260)], total: 390 }),
      ringUp('2', { soldAt: isoTime(day + HOUR), lines: [weighed(-0.1, -130), piece], total: 370 }),
    ]);
    expect(await totals('sku', day, day + DAY)).toEqual([
      { sku: 'CHEESE', unit: 'C62', count: 1, amount: 500, currency: 'EUR' },
      { sku: 'CHEESE', unit: 'KGM', count: 0.2, amount: 260, currency: 'EUR' },
    ]);
  });

  // JSON's numbers have no end; those of JavaScript do.
  it.each(['store', 'region', 'sku', 'minute'])('by %s keep every digit past 2^53', async by => {
    const [store, day] = [newStore(), quietDay()];
    const lines = [{ sku: 'A', quantity: 1, unitPrice: Number.MAX_SAFE_INTEGER }];
    const soldAts = [0, 0, 0, HOUR].map(after => isoTime(day + after));
    for (const [index, soldAt] of soldAts.entries())
      await sell(store, [ringUp(`S${index}`, { soldAt, lines })]);
    const { body } = await get('/sales/totals', { by, ...range(day, day + HOUR) });
    expect(body).toContain(`"amount":${3n * BigInt(Number.MAX_SAFE_INTEGER)},`);
    if (by === 'minute') return;
    const later = await get('/sales/totals', { by, ...range(day, day + DAY) });
    expect(later.body).toContain(`"amount":${4n * BigInt(Number.MAX_SAFE_INTEGER)},`);
  });

  it.each<[string, (names: Names) => Query, object[]]>([
    ['one store', ({ north }) => ({ by: 'store', store: north }), [{ count: 3, amount: 340 }]],
    ['the SKUs of one store', ({ nowhere }) => ({ by: 'sku', store: nowhere }), [{ sku: 'B', count: 4 }]],
    [
      'the minutes of one store',
      ({ north }) => ({ by: 'minute', store: north }),
      [
        { count: 2, amount: 440 },
        { count: 1, amount: -100 },
      ],
    ],
    ['the region of one store', ({ south }) => ({ by: 'region', store: south }), [{ region: 'south' }]],
    ['one region', () => ({ by: 'region', region: 'north' }), [{ region: 'north', count: 3 }]],
    ['the stores of a region', () => ({ by: 'store', region: 'south' }), [{ store: 'south', amount: 330 }]],
    [
      'the SKUs of a region',
      () => ({ by: 'sku', region: 'north' }),
      [
        { sku: 'A', unit: 'C62', count: 3, amount: 290 },
        { sku: 'B', unit: 'C62', count: 1, amount: 50 },
      ],
    ],
    ['the minutes of a region', () => ({ by: 'minute', region: 'south' }), [{ count: 1, currency: 'CHF' }]],
    ['a store outside the region', ({ north }) => ({ by: 'sku', store: north, region: 'south' }), []],
    ['a store that nobody knows', () => ({ by: 'sku', store: 'nobody' }), []],
    ['a region that there is not', () => ({ by: 'region', region: 'constructor' }), []],
  ])('may be those of %s alone', async (_title, queryOf, expected) => {
    const names = await soldInADay();
    const { json } = await get('/sales/totals', { ...queryOf(names), ...range(names.day, names.day + DAY) });
    expect(json.items).toHaveLength(expected.length);
    const plain = expected.map(item => ({ ...item, ...('store' in item ? { store: names.south } : {}) }));
    expect(json.items).toMatchObject(plain);
  });

  it('still hold by SKU what a store sold that is retired since', async () => {
    const { day, north } = await soldInADay();
    await roster.retire(north);
    expect(await totals('sku', day, day + DAY)).toEqual(bySku);
  });

  it.each(['store', 'region', 'sku', 'minute'])('page by %s, each once and in order', async by => {
    const { day } = await soldInADay();
    const query = { by, ...range(day, day + DAY) };
    const all = (await get('/sales/totals', query)).json.items;
    for (const limit of [1, 2]) expect(await wholeList('/sales/totals', query, limit)).toEqual(all);
  });

  it.each<[string, number, number, number]>([
    ['begin with the minute of from', 59_999, 2 * MINUTE_MS, 2],
    ['end with the minute of to', 0, MINUTE_MS + 1, 2],
    ['end before a minute that to begins', 0, MINUTE_MS, 1],
    ['are of one minute where both are in it', 1, 2, 1],
    ['are none where nothing was sold', 2 * MINUTE_MS, 3 * MINUTE_MS, 0],
  ])('%s', async (_title, from, to, count) => {
    const [store, day] = [newStore(), quietDay()];
    await sell(
      store,
      [30_000, 90_000].map(after => ringUp('S', { soldAt: isoTime(day + after) })),
    );
    const found = (await totals('store', day + from, day + to)) as { count: number }[];
    expect(found.map(total => total.count)).toEqual(count === 0 ? [] : [count]);
    expect(await salesOf(store, day + from, day + to)).toHaveLength(count);
  });

  it('are of the last hour where no time is given', async () => {
    const store = newStore();
    const soldAts = [Date.now() - MINUTE_MS, Date.now() - 2 * HOUR].map(isoTime);
    await sell(
      store,
      soldAts.map(soldAt => ringUp('S', { soldAt })),
    );
    const { json } = await get('/sales/totals');
    expect(json.items).toContainEqual({ store: store.storeId, count: 1, amount: 398, currency: 'EUR' });
    expect((await get(`/stores/${store.storeId}/sales`)).json.items).toMatchObject([{ soldAt: soldAts[0] }]);
  });
});

describe('totals of more than can be read in time', () => {
  it('are a problem that says what to do, and when to ask again', async () => {
    const [store, day] = [newStore(), quietDay()];
    await sell(store, [ringUp('S', { soldAt: isoTime(day) })]);
    const totals = new SalesTotals({
      hours: salesHoursFromEnvironment(),
      index: salesIndexFromEnvironment(),
      mostMinutes: 0,
    });
    const request = { now: day, query: range(day, day + DAY) } as unknown as ApiRequest;
    const problem = await salesTotals(request, { pace: paceFromEnvironment(), totals }).catch(error => error);
    expect(problem).toBeInstanceOf(HttpProblem);
    expect(problemAnswer(problem)).toMatchObject({
      statusCode: 503,
      headers: { 'retry-after': '300' },
      body: expect.stringMatching(/not rolled up yet: ask for a shorter time, or again/),
    });
  });
});

describe('the gaps of a store’s day', () => {
  const numbered = (till: string, sequence: number, soldAt: number, businessDay?: string) =>
    ringUp(`${till}-${sequence}`, {
      soldAt: isoTime(soldAt),
      till,
      sequence,
      ...(businessDay && { businessDay }),
    });

  it('are told for each till, page by page, until what is missing has come', async () => {
    const [store, day] = [newStore(), quietDay()];
    const businessDay = isoTime(day).slice(0, 10);
    const sold = [1, 2, 4].map(sequence => numbered('1', sequence, day + sequence * HOUR));
    // Past midnight, but still of the day.
    const late = [numbered('2', 7, day - HOUR, businessDay), numbered('2', 8, day + 26 * HOUR, businessDay)];
    await sell(store, [...sold, ...late, ringUp('without a number', { soldAt: isoTime(day) })]);
    const path = `/stores/${store.storeId}/sales/gaps`;
    const till2 = { till: '2', first: 7, last: 8, count: 2, missing: [], missingCount: 0 };
    expect(await wholeList(path, { businessDay }, 1)).toEqual([
      { till: '1', first: 1, last: 4, count: 3, missing: [3], missingCount: 1 },
      till2,
    ]);
    await sell(store, [numbered('1', 3, day + 3 * HOUR)]);
    expect((await get(path, { businessDay })).json.items).toEqual([
      { till: '1', first: 1, last: 4, count: 4, missing: [], missingCount: 0 },
      till2,
    ]);
  });

  it.each([{}, { businessDay: '' }, { businessDay: '2026-02-30' }, { businessDay: '0000-01-01' }])(
    'are refused for no day: %j',
    async query => {
      const { status, json } = await get(`/stores/${unique('s')}/sales/gaps`, query);
      expect({ status, detail: json.detail }).toEqual({
        status: 400,
        detail: expect.stringContaining('businessDay'),
      });
    },
  );
});

describe('the sales of a store', () => {
  // Lambda answers 6 MB, in which the body is a string.
  it('page by bytes, too, where they are large', async () => {
    const [store, day] = [newStore(), quietDay()];
    const sold = Array.from({ length: 180 }, (_, index) =>
      ringUpLines(`S${100 + index}`, 600, { soldAt: isoTime(day + index * 20_000) }),
    );
    // Past the frames: so many in a second would be refused.
    for (const some of chunks(sold, 12)) {
      const entering = some.map(sale =>
        book.enter({ store, minute: minuteOf(sale.soldAt), sales: [sale], now: day }),
      );
      await Promise.all(entering);
    }
    const [path, query] = [`/stores/${store.storeId}/sales`, range(day, day + DAY)];
    const { json } = await get(path, { ...query, limit: '1000' });
    expect(Buffer.byteLength(JSON.stringify(JSON.stringify(json)))).toBeLessThan(5.5 * 1024 * 1024);
    expect(json.items.length).toBeGreaterThan(50);
    const ids = (await wholeList(path, query, 1_000)) as Sale[];
    expect(ids.map(({ saleId }) => saleId)).toEqual(sold.map(({ saleId }) => saleId));
  });

  it('are none after a cursor past their end', async () => {
    const [store, day] = [newStore(), quietDay()];
    const cursor = Buffer.from('zzz').toString('base64url');
    const { status, json } = await get(`/stores/${store.storeId}/sales`, {
      ...range(day, day + DAY),
      cursor,
    });
    expect({ status, json }).toEqual({ status: 200, json: { items: [] } });
  });

  it('page in the order of their times, each once, though many are of one moment', async () => {
    const [store, day] = [newStore(), quietDay()];
    const ids = ['S9', 'S10', '7', 'a', 'S1', 'Z', '12', 'b', 'S2'];
    const sold = ids.map((saleId, index) =>
      ringUp(saleId, { soldAt: isoTime(day + (index < 7 ? 0 : HOUR)) }),
    );
    await sell(store, sold);
    const [path, query] = [`/stores/${store.storeId}/sales`, range(day, day + DAY)];
    for (const limit of [1, 2, 4, 100]) {
      const found = (await wholeList(path, query, limit)) as Sale[];
      expect(found.map(({ saleId }) => saleId).sort()).toEqual([...ids].sort());
      const times = found.map(({ soldAt }) => soldAt);
      expect(times).toEqual([...times].sort());
    }
  });
});

describe('a request that is refused', () => {
  const day = '2024-01-01T00:00:00Z';
  const store = '/stores/s1/sales';
  const all = '/sales/totals';

  it.each<[string, string, Query, RegExp]>([
    ['a grouping that is none', all, { by: 'colour' }, /^by takes store, region, sku, minute/],
    ['an empty grouping', all, { by: '' }, /^by takes/],
    ['a grouping that every object has', all, { by: 'constructor' }, /^by takes/],
    ['a from that is no time', all, { from: 'yesterday' }, /^from must be an ISO 8601/],
    ['an empty from', all, { from: '' }, /^from must be/],
    ['a from without a zone', all, { from: '2024-01-01T00:00:00' }, /^from must be/],
    ['a from of milliseconds', all, { from: '1704067200000' }, /^from must be/],
    ['a to on a day that no calendar has', all, { from: day, to: '2024-02-30T00:00:00Z' }, /^to must be/],
    ['a to before from', all, { from: day, to: '2023-12-31T23:59:59Z' }, /^from must be earlier than to/],
    ['a to that is from', all, { from: day, to: day }, /^from must be earlier than to/],
    ['a from without a to, in the future', all, { from: '2999-01-01T00:00:00Z' }, /^from must be earlier/],
    ['too many days', all, { from: day, to: '2024-02-01T00:00:01Z' }, /by=store.*31 days.*shorter/],
    [
      'too many days by SKU',
      all,
      { by: 'sku', from: day, to: '2024-01-09T00:00:00Z' },
      /by=sku.*7 days.*shorter/,
    ],
    [
      'too many days of the minutes of a store',
      all,
      { by: 'minute', store: 's1', from: day, to: '2024-01-09T00:00:00Z' },
      /by=minute of one store.*7 days.*shorter/,
    ],
    ['too many days of a store', store, { from: day, to: '2024-02-01T00:00:01Z' }, /31 day.*shorter/],
    ['a from of a store that is no time', store, { from: 'yesterday' }, /^from must be/],
    ['a limit of 0', all, { limit: '0' }, /^limit takes/],
    ['a limit that is none', store, { limit: 'all' }, /^limit takes/],
  ])('names what is wrong: %s', async (_title, path, query, detail) => {
    const { status, headers, json } = await get(path, query);
    expect({ status, detail: json.detail }).toEqual({ status: 400, detail: expect.stringMatching(detail) });
    expect(headers).toMatchObject({ 'content-type': 'application/problem+json' });
    expect(json).toMatchObject({ status: 400, title: 'Bad Request' });
  });

  it.each([
    [all, newStore()],
    [store, newStore()],
  ])('is %s of a store', async (path, identity) => {
    const { status, headers } = await get(path, {}, identity);
    expect(status).toBe(403);
    expect(headers).toMatchObject({ 'content-type': 'application/problem+json' });
  });

  it.each(['/stores//sales', '/sales/totals/2024', '/sales'])('is at no route: %s', async path => {
    const { status } = await get(path);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
  });

  it.each([
    [all, { from: day, to: '2024-02-01T00:00:00Z' }],
    [all, { by: 'sku', from: day, to: '2024-01-08T00:00:00Z' }],
  ])('is not one at the bounds of what is taken: %s %j', async (path, query) => {
    expect((await get(path, query)).status).toBe(200);
  });

  // The minute after the last one of the year 9999 has a sign, and no longer compares as text.
  it.each([
    [all, '9999-12-31T23:00:00Z', '9999-12-31T23:59:59Z'],
    [store, '9999-12-31T23:00:00Z', '9999-12-31T23:59:59Z'],
    [store, '0000-01-01T00:00:00Z', '0000-01-02T00:00:00Z'],
  ])('is no fault at the ends of time: %s from %s', async (path, from, to) => {
    expect([200, 400]).toContain((await get(path, { from, to })).status);
  });

  // An hour before the first was of a year that needs a sign: days were counted from there without end.
  it('is none at the beginning of time, where nothing is before', async () => {
    expect((await get('/sales/totals', { to: '0000-01-01T00:00:00Z' })).status).toBe(400);
  });
});
