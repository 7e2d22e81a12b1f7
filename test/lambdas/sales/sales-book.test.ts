import { createHash, randomBytes } from 'node:crypto';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { minuteOf, type Sale } from '../../../domain/sales/sale.ts';
import { skuTotals, Totals } from '../../../domain/sales/sales-sums.ts';
import type { StorePlacement } from '../../../domain/updates/channels.ts';
import type { Item } from '../../../lambdas/aws/codecs.ts';
import { unpackSales } from '../../../lambdas/sales/kept-sale.ts';
import { keysOf, ROLLED_UP_BY } from '../../../lambdas/sales/regional-sums.ts';
import { SalesBook } from '../../../lambdas/sales/sales-book.ts';
import { SalesIndex } from '../../../lambdas/sales/sales-index.ts';
import { addMinute, bucketOf, storeMinute } from '../../../lambdas/sales/sales-items.ts';
import { itemBytes, projectedBytes } from '../../../local/dynamodb/capacity/item-size.ts';
import { ringUp, ringUpLines } from '../../domain/till.ts';
import { startAws, TABLES } from '../aws.ts';
import { countingUnits } from '../counting-units.ts';
import { CrashError, crashingClient } from '../crashing-client.ts';
import { isoTime, unique } from '../updates.ts';

const MINUTE = '2024-03-01T08:00Z';
const NEXT_MINUTE = '2024-03-01T08:01Z';
const BUCKETS = 8;
const NOW = Date.parse('2024-03-01T08:02:00.000Z');
const DAY_BEFORE = '2024-02-29T00:00Z';
const DAY_AFTER = '2024-03-02T00:00Z';
const aws = await startAws();
const book = openBook();
const index = new SalesIndex({ client: aws.dynamodb, table: TABLES.sales, buckets: BUCKETS });
afterEach(() => aws.reset());

function openBook(client = aws.dynamodb): SalesBook {
  return new SalesBook({ client, table: TABLES.sales, buckets: BUCKETS, keptDays: 400 });
}

/** A client that takes down how long the expressions are that it sends. */
function watchedClient() {
  const { client } = crashingClient(aws.endpoint, Number.POSITIVE_INFINITY);
  const lengths: number[] = [];
  client.middlewareStack.add(
    next => args => {
      for (const [name, value] of Object.entries(args.input)) {
        if (name.endsWith('Expression')) lengths.push(String(value ?? '').length);
      }
      return next(args);
    },
    { step: 'initialize' },
  );
  return { client, lengths };
}

const place = (placement: Partial<StorePlacement> = {}): StorePlacement => ({
  storeId: unique('s'),
  region: 'north',
  groups: [],
  ...placement,
});

const sales = (count: number, change: Partial<Sale> = {}) =>
  Array.from({ length: count }, (_, index) => ringUp(`S${index}`, change));

async function salesOf({ storeId }: StorePlacement, from = DAY_BEFORE, to = DAY_AFTER): Promise<Sale[]> {
  const found: Sale[] = [];
  for await (const minute of book.salesOf(storeId, from, to)) found.push(...minute);
  return found;
}

/** A store's minute in one currency. */
interface MinuteTotal {
  storeId: string;
  region: string | undefined;
  minute: string;
  count: number;
  amount: number;
  currency: string;
}

/** What the index holds of a store's minutes. */
async function indexed({ storeId }: StorePlacement, from = DAY_BEFORE, to = DAY_AFTER) {
  const found: Item[] = [];
  for await (const items of index.minutes(bucketOf(storeId, BUCKETS), { from, to }, ROLLED_UP_BY))
    found.push(...items);
  return found.filter(item => item.k?.S === storeId);
}

async function totalsOf(store: StorePlacement, from = DAY_BEFORE, to = DAY_AFTER) {
  const totals = (await indexed(store, from, to)).flatMap(item =>
    Object.entries(item.a?.M ?? {}).map(([currency, amount]) => ({
      storeId: item.k?.S ?? '',
      region: item.r?.S,
      minute: item.m?.S ?? '',
      count: Number(item.n?.M?.[currency]?.N),
      amount: Number(amount.N),
      currency,
    })),
  );
  return inOrder(totals);
}

/** The same by SKU. */
async function skusOf(store: StorePlacement) {
  const totals = new Totals();
  for (const item of await indexed(store)) addMinute(totals, 'sku', item, keysOf({ by: 'sku' }));
  return totals.list();
}

