/** What the changes of the tables become on the outbound bus. */
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import { afterEach, describe, expect, it } from 'vitest';
import { minuteOf } from '../../../domain/sales/sale.ts';
import type { Item } from '../../../lambdas/aws/codecs.ts';
import { handler } from '../../../lambdas/outbound.ts';
import { inboxFromEnvironment } from '../../../lambdas/receipts/receipt-inbox.ts';
import { connectionsFromEnvironment, type Line } from '../../../lambdas/registry/connections.ts';
import { rosterFromEnvironment } from '../../../lambdas/registry/roster.ts';
import { ROLLOUT, type Rollout, rolloutItem } from '../../../lambdas/rollouts/rollout-items.ts';
import { salesBookFromEnvironment } from '../../../lambdas/sales/sales-book.ts';
import { logWriterFromEnvironment } from '../../../lambdas/updates/log-writer.ts';
import { publishedListFromEnvironment } from '../../../lambdas/updates/published-list.ts';
import { ringUp } from '../../domain/till.ts';
import { enterEnvironment, OUTBOUND_BUS, OUTBOUND_DEAD_LETTERS, startAws, TABLES } from '../aws.ts';
import { captureLog } from '../events.ts';
import { audience, isoTime, priceUpdate, unique } from '../updates.ts';

const aws = await startAws();
enterEnvironment(aws);
captureLog();
afterEach(() => aws.reset());

interface Told {
  keys: Item;
  before?: Item;
  after?: Item;
}

const AT = Date.parse('2035-01-01T10:00:00Z');

/** A batch of a table's stream, which has binary values as Base64. */
function batch(table: string, ...changes: Told[]): DynamoDBStreamEvent {
  const Records = changes.map(({ after, before, keys }) => ({
    eventName: before === undefined ? 'INSERT' : after === undefined ? 'REMOVE' : 'MODIFY',
    eventSourceARN: `arn:aws:dynamodb:local:1:table/${table}/stream/2000-01-01T00:00:00.000`,
    dynamodb: {
      ApproximateCreationDateTime: AT / 1_000,
      Keys: keys,
      ...(after === undefined ? {} : { NewImage: after }),
      ...(before === undefined ? {} : { OldImage: before }),
    },
  }));
  const base64 = (_: string, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;
  // A Buffer has its own idea of JSON, which comes before any replacer.
  return JSON.parse(JSON.stringify(plain({ Records }), base64)) as DynamoDBStreamEvent;
}

function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
}

const put = () =>
  aws.events.map(({ DetailType, Detail = '', EventBusName, Source }) => {
    expect([EventBusName, Source]).toEqual([OUTBOUND_BUS, 'storecast']);
    return [DetailType, JSON.parse(Detail)];
  });

describe('sales', () => {
  const book = salesBookFromEnvironment();
  const read = new DynamoDBClient({});

  async function sell(storeId: string, ...ids: string[]): Promise<Told> {
    // A till may add fields, and these are not its own to say.
    const added = { storeId: 'another', receivedAt: 'never' };
    const sales = ids.map(id => ({ ...ringUp(id, { soldAt: isoTime(AT) }), ...added }));
    const minute = minuteOf(isoTime(AT));
    const store = { role: 'store', storeId, region: 'north', groups: [] } as const;
    expect(await book.enter({ store, minute, sales, now: AT + 90_000 })).toEqual([]);
    const keys = { k: { S: storeId }, m: { S: minute } };
    const { Item = {} } = await read.send(new GetItemCommand({ TableName: TABLES.sales, Key: keys }));
    return { keys, after: Item };
  }

  it('are recorded by what each write has entered, of whatever stores, together', async () => {
    const [one, other] = [unique('s'), unique('s')];
    const changes = [await sell(one, 'A', 'B'), await sell(other, 'A'), await sell(one, 'C')];
    await handler(batch(TABLES.sales, ...changes));
    expect(put()).toEqual([
      [
        'SalesRecorded',
        {
          sales: [
            [one, 'A'],
            [one, 'B'],
            [other, 'A'],
            [one, 'C'],
          ].map(([storeId, saleId]) =>
            expect.objectContaining({ storeId, saleId, receivedAt: isoTime(AT + 90_000), currency: 'EUR' }),
          ),
        },
      ],
    ]);
  });

  it('that can not be read are set aside, and hold up no others', async () => {
    const [bad, good] = [await sell(unique('s'), 'A'), await sell(unique('s'), 'B')];
    const packs = { L: [{ B: new Uint8Array([1, 2, 3]) }] };
    await handler(batch(TABLES.sales, { ...bad, after: { ...bad.after, p: packs } }, good));
    expect(put()).toMatchObject([['SalesRecorded', { sales: [{ saleId: 'B' }] }]]);
    expect(aws.messages).toMatchObject([
      { queue: OUTBOUND_DEAD_LETTERS, code: 'Unreadable', body: { event: { detail: { keys: bad.keys } } } },
    ]);
  });
});

