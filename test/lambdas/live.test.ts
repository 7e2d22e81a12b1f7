/** What managers are pushed of the changes that the tables' streams tell. */

import type { DynamoDBStreamEvent } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { minuteOf, type Sale } from '../../domain/sales/sale.ts';
import type { Update } from '../../domain/updates/update.ts';
import type { Item } from '../../lambdas/aws/codecs.ts';
import { handler } from '../../lambdas/live.ts';
import { inboxFromEnvironment } from '../../lambdas/receipts/receipt-inbox.ts';
import { connectionsFromEnvironment, type Line } from '../../lambdas/registry/connections.ts';
import { rosterFromEnvironment } from '../../lambdas/registry/roster.ts';
import { logWriterFromEnvironment } from '../../lambdas/updates/log-writer.ts';
import { ringUp } from '../domain/till.ts';
import { enterEnvironment, startAws, TABLES } from './aws.ts';
import { captureLog } from './events.ts';
import { audience, HOUR, isoTime, offerUpdate, priceUpdate, unique } from './updates.ts';

const aws = await startAws();
enterEnvironment(aws);
captureLog();
const connections = connectionsFromEnvironment();
const inbox = inboxFromEnvironment();
const roster = rosterFromEnvironment();
const writer = logWriterFromEnvironment();

const AT = Date.parse('2035-01-01T10:00:00Z');

interface Told {
  keys: Item;
  before?: Item;
  after?: Item;
  at?: number;
}

/** A batch of a table's stream. */
function batch(table: string, ...changes: Told[]): DynamoDBStreamEvent {
  const Records = changes.map(({ after, at = AT, before, keys }) => ({
    eventName: before === undefined ? 'INSERT' : after === undefined ? 'REMOVE' : 'MODIFY',
    eventSourceARN: `arn:aws:dynamodb:local:1:table/${table}/stream/2000-01-01T00:00:00.000`,
    dynamodb: {
      ApproximateCreationDateTime: at / 1000,
      Keys: keys,
      ...(after === undefined ? {} : { NewImage: after }),
      ...(before === undefined ? {} : { OldImage: before }),
    },
  }));
  return { Records } as unknown as DynamoDBStreamEvent;
}

/** The receipts of a store as the inbox takes them. */
function arrival(storeId: string, ...updateIds: string[]) {
  const keys = { s: { N: '0' }, a: { S: `${isoTime(AT)}#${storeId}#x` } };
  const rows = JSON.stringify(updateIds.map(id => [id, 'applied', AT]));
  return { keys, after: { ...keys, r: { S: rows }, x: { N: String(AT / 1000) } } };
}
const markKeys = { s: { N: '0' }, a: { S: '#' } };
const mark = { keys: markKeys, after: { ...markKeys, g: { S: isoTime(AT) } } };

const frames = () => aws.posts.map(({ frame }) => frame);
const managers: Line[] = [];

async function managerConnects(): Promise<Line> {
  const line: Line = {
    identity: { role: 'manager', name: 'ada' },
    connectionId: unique('m='),
    connectedAt: Date.now() - 1_000,
  };
  await connections.register(line, line.connectedAt);
  managers.push(line);
  return line;
}

afterEach(async () => {
  aws.reset();
  for (const line of managers.splice(0)) await connections.deregister(line);
});

/** A minute's item as the sales table holds it once these are entered. */
function minuteItem(storeId: string, sold: Sale[]): Told {
  const minute = minuteOf(sold[0]?.soldAt ?? '');
  const keys = { k: { S: storeId }, m: { S: minute } };
  const sums = new Map<string, { n: number; a: number }>();
  for (const { currency, total } of sold) {
    const { a, n } = sums.get(currency) ?? { n: 0, a: 0 };
    sums.set(currency, { n: n + 1, a: a + total });
  }
  const numbers = (read: (sum: { n: number; a: number }) => number) =>
    Object.fromEntries([...sums].map(([currency, sum]) => [currency, { N: String(read(sum)) }]));
  return { keys, after: { ...keys, n: { M: numbers(({ n }) => n) }, a: { M: numbers(({ a }) => a) } } };
}

const soldAt = isoTime(AT);
const total = (store: string, count: number, amount: number, currency = 'EUR') => ({
  ...{ store, minute: '2035-01-01T10:00Z' },
  ...{ count, amount, currency },
});

describe('with no manager on the line', () => {
  it('nothing is read but who is connected', async () => {
    const read: string[] = [];
    aws.faultOf = operation => {
      read.push(operation);
      return undefined;
    };
    await handler(batch(TABLES.inbox, arrival('s1', 'u1')));
    expect(read).toEqual(['Query']);
    expect(aws.posts).toEqual([]);
  });

  it('a batch of an unknown table does no harm, and with one it is an error', async () => {
    await handler(batch('elsewhere', { keys: {} }));
    await managerConnects();
    await expect(handler(batch('elsewhere', { keys: {} }))).rejects.toThrow('elsewhere');
  });
});

