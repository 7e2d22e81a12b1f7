import { DynamoDBClient, QueryCommand, type UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { hourAt } from '../../../domain/sales/hours.ts';
import { minuteOf, type Sale } from '../../../domain/sales/sale.ts';
import { GROUPINGS, type Grouping, type Total, Totals } from '../../../domain/sales/sales-sums.ts';
import type { StorePlacement } from '../../../domain/updates/channels.ts';
import type { Arrival } from '../../../lambdas/frames/frame-handler.ts';
import { answerSales } from '../../../lambdas/frames/sales.ts';
import { SalesRollup } from '../../../lambdas/sales/hour-rollup.ts';
import { SalesBook } from '../../../lambdas/sales/sales-book.ts';
import { SalesHours } from '../../../lambdas/sales/sales-hours.ts';
import { SalesIndex } from '../../../lambdas/sales/sales-index.ts';
import { bucketOf } from '../../../lambdas/sales/sales-items.ts';
import { NotRolledUpError } from '../../../lambdas/sales/span-reading.ts';
import { SalesTotals } from '../../../lambdas/sales/span-totals.ts';
import { ringUp } from '../../domain/till.ts';
import { enterEnvironment, startAws, TABLES } from '../aws.ts';
import { CrashError, crashingClient } from '../crashing-client.ts';
import { captureLog } from '../events.ts';
import { DAY, HOUR, isoTime, unique } from '../updates.ts';

const MINUTE = 60_000;
const BUCKETS = 8;
const aws = await startAws();
enterEnvironment(aws);
captureLog();
afterEach(() => aws.reset());

const open = (client = aws.dynamodb) => ({
  book: new SalesBook({ client, table: TABLES.sales, buckets: BUCKETS, keptDays: 400 }),
  hours: new SalesHours({ client, table: TABLES.hours }),
  index: new SalesIndex({ client, table: TABLES.sales, buckets: BUCKETS }),
});
const { hours, index } = open();
const totals = new SalesTotals({ hours, index });
/** Whatever is not in a roll-up, it can't read. */
const rolledUpTotals = new SalesTotals({
  hours,
  index: new SalesIndex({ client: aws.dynamodb, table: 'none', buckets: BUCKETS }),
});

let days = 0;
/** Eight o'clock of a day on which no other test sells. */
function quietMorning(): number {
  days += 1;
  return Date.parse('2024-01-01T08:00:00Z') + days * 40 * DAY;
}

const place = (storeId = unique('s'), region = 'north'): StorePlacement => ({ storeId, region, groups: [] });

/** @returns whether the store was answered */
async function sell(store: StorePlacement, some: readonly Sale[], now: number, client = aws.dynamodb) {
  const line = { identity: { role: 'store', ...store }, connectionId: 'c=', connectedAt: now };
  const frame = { action: 'sales' as const, requestId: undefined, sales: [...some] };
  const answer = await answerSales({ ...open(client), oldestSaleDays: 400 })(frame, { line, now } as Arrival);
  expect(answer).toMatchObject({ type: 'sales.accepted', rejected: [] });
}

const rollUp = (now: number, client = aws.dynamodb, missingHours = 4) =>
  new SalesRollup({ ...open(client), missingHours }).run(now, () => true);

const spanOf = (from: number, to: number) => ({ from: minuteOf(isoTime(from)), to: minuteOf(isoTime(to)) });

async function allTotals(from: number, to: number, read = totals): Promise<Record<string, Total[]>> {
  const found = GROUPINGS.map(async by => [by, await read.of(spanOf(from, to), { by })] as const);
  return Object.fromEntries(await Promise.all(found));
}

type Sold = [store: StorePlacement, sale: Sale];

/** What the totals must be, told by nothing but the sales. */
function sumsOf(sold: readonly Sold[]): Record<string, Total[]> {
  const keys: Record<Exclude<Grouping, 'sku'>, (sold: Sold) => string> = {
    store: ([{ storeId }]) => storeId,
    region: ([{ region }]) => region ?? '',
    minute: ([, { soldAt }]) => minuteOf(soldAt),
  };
  const sums = GROUPINGS.map(by => {
    const sum = new Totals();
    for (const one of sold) {
      const [, { currency, total, lines }] = one;
      if (by !== 'sku') sum.add(keys[by](one), currency, 1, total);
      else
        for (const line of lines) sum.add(line.sku, currency, line.quantity, line.quantity * line.unitPrice);
    }
    return [by, sum.list()] as const;
  });
  return Object.fromEntries(sums);
}

/** Some sales of three stores, each minute of three hours or so. */
function busyMorning() {
  const start = quietMorning();
  const stores = [place(), place(unique('s'), 'south'), place(unique('s'), 'south')];
  const sold = stores.flatMap((store, number) =>
    Array.from({ length: 60 }, (_, i): Sold => {
      const lines = [
        { sku: 'MILK', quantity: 1 + (i % 3), unitPrice: 7 ** number },
        { sku: `S${i % 7}`, quantity: i % 5 === 0 ? -1 : 1, unitPrice: 100 + i },
      ];
      const soldAt = isoTime(start + i * 3 * MINUTE + number * 20_000);
      return [store, ringUp(`S${i}`, { soldAt, lines, currency: i % 9 === 0 ? 'CHF' : 'EUR' })];
    }),
  );
  return { start, end: start + 3 * HOUR, stores, sold };
}

async function enter(sold: readonly Sold[], now: number): Promise<void> {
  for (const [store, some] of Map.groupBy(sold, ([store]) => store)) {
    const own = some.map(([, sale]) => sale);
    for (let at = 0; at < own.length; at += 50) await sell(store, own.slice(at, at + 50), now);
  }
}

const ROLLED_UP_AFTER = 4.5 * MINUTE;

describe('the audit of prices', () => {
  /** So many sales of a line each in an hour, of which the first few are charged 10 more than listed. */
  const charged = (store: StorePlacement, start: number, count: number, wrong: number): Sold[] =>
    Array.from({ length: count }, (_, i): Sold => {
      const line = { sku: `S${i % 3}`, quantity: 1, unitPrice: i < wrong ? 110 : 100, listed: 100 };
      const sale = ringUp(`A${i}`, { soldAt: isoTime(start + i * 20_000), lines: [line] });
      return [store, sale];
    });
  const counts = { under: 0, unlisted: 0, underAmount: 0, currency: 'EUR' };
  const audit = (start: number, by: 'store' | 'sku', read = totals) =>
    read.audit(spanOf(start, start + HOUR), by);

  it('is the same before and after an hour is rolled up, by store and by SKU, and with late sales', async () => {
    const start = quietMorning();
    const [right, wrong] = [place(), place(unique('s'), 'south')];
    await enter([...charged(right, start, 60, 0), ...charged(wrong, start, 60, 2)], start + HOUR);
    const byStore = [
      { key: right.storeId, exact: 60, over: 0, overAmount: 0, ...counts },
      { key: wrong.storeId, exact: 58, over: 2, overAmount: 20, ...counts },
    ].sort((a, b) => (a.key < b.key ? -1 : 1));
    const bySku = [
      { key: 'S0', exact: 39, over: 1, overAmount: 10, ...counts },
      { key: 'S1', exact: 39, over: 1, overAmount: 10, ...counts },
      { key: 'S2', exact: 40, over: 0, overAmount: 0, ...counts },
    ];
    for (const rollsUp of [false, true]) {
      if (rollsUp) await rollUp(start + HOUR + ROLLED_UP_AFTER);
      const read = rollsUp ? rolledUpTotals : totals;
      expect(await audit(start, 'store', read)).toEqual(byStore);
      expect(await audit(start, 'sku', read)).toEqual(bySku);
    }
    const late = charged(place(), start, 2, 1);
    await enter(late, start + 2 * HOUR);
    expect((await audit(start, 'sku'))[0]).toMatchObject({ key: 'S0', exact: 39, over: 2 });
    await rollUp(start + 3 * HOUR);
    expect((await audit(start, 'sku', rolledUpTotals))[0]).toMatchObject({ key: 'S0', exact: 39, over: 2 });
  });

  it('names the stores that are off by more than 2 %, once', async () => {
    const start = quietMorning();
    const [right, wrong, late] = [place(), place(), place()];
    await enter([...charged(right, start, 100, 2), ...charged(wrong, start, 100, 3)], start + HOUR);
    const first = await rollUp(start + HOUR + ROLLED_UP_AFTER);
    expect(first.offPrice).toEqual([wrong.storeId]);
    await enter(charged(late, start, 50, 2), start + 2 * HOUR);
    expect((await rollUp(start + 3 * HOUR)).offPrice).toEqual([late.storeId]);
    expect((await rollUp(start + 4 * HOUR)).offPrice).toEqual([]);
  });
});

describe('totals', () => {
  it('are those of the sales, before and after they are rolled up, by whatever they are told', async () => {
    const { start, end, sold } = busyMorning();
    await enter(sold, end);
    expect(await allTotals(start, end)).toEqual(sumsOf(sold));
    await rollUp(end + ROLLED_UP_AFTER);
    expect(await allTotals(start, end)).toEqual(sumsOf(sold));
    expect(await allTotals(start, end, rolledUpTotals)).toEqual(sumsOf(sold));
  });

  it.each([
    [0, 179],
    [1, 180],
    [59, 61],
    [60, 120],
    [61, 119],
    [30, 150],
    [-90, 400],
  ])('are exact from minute %i to minute %i, though hours do not begin there', async (from, to) => {
    const { start, end, sold } = busyMorning();
    await enter(sold, end);
    await rollUp(end + ROLLED_UP_AFTER);
    const [first, last] = [start + from * MINUTE, start + to * MINUTE];
    const within = sold.filter(([, { soldAt }]) => Date.parse(soldAt) >= first && Date.parse(soldAt) < last);
    expect(await allTotals(first, last)).toEqual(sumsOf(within));
  });

  it('are exact across a month’s end', async () => {
    const start = Date.parse('2023-02-28T22:00:00Z');
    const store = place();
    const sold = [0, 1, 2, 3].map((hour): Sold => {
      return [store, ringUp(`S${hour}`, { soldAt: isoTime(start + hour * HOUR + 5_000) })];
    });
    await enter(sold, start + 4 * HOUR);
    await rollUp(start + 4 * HOUR + ROLLED_UP_AFTER);
    expect(await allTotals(start, start + 4 * HOUR, rolledUpTotals)).toEqual(sumsOf(sold));
  });

  it('hold more SKUs than one item does', async () => {
    const start = quietMorning();
    const sums = new Totals();
    // Names that hardly compress: three items of them.
    for (let i = 0; i < 25_000; i += 1) {
      sums.add(
        `${Array.from({ length: 60 }, () => ((Math.random() * 36) | 0).toString(36)).join('')}`,
        'EUR',
        1,
        i,
      );
    }
    const hour = hourAt(start);
    expect(
      await hours.rollUp({ bucket: 3, hour, head: undefined, isWhole: true }, new Map([['sku', sums]])),
    ).toBe(true);
    const [head] = await hours.heads(3, hour, hour);
    expect(head?.rollup?.pieces.sku).toBeGreaterThan(2);
    expect((await hours.sums(3, 'sku', head ? [head] : [])).get(hour)).toBe(sums.encode());
  });

  it('are refused where more is to be read than there is time for', async () => {
    const { start, end, sold } = busyMorning();
    await enter(sold, end);
    const few = new SalesTotals({ hours, index, mostMinutes: 179 });
    await expect(few.of(spanOf(start, end), { by: 'sku' })).rejects.toThrow(NotRolledUpError);
    await rollUp(end + ROLLED_UP_AFTER);
    expect(await allTotals(start, end, few)).toEqual(sumsOf(sold));
  });
});

describe('an hour', () => {
  it('is rolled up four and a half minutes after its end, by whichever run comes then, and only once', async () => {
    const start = quietMorning();
    await sell(place(), [ringUp('S', { soldAt: isoTime(start) })], start);
    const heads = async () => (await hours.heads(0, hourAt(start), hourAt(start + 2 * HOUR))).length;
    await rollUp(start + HOUR + ROLLED_UP_AFTER - 1);
    expect(await heads()).toBe(0);
    expect(await rollUp(start + HOUR + ROLLED_UP_AFTER)).toMatchObject({ rolledUp: 8, left: 0 });
    expect(await heads()).toBe(1);
    expect(await rollUp(start + HOUR + ROLLED_UP_AFTER)).toEqual({ rolledUp: 0, left: 0, offPrice: [] });
  });

  it('is left to the next run where there is no time', async () => {
    const now = quietMorning();
    let runs = 0;
    const mayGoOn = () => {
      runs += 1;
      return runs === 1;
    };
    const rollup = new SalesRollup({ hours, index, missingHours: 4 });
    expect(await rollup.run(now, mayGoOn)).toEqual({ rolledUp: 8, left: 24, offPrice: [] });
    expect(await rollUp(now)).toMatchObject({ rolledUp: 24, left: 0 });
  });
});

/** Every item of a bucket's month: its heads, and the pieces of its roll-ups. */
async function itemsOf({ storeId }: StorePlacement, start: number) {
  const monthBucket = `${isoTime(start).slice(0, 7)}#${bucketOf(storeId, BUCKETS)}`;
  const { Items = [] } = await aws.dynamodb.send(
    new QueryCommand({
      TableName: TABLES.hours,
      KeyConditionExpression: 'monthBucket = :monthBucket',
      ExpressionAttributeValues: { ':monthBucket': { S: monthBucket } },
    }),
  );
  return Items;
}

/** What an hour has of pieces must be what its head names: no more and no less. */
async function expectWholeRollup(store: StorePlacement, start: number): Promise<void> {
  const items = await itemsOf(store, start);
  const hour = hourAt(start);
  const head = items.find(({ hourPart }) => hourPart?.S === `head#${hour}`);
  const named = Object.entries(head?.pieces?.M ?? {}).flatMap(([by, count]) =>
    Array.from({ length: Number(count.N) }, () => `${by}#${hour}#${head?.rollupName?.S}#000`),
  );
  const keys = items.map(({ hourPart }) => hourPart?.S ?? '');
  const pieces = keys.filter(key => !key.startsWith('head#') && key.includes(hour));
  expect(pieces.sort()).toEqual(named.sort());
}

/** A client that does something else first, once, before it puts the head of a roll-up; and puts it so often. */
function interruptedClient(interrupt: () => Promise<unknown>, times = 1) {
  const client = new DynamoDBClient({
    endpoint: aws.endpoint,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  let isDone = false;
  client.middlewareStack.add(
    next => async args => {
      const { ExpressionAttributeValues } = args.input as Partial<UpdateItemCommandInput>;
      const isHead = Object.values(ExpressionAttributeValues ?? {}).some(({ M }) => M?.sku?.N === '1');
      if (!isDone && isHead) {
        isDone = true;
        await interrupt();
        for (let again = 1; again < times; again += 1) await next(args);
      }
      return next(args);
    },
    { step: 'initialize' },
  );
  return client;
}

describe('a late sale', () => {
  const late = (start: number, id = 'late') => ringUp(id, { soldAt: isoTime(start + 90_000) });

  async function rolledUpHour() {
    const start = quietMorning();
    const store = place();
    const first = ringUp('S1', { soldAt: isoTime(start) });
    await sell(store, [first], start);
    await rollUp(start + HOUR + ROLLED_UP_AFTER);
    return { start, store, sold: [[store, first]] as Sold[], now: start + 5 * HOUR };
  }

  it.each([
    ['two minutes after its hour it is none, and costs no other write', 2 * MINUTE, 0],
    ['three minutes after its hour it is announced', 3 * MINUTE, 1],
  ])('%s', async (_title, after, announced) => {
    const start = quietMorning();
    await sell(place(), [late(start)], start + HOUR + after);
    const heads = await Promise.all(
      Array.from({ length: BUCKETS }, (_, bucket) => hours.heads(bucket, hourAt(start), hourAt(start))),
    );
    expect(heads.flat()).toHaveLength(announced);
  });

  it('is in the totals once it is answered, and rolled up once it has settled', async () => {
    const { start, store, sold, now } = await rolledUpHour();
    await sell(store, [late(start)], now);
    const all: Sold[] = [...sold, [store, late(start)]];
    expect(await allTotals(start, start + HOUR)).toEqual(sumsOf(all));
    const { left } = await rollUp(now + 2 * MINUTE - 1);
    expect(left).toBeGreaterThan(0);
    expect(await allTotals(start, start + HOUR)).toEqual(sumsOf(all));
    expect(await rollUp(now + 2 * MINUTE)).toMatchObject({ rolledUp: 1, left: 0 });
    expect(await allTotals(start, start + HOUR, rolledUpTotals)).toEqual(sumsOf(all));
    await expectWholeRollup(store, start);
  });

  it('of weeks ago is rolled up like one of yesterday', async () => {
    const { start, store, sold } = await rolledUpHour();
    const now = start + 30 * DAY;
    await sell(store, [late(start)], now);
    await rollUp(now + 2 * MINUTE);
    expect(await allTotals(start, start + HOUR, rolledUpTotals)).toEqual(
      sumsOf([...sold, [store, late(start)]]),
    );
  });

  it.each([
    ['before its hour was ever rolled up', false],
    ['after it was', true],
  ])(
    'that comes between the read of a roll-up and its write, %s, is not lost',
    async (_title, isRolledUp) => {
      const start = quietMorning();
      const store = place();
      const sold = ringUp('S1', { soldAt: isoTime(start) });
      await sell(store, [sold], start);
      const now = start + HOUR + ROLLED_UP_AFTER;
      if (isRolledUp) {
        await rollUp(now);
        await sell(store, [ringUp('S2', { soldAt: isoTime(start) })], now);
      }
      const before = isRolledUp ? [sold, ringUp('S2', { soldAt: isoTime(start) })] : [sold];
      const all = [...before, late(start)].map((sale): Sold => [store, sale]);
      const client = interruptedClient(() => sell(store, [late(start)], now + 2 * MINUTE));
      await rollUp(now + 2 * MINUTE, client);
      client.destroy();
      expect(await allTotals(start, start + HOUR)).toEqual(sumsOf(all));
      await rollUp(now + 4 * MINUTE);
      expect(await allTotals(start, start + HOUR, rolledUpTotals)).toEqual(sumsOf(all));
      await expectWholeRollup(store, start);
    },
  );

  it.each([
    ['reads', 1],
    ['is announced', 2],
    ['is entered', 3],
  ])('whose frame dies when it %s counts once it has come again', async (_title, call) => {
    const { start, store, sold, now } = await rolledUpHour();
    const { client, settled } = crashingClient(aws.endpoint, call);
    await expect(sell(store, [late(start)], now, client)).rejects.toThrow(CrashError);
    await settled();
    await rollUp(now + 2 * MINUTE);
    await sell(store, [late(start)], now + 3 * MINUTE);
    expect(await allTotals(start, start + HOUR)).toEqual(sumsOf([...sold, [store, late(start)]]));
    await rollUp(now + HOUR);
    expect(await allTotals(start, start + HOUR, rolledUpTotals)).toEqual(
      sumsOf([...sold, [store, late(start)]]),
    );
  });

  it('changes nothing of its hour where it is only repeated', async () => {
    const { start, store, sold, now } = await rolledUpHour();
    for (let minute = 0; minute < 5; minute += 1)
      await sell(
        store,
        sold.map(([, sale]) => sale),
        now + minute * MINUTE,
      );
    expect(await allTotals(start, start + HOUR, rolledUpTotals)).toEqual(sumsOf(sold));
  });

  // Repeated late sales of one store in 49 hours kept all of them from being rolled up, until long totals were 503.
  it('of a store that goes on sending them leaves the other stores rolled up', async () => {
    const start = quietMorning();
    const stores = Array.from({ length: 10 }, () => place());
    const [busy = place()] = stores;
    const sold = stores.flatMap(store =>
      Array.from(
        { length: 4 },
        (_, i): Sold => [store, ringUp(`S${i}`, { soldAt: isoTime(start + i * MINUTE) })],
      ),
    );
    await enter(sold, start + HOUR);
    let now = start + HOUR + ROLLED_UP_AFTER;
    await rollUp(now);
    const few = new SalesTotals({ hours, index, mostMinutes: 4 });
    for (let i = 0; i < 3; i += 1) {
      const again: Sold = [busy, late(start, `late${i}`)];
      await sell(busy, [again[1]], now);
      sold.push(again);
      now += MINUTE;
      await sell(busy, [late(start, `more${i}`)], now - MINUTE / 2);
      sold.push([busy, late(start, `more${i}`)]);
      expect(await rollUp(now)).toMatchObject({ left: 1 });
      expect(await allTotals(start, start + HOUR, few)).toEqual(sumsOf(sold));
      await sell(busy, [late(start, `then${i}`)], now);
      sold.push([busy, late(start, `then${i}`)]);
      expect(await allTotals(start, start + HOUR, few)).toEqual(sumsOf(sold));
    }
    expect(await rollUp(now + 2 * MINUTE)).toMatchObject({ rolledUp: 1, left: 0 });
    expect(await allTotals(start, start + HOUR, rolledUpTotals)).toEqual(sumsOf(sold));
  });

  it('of more stores than can be told apart is exact, and its hour is rolled up once they have ended', async () => {
    const start = quietMorning();
    const hour = hourAt(start);
    const [store, now] = [place(), start + 5 * HOUR];
    const bucket = bucketOf(store.storeId, BUCKETS);
    for (let other = 0; other < 101; other += 1)
      await hours.announce({ bucket, hour, storeId: `other${other}`, now });
    await sell(store, [late(start)], now);
    await rollUp(now);
    const sold: Sold[] = [[store, late(start)]];
    expect(await allTotals(start, start + HOUR)).toEqual(sumsOf(sold));
    expect(await rollUp(now + 2 * MINUTE)).toMatchObject({ left: 0 });
    expect(await allTotals(start, start + HOUR, rolledUpTotals)).toEqual(sumsOf(sold));
  });

  it('of a minute that began with fewer buckets counts once where there are more', async () => {
    const { start, store, sold, now } = await rolledUpHour();
    const more = { table: TABLES.sales, buckets: 64, client: aws.dynamodb };
    const grown = {
      hours,
      index: new SalesIndex(more),
      book: new SalesBook({ ...more, keptDays: 400 }),
      oldestSaleDays: 400,
    };
    const all: Sold[] = [...sold, [store, late(start)]];
    const frame = { action: 'sales' as const, requestId: undefined, sales: all.map(([, sale]) => sale) };
    const line = { identity: { role: 'store', ...store }, connectionId: 'c=', connectedAt: now };
    for (const at of [start + MINUTE * 3, start + 90_000])
      all.push([store, ringUp('grown', { soldAt: isoTime(at) })]);
    frame.sales = all.map(([, sale]) => sale);
    await answerSales(grown)(frame, { line, now } as Arrival);
    expect(await allTotals(start, start + HOUR, new SalesTotals(grown))).toEqual(sumsOf(all));
    const rollup = new SalesRollup({ ...grown, missingHours: 0 });
    for (const at of [now, now + 2 * MINUTE]) {
      await rollup.run(at, () => true);
      expect(await allTotals(start, start + HOUR, new SalesTotals(grown))).toEqual(sumsOf(all));
    }
  });
});

describe('two that roll up at once', () => {
  it('leave one roll-up, whole and right', async () => {
    const { start, end, stores, sold } = busyMorning();
    await enter(sold, end);
    await Promise.all([1, 2, 3].map(() => rollUp(end + ROLLED_UP_AFTER)));
    expect(await allTotals(start, end, rolledUpTotals)).toEqual(sumsOf(sold));
    for (const store of stores)
      for (const hour of [0, 1, 2]) await expectWholeRollup(store, start + hour * HOUR);
  });

  it('leave the one that came first, though the other began earlier', async () => {
    const start = quietMorning();
    const store = place();
    const sold = ringUp('S1', { soldAt: isoTime(start) });
    await sell(store, [sold], start);
    const now = start + HOUR + ROLLED_UP_AFTER;
    const client = interruptedClient(() => rollUp(now));
    await rollUp(now, client);
    client.destroy();
    expect(await allTotals(start, start + HOUR, rolledUpTotals)).toEqual(sumsOf([[store, sold]]));
    await expectWholeRollup(store, start);
  });

  it('are also one whose write was done, its answer lost, and done again', async () => {
    const start = quietMorning();
    const store = place();
    const sold = ringUp('S1', { soldAt: isoTime(start) });
    await sell(store, [sold], start);
    const client = interruptedClient(() => Promise.resolve(), 2);
    await rollUp(start + HOUR + ROLLED_UP_AFTER, client);
    client.destroy();
    expect(await allTotals(start, start + HOUR, rolledUpTotals)).toEqual(sumsOf([[store, sold]]));
    await expectWholeRollup(store, start);
  });
});

interface Step {
  /** Since the step before. */
  minutes: number;
  frames: { store: number; picks: number[]; crashAt: number | undefined }[];
  rollups: { crashAt: number | undefined }[];
}

const COUNT = 16;
const crashAt = fc.option(fc.nat({ max: 30 }), { nil: undefined });
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    minutes: fc.oneof(fc.nat({ max: 4 }), fc.nat({ max: 70 })),
    frames: fc.array(
      fc.record({
        store: fc.nat({ max: 1 }),
        picks: fc.uniqueArray(fc.nat({ max: COUNT - 1 }), { minLength: 1, maxLength: 6 }),
        crashAt: fc.option(fc.nat({ max: 5 }), { nil: undefined }),
      }),
      { maxLength: 3 },
    ),
    rollups: fc.array(fc.record({ crashAt }), { maxLength: 2 }),
  }),
  { minLength: 2, maxLength: 7 },
);