describe('the line', () => {
  const keys = (storeId: string) => ({ s: { N: '0' }, m: { S: `store#${storeId}` } });
  const entry = (storeId: string, connectionId: string) => ({
    ...keys(storeId),
    c: { S: connectionId },
    t: { N: String(AT) },
    e: { N: String(AT) },
    x: { N: String(AT / 1_000 + 7_200) },
  });

  it('tells who came and who went, and of no takeover and no manager', async () => {
    const manager = { s: { N: '0' }, m: { S: 'manager#ada#c' } };
    await handler(
      batch(
        TABLES.connections,
        { keys: keys('a'), after: entry('a', '1') },
        { keys: keys('b'), before: entry('b', '1'), after: entry('b', '2') },
        { keys: keys('c'), before: entry('c', '1') },
        { keys: manager, after: { ...entry('x', '1'), ...manager } },
      ),
    );
    expect(put()).toEqual([
      ['StoreConnected', { storeId: 'a', at: isoTime(AT) }],
      ['StoreDisconnected', { storeId: 'c', at: isoTime(AT) }],
    ]);
  });
});

describe('deliveries', () => {
  const connections = connectionsFromEnvironment();
  const inbox = inboxFromEnvironment();
  const roster = rosterFromEnvironment();
  const writer = logWriterFromEnvironment();
  const published = publishedListFromEnvironment();

  async function connect(region: string): Promise<Line> {
    const storeId = unique('s');
    const identity = { role: 'store', storeId, region, groups: [] } as const;
    const line: Line = { identity, connectionId: unique('c='), connectedAt: Date.now() - 2_000 };
    await roster.heard(identity, Date.now() - 2_000);
    await connections.register(line, line.connectedAt);
    return line;
  }

  async function publish(region: string): Promise<string> {
    const update = priceUpdate({
      audience: audience({ regions: [region] }),
      publishedAt: isoTime(Date.now() - 1_000),
    });
    const beginning = await writer.begin(update, 'invocation', Date.now());
    if (beginning.status !== 'begun') throw new Error(beginning.status);
    await writer.append(beginning.work, Date.now());
    await published.enter(update, Date.now());
    return update.id;
  }

  const storeOf = ({ identity }: Line) => (identity.role === 'store' ? identity.storeId : '');
  const key = (id: string): Told => ({ keys: { channel: { S: `id/${id}` }, position: { N: '0' } } });
  const apply = (line: Line, updateId: string) =>
    inbox.put(storeOf(line), [{ updateId, outcome: 'applied', at: Date.now() }], Date.now());
  const arrival = (line: Line, updateId: string): Told => {
    const keys = { s: { N: '0' }, a: { S: `${isoTime(AT)}#${storeOf(line)}#x` } };
    const rows = JSON.stringify([[updateId, 'applied', AT]]);
    return { keys, after: { ...keys, r: { S: rows }, x: { N: String(AT / 1_000) } } };
  };
  const gone = (line: Line): Told => {
    const keys = { s: { N: '0' }, m: { S: `store#${storeOf(line)}` } };
    const before = { ...keys, c: { S: line.connectionId }, t: { N: '1' }, e: { N: '1' }, x: { N: '9' } };
    return { keys, before };
  };
  const told = () => put().filter(([type]) => type === 'UpdateDelivered');

  it('are told once no connected store is pending, and once for what has not changed', async () => {
    const region = unique('r');
    const [one, two] = [await connect(region), await connect(region)];
    const id = await publish(region);
    await handler(batch(TABLES.updates, key(id)));
    await apply(one, id);
    await handler(batch(TABLES.inbox, arrival(one, id)));
    expect(told()).toEqual([]);
    await apply(two, id);
    await handler(batch(TABLES.inbox, arrival(two, id)));
    await handler(batch(TABLES.inbox, arrival(two, id)));
    expect(told()).toEqual([['UpdateDelivered', { updateId: id, targeted: 2, applied: 2, rejected: 0 }]]);
  });

  it('are told where the store that was pending goes off the line', async () => {
    const region = unique('r');
    const [one, two] = [await connect(region), await connect(region)];
    const id = await publish(region);
    await apply(one, id);
    await handler(batch(TABLES.inbox, arrival(one, id)));
    await connections.deregister(two);
    await handler(batch(TABLES.connections, gone(two)));
    expect(told()).toEqual([['UpdateDelivered', { updateId: id, targeted: 2, applied: 1, rejected: 0 }]]);
  });

  it('are told again where the batch before could not be put', async () => {
    const region = unique('r');
    const one = await connect(region);
    const id = await publish(region);
    await apply(one, id);
    aws.faultOf = operation => (operation === 'PutEvents' ? 'refuse' : undefined);
    await expect(handler(batch(TABLES.inbox, arrival(one, id)))).rejects.toThrow();
    aws.reset();
    await handler(batch(TABLES.inbox, arrival(one, id)));
    expect(told()).toHaveLength(1);
  });

  it('of an update that reaches nobody are told at once', async () => {
    const id = await publish(unique('r'));
    await handler(batch(TABLES.updates, key(id)));
    expect(told()).toEqual([['UpdateDelivered', { updateId: id, targeted: 0, applied: 0, rejected: 0 }]]);
  });

  it('of an update that nobody knows are none', async () => {
    await handler(batch(TABLES.updates, key(unique('u'))));
    expect(put()).toEqual([]);
  });
});