describe('sales', () => {
  beforeEach(async () => {
    await managerConnects();
  });

  it('are told as the totals of their minutes, by store and currency', async () => {
    const [one, two] = [unique('s'), unique('s')];
    await handler(
      batch(
        TABLES.sales,
        minuteItem(one, [ringUp('1', { soldAt }), ringUp('2', { soldAt, currency: 'USD' })]),
        minuteItem(two, [ringUp('1', { soldAt })]),
      ),
    );
    const items = [total(one, 1, 398), total(one, 1, 398, 'USD'), total(two, 1, 398)];
    expect(frames()).toEqual([{ type: 'sales.totals', items }]);
  });

  it('of a minute that changed often are told once, by the highest count', async () => {
    const store = unique('s');
    const first = minuteItem(store, [ringUp('1', { soldAt })]);
    const both = minuteItem(store, [ringUp('1', { soldAt }), ringUp('2', { soldAt })]);
    await handler(batch(TABLES.sales, first, both, first));
    expect(frames()).toEqual([{ type: 'sales.totals', items: [total(store, 2, 796)] }]);
  });

  it('of a large fleet are told in frames that fit, each total once', async () => {
    const storeIds = Array.from({ length: 1_000 }, () => unique('s').padEnd(64, 'x'));
    const largest = { N: String(Number.MAX_SAFE_INTEGER) };
    const sums = { n: { M: { EUR: largest } }, a: { M: { EUR: { N: `-${largest.N}` } } } };
    const changes = storeIds.map(storeId => {
      const keys = { k: { S: storeId }, m: { S: '2035-01-01T10:00Z' } };
      return { keys, after: { ...keys, ...sums } };
    });
    await handler(batch(TABLES.sales, ...changes));
    for (const frame of frames()) expect(JSON.stringify(frame).length).toBeLessThan(32 * 1024);
    const told = frames().flatMap(({ items }) => (items as { store: string }[]).map(({ store }) => store));
    expect(told.sort()).toEqual([...storeIds].sort());
  });
});

describe('stores that come and go', () => {
  beforeEach(async () => {
    await managerConnects();
  });
  const keysOf = (storeId: string) => ({ s: { N: '0' }, m: { S: `store#${storeId}` } });
  const entry = (connectionId: string, connectedAt: number, enteredAt = connectedAt): Item => ({
    c: { S: connectionId },
    t: { N: String(connectedAt) },
    e: { N: String(enteredAt) },
    x: { N: String(connectedAt / 1000 + 7_800) },
  });
  // A line that took over also ends the older one, whoever watches.
  const presences = () => frames().filter(({ type }) => type !== 'closing');
  const told = () => presences().flatMap(({ items }) => items as object[]);
  const keys = keysOf('0417');
  const LATER = AT + 5_000;

  it.each<[string, Omit<Told, 'keys'>, object[]]>([
    ['a store that came', { after: entry('c1', AT + 250) }, [{ connected: true, at: isoTime(AT + 250) }]],
    ['a store that went', { before: entry('c1', AT), at: LATER }, [{ connected: false, at: isoTime(LATER) }]],
    [
      'a line that took over, as no drop',
      { before: entry('c1', AT), after: entry('c2', LATER) },
      [{ connected: true, at: isoTime(LATER) }],
    ],
    ['nothing of an entry written anew', { before: entry('c1', AT), after: entry('c1', AT, LATER) }, []],
    [
      'a drop in the second of its connect, after it',
      { before: entry('c1', AT + 700), at: AT },
      [{ connected: false, at: isoTime(AT + 700) }],
    ],
    [
      'an entry removed long after it was over, by the time at which it was',
      { before: entry('c1', AT), at: AT + 48 * HOUR },
      [{ connected: false, at: isoTime(AT + 7_800_000) }],
    ],
  ])('%s', async (_, change, expected) => {
    await handler(batch(TABLES.connections, { keys, ...change }));
    expect(told()).toEqual(expected.map(item => ({ storeId: '0417', ...item })));
    expect(presences().every(({ type }) => type === 'presence')).toBe(true);
  });

  it('are told by the last of their changes, each once', async () => {
    await handler(
      batch(
        TABLES.connections,
        { keys, after: entry('c1', AT) },
        { keys: keysOf('0418'), after: entry('c2', AT) },
        { keys, before: entry('c1', AT), at: LATER },
      ),
    );
    expect(told()).toEqual([
      { storeId: '0417', connected: false, at: isoTime(LATER) },
      { storeId: '0418', connected: true, at: isoTime(AT) },
    ]);
  });

  it('are stores: of managers nothing is told', async () => {
    const manager = { s: { N: '3' }, m: { S: 'manager#ada#c=' } };
    await handler(batch(TABLES.connections, { keys: manager, after: entry('c1', AT) }));
    expect(aws.posts).toEqual([]);
  });
});