/** @returns whether it came to its end */
async function unlessItCrashes(
  crash: number | undefined,
  work: (client: DynamoDBClient) => Promise<unknown>,
) {
  const { client, settled } = crashingClient(aws.endpoint, crash ?? Number.POSITIVE_INFINITY);
  try {
    await work(client);
    return true;
  } catch (error) {
    if (!(error instanceof CrashError)) throw error;
    return false;
  } finally {
    await settled();
  }
}

/** Sale number i costs 2^i: the bits of a sum tell which sales are in it, and a sale counted twice is another one. */
const bits = (list: readonly Total[]) => list.reduce((sum, { amount }) => sum + Number(amount), 0);

describe('whenever hours are rolled up, by however many, while sales come late, doubled, or die on the way', () => {
  it('each total holds every sale that was answered, and none twice', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async some => {
        const start = quietMorning();
        const stores = [place(), place(unique('s'), 'south')];
        const pool = Array.from({ length: COUNT }, (_, i) =>
          ringUp(`S${i}`, {
            soldAt: isoTime(start + Math.floor(i / 2) * 23 * MINUTE),
            lines: [{ sku: `SKU${i % 3}`, quantity: 1, unitPrice: 2 ** i }],
          }),
        );
        const sent = stores.map(() => new Set<number>());
        const answered = stores.map(() => new Set<number>());
        const [from, to] = [start, start + 4 * HOUR];
        let now = start;
        const check = async () => {
          for (const [by, list] of Object.entries(await allTotals(from, to))) {
            const sumOf = (sets: Set<number>[]) =>
              sets.flatMap(set => [...set]).reduce((sum, i) => sum + 2 ** i, 0);
            if (by === 'store') {
              for (const [index, { storeId }] of stores.entries()) {
                const own = bits(list.filter(({ key }) => key === storeId));
                const [least, most] = [
                  sumOf([answered[index] ?? new Set()]),
                  sumOf([sent[index] ?? new Set()]),
                ];
                expect([own & least, own & most]).toEqual([least, own]);
              }
            }
            expect(bits(list)).toBeGreaterThanOrEqual(sumOf(answered));
            expect(bits(list)).toBeLessThanOrEqual(sumOf(sent));
          }
        };
        for (const { minutes, frames, rollups } of some) {
          now += minutes * MINUTE;
          const at = now;
          const selling = frames.map(async ({ store, picks, crashAt: crash }) => {
            const ids = picks.filter(i => Date.parse(pool[i]?.soldAt ?? '') <= at);
            const placement = stores[store];
            if (placement === undefined || ids.length === 0) return;
            for (const i of ids) sent[store]?.add(i);
            const sold = pool.filter((_, i) => ids.includes(i));
            const done = await unlessItCrashes(crash, client => sell(placement, sold, at, client));
            if (done) for (const i of ids) answered[store]?.add(i);
          });
          const rolling = rollups.map(({ crashAt: crash }) =>
            unlessItCrashes(crash, client => rollUp(at, client, 2)),
          );
          await Promise.all([...selling, ...rolling]);
          await check();
        }
        for (const [index, store] of stores.entries()) {
          const sold = pool.filter((_, i) => sent[index]?.has(i));
          if (sold.length > 0) await sell(store, sold, now + 5 * HOUR);
        }
        const all = stores.flatMap((store, index) =>
          pool.filter((_, i) => sent[index]?.has(i)).map((sale): Sold => [store, sale]),
        );
        expect(await allTotals(from, to)).toEqual(sumsOf(all));
        await rollUp(now + 6 * HOUR);
        expect(await allTotals(from, to)).toEqual(sumsOf(all));
      }),
      { numRuns: 12 },
    );
  });
});