it('a batch of an unknown table is an error, and an empty one nothing', async () => {
  await expect(handler(batch('other', { keys: {} }))).rejects.toThrow('the stream of other');
  await handler({ Records: [] });
});

describe('rollouts', () => {
  const known: Rollout = {
    kind: ROLLOUT,
    rolloutId: 'r1',
    version: 3,
    state: 'running',
    since: AT,
    createdAt: AT,
    updateKind: 'price.changed',
    publishedAt: isoTime(AT),
    plan: { waves: [{ percent: 100 }], soakMinutes: 15, minAppliedPercent: 95, maxRejectedPercent: 1 },
    wave: 1,
    waves: [],
    wavesPut: 1,
    withdrawals: [],
    withdrawalsPut: 0,
    expiresAt: AT,
  };
  const decided = (before: Partial<Rollout>, after: Partial<Rollout>): Told => ({
    keys: { kind: { S: ROLLOUT }, id: { S: 'r1' } },
    before: rolloutItem.encode({ ...known, ...before }),
    after: rolloutItem.encode({ ...known, ...after }),
  });

  it.each<[string, Partial<Rollout>, Partial<Rollout>, unknown[]]>([
    [
      'that halt say why',
      {},
      { state: 'halted', wave: 2, reason: 'wave 2: 3 of 10 stores refused it' },
      [
        [
          'RolloutHalted',
          { rolloutId: 'r1', wave: 2, reason: 'wave 2: 3 of 10 stores refused it', at: isoTime(AT) },
        ],
      ],
    ],
    [
      'that are over are told',
      {},
      { state: 'finished' },
      [['RolloutFinished', { rolloutId: 'r1', at: isoTime(AT) }]],
    ],
    ['that go on are not', {}, { wave: 2 }, []],
    ['that are halted still are told once', { state: 'halted' }, { state: 'halted', version: 4 }, []],
    ['that are paused are not', {}, { state: 'paused' }, []],
  ])('%s', async (_name, before, after, expected) => {
    await handler(batch(TABLES.staged, decided(before, after)));
    expect(put()).toEqual(expected);
  });
});