describe('an update', () => {
  const now = Date.now();
  let region: string;
  let stores: string[];
  beforeEach(async () => {
    await managerConnects();
    region = unique('r');
    stores = [unique('s'), unique('s'), unique('s'), unique('s')];
    for (const storeId of stores) await roster.heard({ storeId, region, groups: [] }, now - 10_000);
    for (const storeId of stores.slice(0, 3)) {
      const identity = { role: 'store', storeId, region, groups: [] } as const;
      await connections.register({ identity, connectionId: unique('c='), connectedAt: now - 9_000 }, now);
    }
  });

  async function published(make: (changes: object) => Update = priceUpdate) {
    const update = make({ audience: audience({ regions: [region] }), publishedAt: isoTime(now) });
    expect((await writer.begin(update, 'worker', now)).status).toBe('begun');
    return update.id;
  }
  const idItem = (id: string) => ({ keys: { channel: { S: `id/${id}` }, position: { N: '0' } } });

  it('is told as soon as it is published', async () => {
    const updateId = await published();
    const entry = { keys: { channel: { S: `region/${region}` }, position: { N: '1' } } };
    await handler(
      batch(TABLES.updates, idItem(updateId), entry, { ...idItem(updateId), before: {}, after: {} }),
    );
    expect(frames()).toEqual([
      { type: 'delivery', updateId, targeted: 4, applied: 0, rejected: 0, pending: 3, offline: 1 },
    ]);
  });

  it('is told with its receipts, as many of them as a batch has, once', async () => {
    const updateId = await published();
    const [one = '', two = ''] = stores;
    await inbox.put(one, [{ updateId, outcome: 'applied', at: now }], now);
    await inbox.put(two, [{ updateId, outcome: 'rejected', at: now, reason: 'no' }], now);
    await handler(batch(TABLES.inbox, arrival(one, updateId), arrival(two, 'gone', updateId)));
    expect(frames()).toEqual([
      { type: 'delivery', updateId, targeted: 4, applied: 1, rejected: 1, pending: 1, offline: 1 },
    ]);
  });

  it('that is over has nobody pending', async () => {
    const over = (changes: object) => offerUpdate(unique('o'), now - 1, changes);
    const updateId = await published(over);
    await handler(batch(TABLES.inbox, arrival('s', updateId)));
    expect(frames()).toMatchObject([{ updateId, targeted: 4, pending: 0, offline: 0 }]);
  });

  it.each<[string, string, () => Told]>([
    [
      'an entry of the log',
      TABLES.updates,
      () => ({ keys: { channel: { S: 'all' }, position: { N: '1' } } }),
    ],
    [
      'a place in the list',
      TABLES.updates,
      () => ({ keys: { channel: { S: 'published' }, position: { N: '1' } } }),
    ],
    ['an update that is no longer kept', TABLES.updates, () => idItem('gone')],
    ['a receipt of one that is no longer kept', TABLES.inbox, () => arrival('s', 'gone')],
    ['how far receipts are gathered', TABLES.inbox, () => mark],
  ])('is not told of %s', async (_, table, change) => {
    await handler(batch(table, change()));
    expect(aws.posts).toEqual([]);
  });

  it('is not told of a receipt that has expired', async () => {
    const { after, keys } = arrival('s', await published());
    await handler(batch(TABLES.inbox, { keys, before: after }));
    expect(aws.posts).toEqual([]);
  });
});

describe('of several managers', () => {
  const push = async () => handler(batch(TABLES.sales, minuteItem(unique('s'), [ringUp('1', { soldAt })])));

  it('each gets the frame', async () => {
    const lines = [await managerConnects(), await managerConnects()];
    await push();
    expect(aws.posts.map(({ connectionId }) => connectionId).sort()).toEqual(
      lines.map(({ connectionId }) => connectionId).sort(),
    );
  });

  it('one that is gone is taken off, and the others get the frame', async () => {
    const [gone, left] = [await managerConnects(), await managerConnects()];
    aws.statusOf = connectionId => (connectionId === gone.connectionId ? 410 : 200);
    await push();
    expect(aws.posts.map(({ connectionId }) => connectionId)).toEqual([left.connectionId]);
    const now = Date.now();
    expect((await connections.managers(now)).map(({ connectionId }) => connectionId)).toEqual([
      left.connectionId,
    ]);
  });

  it('one that is gone, but came after the push began, stays', async () => {
    const line = await managerConnects();
    await connections.register(line, Date.now() + HOUR);
    aws.statusOf = () => 410;
    await push();
    expect(await connections.isRegistered(line)).toBe(true);
  });

  it('one that fails keeps nothing from the others, and stays', async () => {
    const [failing, left] = [await managerConnects(), await managerConnects()];
    aws.statusOf = connectionId => (connectionId === failing.connectionId ? 403 : 200);
    await push();
    expect(aws.posts.map(({ connectionId }) => connectionId)).toEqual([left.connectionId]);
    expect(await connections.isRegistered(failing)).toBe(true);
  });

  it('one whose entry has expired gets nothing', async () => {
    const identity = { role: 'manager', name: 'ada' } as const;
    const old = { identity, connectionId: unique('m='), connectedAt: Date.now() - 3 * HOUR };
    await connections.register(old, old.connectedAt);
    managers.push(old);
    await push();
    expect(aws.posts).toEqual([]);
  });
});