/** What the totals of a store must be, told by nothing but its sales. */
function sumsOf({ storeId, region }: StorePlacement, sold: readonly Sale[]): MinuteTotal[] {
  const minutes = Map.groupBy(sold, ({ soldAt, currency }) => `${minuteOf(soldAt)} ${currency}`);
  const sums = [...minutes].map(([key, some]) => {
    const [minute = '', currency = ''] = key.split(' ');
    const amount = some.reduce((sum, { total }) => sum + total, 0);
    return { storeId, region, minute, count: some.length, amount, currency };
  });
  return inOrder(sums);
}

function inOrder(totals: MinuteTotal[]): MinuteTotal[] {
  const keyOf = ({ minute, currency }: MinuteTotal) => `${minute} ${currency}`;
  return totals.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

const inOrderOfIds = (some: readonly Sale[]) => [...some].sort((a, b) => (a.saleId < b.saleId ? -1 : 1));
const idsOf = (some: readonly Sale[]) => some.map(({ saleId }) => saleId).sort();

/** As one frame brings them, which comes a minute later. */
function enter(into: SalesBook | undefined, store: StorePlacement, minute: string, sales: readonly Sale[]) {
  return into?.enter({ store, minute, sales, now: NOW });
}

const full = (sale: Sale) => ({ sale, code: 'minute_full' });

describe('sales that are entered', () => {
  it('are found as they were sold, in the order of their times, with their sums by currency', async () => {
    const store = place();
    const sold = [
      ringUp('late', { soldAt: '2024-03-01T08:00:59.999Z' }),
      ringUp('early', { soldAt: '2024-03-01T08:00:00.000Z', currency: 'CHF' }),
      ringUp('returned', { lines: [{ sku: 'A', quantity: -1, unitPrice: 5_000 }] }),
    ];
    await enter(book, store, MINUTE, sold);
    expect(await salesOf(store)).toEqual([sold[1], sold[2], sold[0]]);
    const { storeId } = store;
    expect(await totalsOf(store)).toEqual([
      { storeId, region: 'north', minute: MINUTE, count: 1, amount: 398, currency: 'CHF' },
      { storeId, region: 'north', minute: MINUTE, count: 2, amount: 398 - 5_000, currency: 'EUR' },
    ]);
  });

  it('are kept apart by store and by minute, though their ids are the same', async () => {
    const [one, other] = [place(), place({ region: undefined })];
    const later = sales(2, { soldAt: '2024-03-01T08:01:00.000Z' });
    await enter(book, one, MINUTE, sales(3));
    await enter(book, one, NEXT_MINUTE, later);
    await enter(book, other, MINUTE, sales(1));
    expect(await totalsOf(one)).toEqual(sumsOf(one, [...sales(3), ...later]));
    expect(await totalsOf(other)).toEqual(sumsOf(other, sales(1)));
  });

  it('belong to the region in which their minute began', async () => {
    const store = place();
    await enter(book, store, MINUTE, sales(1));
    await enter(book, { ...store, region: 'south' }, MINUTE, sales(2));
    expect(await totalsOf(store)).toEqual(sumsOf(store, sales(2)));
  });

  // 4 KB each ("Constraints in Amazon DynamoDB"); the local tables hold nobody to it.
  it('may be of 50 currencies in one frame, by expressions that DynamoDB takes', async () => {
    const store = place();
    const currencies = Intl.supportedValuesOf('currency').slice(0, 50);
    const sold = currencies.map(currency => ringUp(`S-${currency}`, { currency }));
    const { client, lengths } = watchedClient();
    for (const frame of [[ringUp('first')], sold]) await enter(openBook(client), store, MINUTE, frame);
    client.destroy();
    expect(Math.max(...lengths)).toBeLessThanOrEqual(4_096);
    expect(await totalsOf(store)).toEqual(sumsOf(store, [ringUp('first'), ...sold]));
  });
});

describe('a sale that is entered again', () => {
  const repeats: [string, Sale[]][] = [
    ['alone', sales(1)],
    ['with all others of its frame', sales(5)],
    ['with new ones', sales(8)],
  ];

  it.each(repeats)('counts once: %s', async (_title, again) => {
    const store = place();
    await enter(book, store, MINUTE, sales(5));
    for (const _ of [1, 2]) await enter(book, store, MINUTE, again);
    const expected = sales(Math.max(5, again.length));
    expect(await totalsOf(store)).toEqual(sumsOf(store, expected));
    expect(idsOf(await salesOf(store))).toEqual(idsOf(expected));
  });

  it('counts once though the service did it and its answer was lost', async () => {
    const store = place();
    let calls = 0;
    aws.faultOf = () => {
      calls += 1;
      return calls % 2 === 1 ? 'lose the answer' : undefined;
    };
    for (const count of [3, 5]) await enter(book, store, MINUTE, sales(count));
    aws.reset();
    expect(await totalsOf(store)).toEqual(sumsOf(store, sales(5)));
  });

  // An object that is asked whether it holds `constructor` says yes.
  it('does not hide a new one whose id every object has', async () => {
    const store = place();
    const [known] = sales(1);
    const ids = ['constructor', 'toString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf', '0', '7'];
    const sold = [...sales(1), ...ids.map(saleId => ringUp(saleId))];
    await enter(book, store, MINUTE, known === undefined ? [] : [known]);
    await enter(book, store, MINUTE, sold);
    expect(idsOf(await salesOf(store))).toEqual(idsOf(sold));
    expect(await totalsOf(store)).toEqual(sumsOf(store, sold));
  });
});

describe('frames of several writers at once', () => {
  it('count each of their overlapping sales once, by currency', async () => {
    const store = place();
    const sold = Array.from({ length: 30 }, (_, index) =>
      ringUp(`S${index}`, {
        currency: index % 3 === 0 ? 'CHF' : 'EUR',
        lines: [{ sku: 'A', quantity: 1, unitPrice: index }],
      }),
    );
    const books = Array.from({ length: 4 }, () => openBook());
    const frames = Array.from({ length: 12 }, (_, index) => sold.slice(index * 2, index * 2 + 8));
    await Promise.all(frames.map((frame, index) => enter(books[index % books.length], store, MINUTE, frame)));
    expect(await totalsOf(store)).toEqual(sumsOf(store, sold));
    expect(idsOf(await salesOf(store))).toEqual(idsOf(sold));
  });

  it('that are the same, each the first of its minute, count once', async () => {
    const store = place();
    await Promise.all(Array.from({ length: 8 }, () => enter(openBook(), store, MINUTE, sales(10))));
    expect(await totalsOf(store)).toEqual(sumsOf(store, sales(10)));
  });
});

describe('a minute that is full', () => {
  const large = (saleId: string): Sale => {
    const note = randomBytes(22_000).toString('base64');
    return Object.assign(ringUpLines(saleId, 1), { note });
  };

  /** Frames of one sale of some 30 KB each, which no packing makes small, until no more are taken. */
  async function fill(store: StorePlacement): Promise<Sale[]> {
    const sold: Sale[] = [];
    for (let index = 0; index < 30; index += 1) {
      const sale = large(`S${index}`);
      const refused = await enter(book, store, MINUTE, [sale]);
      if (refused?.length) {
        expect(refused).toEqual([full(sale)]);
        return sold;
      }
      sold.push(sale);
    }
    throw new Error('the minute takes whatever comes');
  }

  it('takes no more sales, and keeps those that it has', async () => {
    const store = place();
    const sold = await fill(store);
    expect(sold.length).toBeGreaterThan(10);
    expect(await totalsOf(store)).toEqual(sumsOf(store, sold));
    expect(idsOf(await salesOf(store))).toEqual(idsOf(sold));
  });

  it('takes again what it has already', async () => {
    const store = place();
    const sold = await fill(store);
    for (const again of [sold.slice(0, 1), sold.slice(-2), sold])
      expect(await enter(book, store, MINUTE, again)).toEqual([]);
    expect(await totalsOf(store)).toEqual(sumsOf(store, sold));
  });

  it('refuses none but the new ones of a frame', async () => {
    const store = place();
    const sold = await fill(store);
    const more = large('more');
    expect(await enter(book, store, MINUTE, [...sold.slice(0, 1), more])).toEqual([full(more)]);
    expect(await totalsOf(store)).toEqual(sumsOf(store, sold));
  });

  it('leaves the next one open', async () => {
    const store = place();
    const sold = await fill(store);
    const next = ringUp('next', { soldAt: '2024-03-01T08:01:00.000Z' });
    await enter(book, store, NEXT_MINUTE, [next]);
    expect(await totalsOf(store)).toEqual(sumsOf(store, [...sold, next]));
  });

  it('is no bound to how much is read at once', async () => {
    const store = place();
    const sold = [0, 1, 2, 3].flatMap(minute =>
      Array.from({ length: 10 }, (_, index) =>
        ringUpLines(`S${index}`, 600, { soldAt: `2024-03-01T08:0${minute}:30.000Z` }),
      ),
    );
    for (const sale of sold) await enter(book, store, minuteOf(sale.soldAt), [sale]);
    expect(await salesOf(store)).toHaveLength(40);
    expect(await totalsOf(store)).toEqual(sumsOf(store, sold));
  });
});

describe('a range', () => {
  const minutes = ['2024-02-29T23:58Z', '2024-02-29T23:59Z', '2024-03-01T00:00Z', '2024-03-01T00:01Z'];
  const [first = '', second = '', third = '', fourth = ''] = minutes;

  it.each<[string, string, string, string[]]>([
    ['takes its first minute in and its last one not', first, third, [first, second]],
    ['ends with the day', first, '2024-03-01T00:00Z', [first, second]],
    ['begins with the day', '2024-03-01T00:00Z', '2024-03-02T00:00Z', [third, fourth]],
    ['spans days', second, fourth, [second, third]],
    ['spans a month', '2024-02-15T12:00Z', '2024-03-15T12:00Z', minutes],
    ['is one minute', third, fourth, [third]],
    ['is before all', '2024-02-27T00:00Z', first, []],
    ['is after all', '2024-03-01T00:02Z', '2024-03-03T00:00Z', []],
  ])('%s', async (_title, from, to, found) => {
    const store = place();
    for (const minute of minutes) {
      await enter(book, store, minute, [ringUp('S', { soldAt: `${minute.slice(0, 16)}:00.000Z` })]);
    }
    expect((await totalsOf(store, from, to)).map(({ minute }) => minute)).toEqual(found);
    expect((await salesOf(store, from, to)).map(({ soldAt }) => minuteOf(soldAt))).toEqual(found);
  });

  it('holds every store, whatever partition it is in', async () => {
    const stores = Array.from({ length: 40 }, () => place());
    for (const store of stores) await enter(book, store, '2024-02-20T12:00Z', sales(1));
    const found = stores.map(store => indexed(store, '2024-02-20T12:00Z', '2024-02-20T12:01Z'));
    expect((await Promise.all(found)).map(minutes => minutes.length)).toEqual(stores.map(() => 1));
    expect(new Set(stores.map(({ storeId }) => bucketOf(storeId, BUCKETS))).size).toBeGreaterThan(4);
  });
});

/** Few sales in few minutes, so that frames overlap. */
const pool = Array.from({ length: 14 }, (_, index) =>
  ringUp(`S${index}`, {
    soldAt: isoTime(Date.parse('2024-03-01T08:00:30.000Z') + (index % 2) * 60_000),
    currency: index % 5 === 0 ? 'CHF' : 'EUR',
    lines: [
      { sku: 'A', quantity: index % 4 === 0 ? -1 : 1, unitPrice: 2 ** index },
      { sku: `B${index % 3}`, quantity: 1, unitPrice: 3 ** index },
    ],
  }),
);

interface Frame {
  sold: Sale[];
  /** Its writer dies at this call; undefined: it doesn't. */
  crashAt: number | undefined;
}

const frames: fc.Arbitrary<Frame> = fc.record({
  sold: fc.subarray(pool, { minLength: 1 }),
  crashAt: fc.option(fc.nat({ max: 3 }), { nil: undefined }),
});

/** @returns whether its store was answered */
async function enterFrame(store: StorePlacement, { sold, crashAt }: Frame): Promise<boolean> {
  const { client, settled } = crashingClient(aws.endpoint, crashAt ?? Number.POSITIVE_INFINITY);
  try {
    const minutes = Map.groupBy(sold, ({ soldAt }) => minuteOf(soldAt));
    const writer = openBook(client);
    await Promise.all([...minutes].map(([minute, some]) => enter(writer, store, minute, some)));
    return true;
  } catch (error) {
    if (!(error instanceof CrashError)) throw error;
    return false;
  } finally {
    await settled();
  }
}

describe('whatever frames come, doubled, split, at once, or of writers that die', () => {
  it('the totals are the sums of the sales, none of which counts twice or is lost', async () => {
    const batches = fc.array(fc.array(frames, { minLength: 1, maxLength: 4 }), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(batches, async some => {
        const store = place();
        const answered = new Set<Sale>();
        for (const batch of some) {
          const outcomes = await Promise.all(batch.map(frame => enterFrame(store, frame)));
          const done = batch.filter((_, index) => outcomes[index]);
          for (const { sold } of done) for (const sale of sold) answered.add(sale);
          const kept = await salesOf(store);
          expect(idsOf(kept)).toEqual(expect.arrayContaining(idsOf([...answered])));
          expect(await totalsOf(store)).toEqual(sumsOf(store, kept));
          expect(await skusOf(store)).toEqual(skuTotals(kept).list());
        }
        const sent = new Set(some.flat().flatMap(({ sold }) => sold));
        for (const { sold } of some.flat()) await enterFrame(store, { sold, crashAt: undefined });
        expect(idsOf(await salesOf(store))).toEqual(idsOf([...sent]));
        expect(await totalsOf(store)).toEqual(sumsOf(store, [...sent]));
      }),
      { numRuns: 25 },
    );
  });
});

describe('two sales of one name', () => {
  const one = ringUp('S');
  const other = ringUp('S', { lines: [{ sku: 'B', quantity: 1, unitPrice: 1 }] });
  const taken = (sale: Sale) => ({ sale, code: 'sale_id_taken' });

  // The second was acknowledged and dropped.
  it.each([
    ['in one frame', [[one, other]]],
    ['in two frames', [[one], [other]]],
    [
      'in a frame with others',
      [
        [ringUp('A'), one],
        [ringUp('B'), other, ringUp('A')],
      ],
    ],
    ['many times in one frame', [[one, other, one, other]]],
  ])('are told apart: %s', async (_title, frames) => {
    const store = place();
    const refused = [];
    for (const frame of frames) refused.push(...((await enter(book, store, MINUTE, frame)) ?? []));
    const others = frames.flat().filter(sale => sale === other);
    expect(refused).toEqual(others.map(taken));
    const kept = await salesOf(store);
    expect(kept).toContainEqual(one);
    expect(kept).not.toContainEqual(other);
    expect(await totalsOf(store)).toEqual(sumsOf(store, kept));
  });

  it('are one where only the order of their fields differs', async () => {
    const store = place();
    const turned = Object.fromEntries(Object.entries(one).reverse()) as unknown as Sale;
    expect(await enter(book, store, MINUTE, [one])).toEqual([]);
    expect(await enter(book, store, MINUTE, [turned])).toEqual([]);
    expect(await totalsOf(store)).toEqual(sumsOf(store, [one]));
  });

  it('are both entered where they are of two tills', async () => {
    const store = place();
    const sold = [one, { ...other, till: '1' }, { ...one, till: '2' }];
    expect(await enter(book, store, MINUTE, sold)).toEqual([]);
    expect(await totalsOf(store)).toEqual(sumsOf(store, sold));
  });

  it('leave one of them when their writers race, and the other is refused', async () => {
    for (let round = 0; round < 10; round += 1) {
      const store = place();
      if (round % 2 === 0) await enter(book, store, MINUTE, [ringUp('first')]);
      const outcomes = await Promise.all([one, other].map(sale => enter(openBook(), store, MINUTE, [sale])));
      expect(outcomes.map(refused => refused?.length).sort()).toEqual([0, 1]);
      const kept = await salesOf(store);
      expect(kept.filter(({ saleId }) => saleId === 'S')).toEqual(
        outcomes[0]?.length === 0 ? [one] : [other],
      );
      expect(await totalsOf(store)).toEqual(sumsOf(store, kept));
    }
  });
});

describe('a minute of seven sales', () => {
  /** Of three to five articles out of five thousand, some with a discount; the same in each run. */
  function seven(): Sale[] {
    let seed = 17;
    const random = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    return Array.from({ length: 7 }, (_, index) => {
      const articles = Array.from({ length: 3 + (index % 3) }, () => random(5_000));
      const lines = articles.map(article => ({
        sku: String(4_000_000_000_000 + article * 7_919),
        quantity: random(5) === 0 ? 2 : 1,
        unitPrice: 49 + ((article * 37) % 950),
      }));
      const saleId = createHash('sha256').update(String(index)).digest('hex').slice(0, 36);
      const soldAt = isoTime(Date.parse('2024-03-01T08:00:00.000Z') + random(60_000));
      const sale = ringUp(saleId, { soldAt, lines, till: String(1 + random(3)) });
      return { ...sale, tenders: [{ type: 'card' as const, amount: sale.total }] };
    });
  }

  /** Units of the item; those of its entry in the index are by its projection. */
  async function unitsOf(entering: (into: SalesBook) => Promise<unknown> | undefined): Promise<number> {
    const { client, units } = countingUnits(aws.endpoint);
    await entering(openBook(client));
    client.destroy();
    return units();
  }

  async function operationsOf(entering: () => Promise<unknown> | undefined): Promise<string[]> {
    const operations: string[] = [];
    aws.faultOf = operation => {
      operations.push(operation);
      return undefined;
    };
    await entering();
    aws.reset();
    return operations;
  }

  it('that comes whole, once it is over, is one write of a kilobyte at most', async () => {
    const [store, sold] = [place(), seven()];
    expect(await operationsOf(() => enter(book, store, MINUTE, sold))).toEqual(['PutItem']);
    const { Item = {} } = await aws.dynamodb.send(
      new GetItemCommand({ TableName: TABLES.sales, Key: { k: { S: store.storeId }, m: { S: MINUTE } } }),
    );
    expect(itemBytes(Item)).toBeLessThanOrEqual(1_024);
    expect(inOrderOfIds(await salesOf(store))).toEqual(inOrderOfIds(sold));
    expect(await unitsOf(into => enter(into, place(), MINUTE, seven()))).toBe(1);
    expect(projectedBytes(Item, ['k', 'm', 'b', 'n', 'a', 'q', 'r'])).toBeLessThanOrEqual(512);
  });

  /** What the store's book has for each line: with this change of one of them, or just what is charged. */
  const listing = (sales: readonly Sale[], change = 0): Sale[] =>
    sales.map((sale, index) => ({
      ...sale,
      lines: sale.lines.map((line, place) => ({
        ...line,
        listed: line.unitPrice + (index === 0 && place === 0 ? change : 0),
      })),
    }));

  it.each([
    ['as listed', 0],
    ['but for one', 20],
  ])(
    'that says what was listed, all %s, takes no more, and says so when it is read',
    async (_name, change) => {
      const [store, sold] = [place(), listing(seven(), change)];
      expect(await unitsOf(into => enter(into, store, MINUTE, sold))).toBe(1);
      expect(inOrderOfIds(await salesOf(store))).toEqual(inOrderOfIds(sold));
      expect(await skusOf(store)).toEqual(skuTotals(sold).list());
    },
  );

  it('has lines of which nothing was listed, beside others', async () => {
    const store = place();
    const [first, ...others] = listing(seven());
    const plain = seven()[0];
    if (first === undefined || plain === undefined) throw new Error('no sales');
    const mixed = { ...plain, lines: [...plain.lines.slice(1), ...first.lines.slice(0, 1)] };
    const sold = [mixed, ...others];
    await enter(book, store, MINUTE, sold);
    expect(inOrderOfIds(await salesOf(store))).toEqual(inOrderOfIds(sold));
  });

  it('is the same where another price was listed when it came again', async () => {
    const [store, sold] = [place(), listing(seven())];
    expect(await enter(book, store, MINUTE, sold)).toEqual([]);
    for (const again of [seven(), listing(seven(), 20)])
      expect(await enter(book, store, MINUTE, again)).toEqual([]);
    expect(inOrderOfIds(await salesOf(store))).toEqual(inOrderOfIds(sold));
  });

  it('that comes sale by sale while it lasts, takes a unit a write or two', async () => {
    const [store, sold] = [place(), seven()];
    const units: number[] = [];
    const now = Date.parse(MINUTE) + 59_000;
    for (const sale of sold)
      units.push(await unitsOf(into => into.enter({ store, minute: MINUTE, sales: [sale], now })));
    // The first one looks for the minute, too.
    expect(units).toEqual([2, 1, 1, 1, 2, 2, 2]);
    expect(inOrderOfIds(await salesOf(store))).toEqual(inOrderOfIds(sold));
    expect(await skusOf(store)).toEqual(skuTotals(sold).list());
  });

  it('that is repeated is looked up, and written by nobody', async () => {
    const [store, sold] = [place(), seven()];
    await enter(book, store, MINUTE, sold);
    expect(await operationsOf(() => enter(book, store, MINUTE, sold))).toEqual(['PutItem', 'GetItem']);
  });
});

describe('what is kept of a sale', () => {
  it('has the time at which it first came, whenever it is repeated', async () => {
    const [store, sale] = [place(), ringUp('S')];
    for (const now of [NOW, NOW + 60_000]) await book.enter({ store, minute: MINUTE, sales: [sale], now });
    const { Item } = await aws.dynamodb.send(
      new GetItemCommand({ TableName: TABLES.sales, Key: { k: { S: store.storeId }, m: { S: MINUTE } } }),
    );
    const kept = unpackSales(storeMinute.decode(Item ?? {}));
    expect([...kept.values()]).toEqual([{ receivedAt: '2024-03-01T08:02:00.000Z', sale }]);
  });
});
