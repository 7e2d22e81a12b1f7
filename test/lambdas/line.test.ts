/** A store's line from its first handshake to its last: `$connect`, every frame, `$disconnect`. */
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { shardOf } from '../../lambdas/aws/shard.ts';
import { handler as connect } from '../../lambdas/connect.ts';
import { handler as answerFrame } from '../../lambdas/default.ts';
import { handler as disconnect } from '../../lambdas/disconnect.ts';
import { receiptsFromEnvironment } from '../../lambdas/receipts/receipts.ts';
import { connectionsFromEnvironment } from '../../lambdas/registry/connections.ts';
import { rosterFromEnvironment } from '../../lambdas/registry/roster.ts';
import { HANDSHAKES_IN_TEN_SECONDS } from '../../lambdas/registry/store-limit.ts';
import { logWriterFromEnvironment } from '../../lambdas/updates/log-writer.ts';
import { enterEnvironment, startAws, TABLES } from './aws.ts';
import { captureLog, type TestLine, webSocketEvent } from './events.ts';
import { audience, priceUpdate, unique } from './updates.ts';

const SHARDS = 3;
const aws = await startAws();
enterEnvironment(aws, SHARDS);
captureLog();
afterEach(() => aws.reset());
const connections = connectionsFromEnvironment();
const receipts = receiptsFromEnvironment();
const roster = rosterFromEnvironment();
const writer = logWriterFromEnvironment();

interface StoreTestLine extends TestLine {
  storeId: string;
}

function storeLine(changes: Partial<StoreTestLine> = {}): StoreTestLine {
  const { storeId = unique('s'), ...line } = changes;
  return {
    storeId,
    identity: { role: 'store', storeId, region: 'north', groups: ['city'] },
    connectionId: unique('c='),
    connectedAt: Date.now() - 1_000,
    ...line,
  };
}

const managerLine = (): TestLine => ({
  identity: { role: 'manager', name: 'ada' },
  connectionId: unique('c='),
  connectedAt: Date.now(),
});

/** A newer line of the same store. */
const newerThan = (line: StoreTestLine): StoreTestLine => ({
  ...line,
  connectionId: unique('c='),
  connectedAt: line.connectedAt + 500,
});

async function frame(line: TestLine, body: object | string) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const { statusCode, body: answer } = await answerFrame(webSocketEvent(line, { body: text }));
  expect(statusCode).toBe(200);
  return answer === undefined ? undefined : JSON.parse(answer);
}

const registeredAs = async ({ storeId }: StoreTestLine) =>
  (await connections.store(storeId, Date.now()))?.connectionId;

describe('$connect', () => {
  it('enters the line and the store', async () => {
    const line = storeLine();
    expect(await connect(webSocketEvent(line))).toEqual({ statusCode: 200 });
    expect(await registeredAs(line)).toBe(line.connectionId);
    expect(await roster.find(line.storeId)).toMatchObject({
      region: 'north',
      groups: ['city'],
      firstSeenAt: line.connectedAt,
      lastSeenAt: line.connectedAt,
    });
  });

  it('selects the subprotocol that a browser must be answered, and no token', async () => {
    const headers = { 'Sec-WebSocket-Protocol': 'bearer.abc, storecast.v1' };
    expect(await connect(webSocketEvent(storeLine(), { headers }))).toEqual({
      statusCode: 200,
      headers: { 'Sec-WebSocket-Protocol': 'storecast.v1' },
    });
  });

  it('selects it out of two lines of the header, too', async () => {
    const name = 'Sec-WebSocket-Protocol';
    const event = {
      ...webSocketEvent(storeLine(), { headers: { [name]: 'bearer.abc' } }),
      multiValueHeaders: { [name]: ['storecast.v1', 'bearer.abc'] },
    };
    expect(await connect(event)).toMatchObject({ headers: { [name]: 'storecast.v1' } });
  });

  it('takes the place of an older line, which it does not end by itself: its handshake may yet fail', async () => {
    const older = storeLine();
    const newer = newerThan(older);
    await connect(webSocketEvent(older));
    expect(await connect(webSocketEvent(newer))).toEqual({ statusCode: 200 });
    expect(await registeredAs(older)).toBe(newer.connectionId);
    expect([aws.posts, aws.closed]).toEqual([[], []]);
  });

  it('is refused to a store that connects over and over, which keeps the line that it has', async () => {
    const line = storeLine();
    const statuses: number[] = [];
    let registered: string | undefined;
    for (let attempt = 0; attempt < 100; attempt += 1) {
      const next = { ...line, connectionId: unique('c='), connectedAt: line.connectedAt + attempt };
      const { statusCode } = await connect(webSocketEvent(next));
      if (statusCode === 200) registered = next.connectionId;
      statuses.push(statusCode);
    }
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    expect(statuses[HANDSHAKES_IN_TEN_SECONDS - 1]).toBe(200);
    expect(await registeredAs(line)).toBe(registered);
    expect(await connect(webSocketEvent(storeLine()))).toEqual({ statusCode: 200 });
  });

  it('is not counted for a manager, who has many lines', async () => {
    for (let page = 0; page < 50; page += 1) {
      expect(await connect(webSocketEvent(managerLine()))).toEqual({ statusCode: 200 });
    }
  });

  it('that comes late gives way to the newer line', async () => {
    const older = storeLine();
    const newer = newerThan(older);
    await connect(webSocketEvent(newer));
    expect(await connect(webSocketEvent(older))).toEqual({ statusCode: 409 });
    expect(await registeredAs(older)).toBe(newer.connectionId);
    expect(aws.closed).toEqual([]);
  });

  it('lets a manager open several lines, and reaches none of them with an update', async () => {
    for (const line of [managerLine(), managerLine()])
      expect(await connect(webSocketEvent(line))).toEqual({ statusCode: 200 });
    expect(aws.closed).toEqual([]);
  });
});

describe('the line of a revoked store', () => {
  it('that the authorizer let through is refused with 403, and leaves no entry', async () => {
    const line = storeLine();
    await roster.revoke(line.storeId, Date.now());
    expect(await connect(webSocketEvent(line))).toEqual({ statusCode: 403 });
    expect(await registeredAs(line)).toBeUndefined();
  });

  it.each<[string, object]>([
    ['ping', { action: 'ping' }],
    ['sync', { action: 'sync' }],
    ['applied', { action: 'applied', updates: [{ id: 'u1', appliedAt: new Date().toISOString() }] }],
    ['sales', { action: 'sales', sales: [{}] }],
  ])('that opened all the same is told so and closed with its first %s', async (_action, body) => {
    const line = storeLine();
    await connect(webSocketEvent(line));
    await roster.revoke(line.storeId, Date.now());
    expect(await frame(line, body)).toBeUndefined();
    expect(aws.posts).toEqual([
      { connectionId: line.connectionId, frame: { type: 'closing', reason: 'revoked' } },
    ]);
    expect(aws.closed).toEqual([line.connectionId]);
    expect((await receipts.of('u1')).map(({ storeId }) => storeId)).not.toContain(line.storeId);
  });
});

describe('the line of a store that was revoked', () => {
  it('takes nothing where it could not be closed, and says so', async () => {
    const line = storeLine();
    await connect(webSocketEvent(line));
    await roster.revoke(line.storeId, Date.now());
    aws.statusOf = () => 500;
    for (const action of ['sales', 'ping', 'sync', 'applied']) {
      const body = { action, requestId: action, ...(action === 'sales' ? { sales: [{}] } : {}) };
      expect(await frame(line, body)).toMatchObject({ type: 'error', code: 'forbidden', requestId: action });
    }
  });

  it('takes nothing after the restoration, for its token was signed before', async () => {
    const line = storeLine();
    line.identity = { ...line.identity, signedAt: Date.now() - 1_000 } as TestLine['identity'];
    await connect(webSocketEvent(line));
    await roster.revoke(line.storeId, Date.now());
    await roster.restore(line.storeId);
    expect(await frame(line, { action: 'sales', sales: [{}] })).toBeUndefined();
    expect(aws.posts).toMatchObject([{ frame: { type: 'closing', reason: 'revoked' } }]);
    const later = { ...newerThan(line), identity: { ...line.identity, signedAt: Date.now() + 1 } };
    expect(await connect(webSocketEvent(later as StoreTestLine))).toEqual({ statusCode: 200 });
    expect(await frame(later as StoreTestLine, { action: 'ping' })).toMatchObject({ type: 'pong' });
  });
});

describe('$disconnect', () => {
  it('after the store was retired does not bring it back, not in part either', async () => {
    const line = storeLine();
    await connect(webSocketEvent(line));
    await roster.retire(line.storeId);
    await disconnect(webSocketEvent(line));
    const key = { storeId: { S: line.storeId } };
    const { Item } = await aws.dynamodb.send(new GetItemCommand({ TableName: TABLES.stores, Key: key }));
    expect(Item).toBeUndefined();
  });

  it('takes the line off, and notes when the store went', async () => {
    const line = storeLine();
    await connect(webSocketEvent(line));
    const before = Date.now();
    expect(await disconnect(webSocketEvent(line))).toEqual({ statusCode: 200 });
    expect(await registeredAs(line)).toBeUndefined();
    expect((await roster.find(line.storeId))?.wentOffAt).toBeGreaterThanOrEqual(before);
  });

  it('of a line that was replaced leaves the newer one, whose store never went', async () => {
    const older = storeLine();
    const newer = newerThan(older);
    for (const line of [older, newer]) await connect(webSocketEvent(line));
    await disconnect(webSocketEvent(older));
    expect(await registeredAs(older)).toBe(newer.connectionId);
    expect((await roster.find(older.storeId))?.wentOffAt).toBeUndefined();
  });
});

describe('a ping', () => {
  it('is answered with the newest position of every channel of the store', async () => {
    const line = storeLine();
    await connect(webSocketEvent(line));
    const update = priceUpdate({ audience: audience({ stores: [line.storeId] }) });
    const beginning = await writer.begin(update, 'worker', Date.now());
    if (beginning.status === 'begun') await writer.append(beginning.work, Date.now());
    expect(await frame(line, { action: 'ping', requestId: 'r1' })).toEqual({
      type: 'pong',
      requestId: 'r1',
      positions: { all: 0, 'region/north': 0, 'group/city': 0, [`store/${line.storeId}`]: 1 },
      timeZone: 'UTC',
      serverTime: expect.stringMatching(/^\d{4}-.*Z$/),
      reportEveryMs: 60_000,
    });
  });

  it('enters a line anew whose entry was lost', async () => {
    const line = storeLine();
    await frame(line, { action: 'ping' });
    expect(await registeredAs(line)).toBe(line.connectionId);
  });

  it.each(['ping', 'sync'])('ends a line that was replaced, without an answer: %s', async action => {
    const older = storeLine();
    const newer = newerThan(older);
    await connect(webSocketEvent(newer));
    expect(await frame(older, { action })).toBeUndefined();
    expect(aws.posts).toMatchObject([
      { connectionId: older.connectionId, frame: { type: 'closing', reason: 'replaced' } },
    ]);
    expect(aws.closed).toEqual([older.connectionId]);
    expect(await registeredAs(older)).toBe(newer.connectionId);
  });

  it('of a manager is answered too', async () => {
    expect(await frame(managerLine(), { action: 'ping' })).toMatchObject({ type: 'pong', positions: {} });
  });
});

describe('a sync', () => {
  it('brings what was missed, to the store of the token whatever the frame says', async () => {
    const [line, other] = [storeLine(), storeLine()];
    const updates = [line, other].map(({ storeId }) =>
      priceUpdate({ audience: audience({ stores: [storeId] }) }),
    );
    for (const update of updates) {
      const beginning = await writer.begin(update, 'worker', Date.now());
      if (beginning.status === 'begun') await writer.append(beginning.work, Date.now());
    }
    const spoofed = { storeId: other.storeId, positions: { [`store/${other.storeId}`]: 0 } };
    expect(await frame(line, { action: 'sync', requestId: 7, ...spoofed })).toMatchObject({
      type: 'synced',
      requestId: 7,
      recovered: true,
      updates: [{ id: updates[0]?.id }],
      positions: { all: 0, 'region/north': 0, 'group/city': 0, [`store/${line.storeId}`]: 1 },
      more: false,
    });
  });

  describe('after another store of its region', () => {
    const publish = async (region: string): Promise<string> => {
      const update = priceUpdate({ audience: audience({ regions: [region] }) });
      const beginning = await writer.begin(update, 'worker', Date.now());
      if (beginning.status === 'begun') await writer.append(beginning.work, Date.now());
      return update.id;
    };
    const lineIn = (region: string): StoreTestLine => {
      const storeId = unique('s');
      return storeLine({ storeId, identity: { role: 'store', storeId, region, groups: [] } });
    };
    const idsOf = async (line: StoreTestLine): Promise<string[]> => {
      const { updates } = await frame(line, { action: 'sync' });
      return updates.map(({ id }: { id: string }) => id);
    };

    it('reads its place and what is new in shared channels by one request, and misses nothing that came between', async () => {
      // The pace is read once a second.
      vi.useFakeTimers({ toFake: ['Date'] });
      onTestFinished(() => void vi.useRealTimers());
      const region = unique('r');
      const lines = [1, 2, 3].map(() => lineIn(region));
      const [first, second, third] = lines as [StoreTestLine, StoreTestLine, StoreTestLine];
      for (const line of lines) await connect(webSocketEvent(line));
      const ids = [await publish(region), await publish(region)];
      expect(await idsOf(first)).toEqual(ids);
      ids.push(await publish(region));
      expect(await idsOf(second)).toEqual(ids);

      const operations: string[] = [];
      aws.faultOf = operation => void operations.push(operation);
      expect(await idsOf(third)).toEqual(ids);
      // Its own channel, of which nothing is known, is queried.
      expect(operations.filter(operation => operation !== 'Query')).toEqual(['PutItem', 'BatchGetItem']);
    });

    it('is answered though its token names a group twice', async () => {
      const group = unique('g');
      const update = priceUpdate({ audience: audience({ groups: [group] }) });
      const beginning = await writer.begin(update, 'worker', Date.now());
      if (beginning.status === 'begun') await writer.append(beginning.work, Date.now());
      for (const storeId of [unique('s'), unique('s')]) {
        const identity = { role: 'store', storeId, region: undefined, groups: [group, group] } as const;
        expect(await idsOf(storeLine({ storeId, identity }))).toEqual([update.id]);
      }
    });

    it('reads the channels of where the chain has placed it, whatever its token says', async () => {
      const [region, elsewhere] = [unique('r'), unique('r')];
      const ids = [await publish(elsewhere)];
      await publish(region);
      for (const line of [lineIn(region), lineIn(elsewhere)]) await frame(line, { action: 'sync' });
      const moved = lineIn(region);
      await connect(webSocketEvent(moved));
      await roster.place(moved.storeId, { region: elsewhere });
      expect(await idsOf(moved)).toEqual(ids);
      ids.push(await publish(elsewhere));
      expect(await idsOf(moved)).toEqual(ids);
    });
  });

  // A post during $connect was answered 410, and the broadcast is just about to delete the entry.
  it('keeps its line on the registry against a broadcast that began before it', async () => {
    const line = storeLine();
    await connect(webSocketEvent(line));
    const broadcastAt = line.connectedAt + 500;
    await frame(line, { action: 'sync' });
    await connections.remove(
      {
        shard: shardOf(line.storeId, SHARDS),
        member: `store#${line.storeId}`,
        connectionId: line.connectionId,
      },
      broadcastAt,
    );
    expect(await registeredAs(line)).toBe(line.connectionId);
  });
});

describe('receipts', () => {
  async function published(): Promise<string> {
    const update = priceUpdate({ publishedAt: '2026-11-01T07:00:00.000Z' });
    await writer.begin(update, 'worker', Date.now());
    return update.id;
  }

  it('are answered once they are stored, with where the store stands in its own channels', async () => {
    const line = storeLine();
    const [applied, rejected] = [await published(), await published()];
    const at = '2026-11-01T08:00:00.000Z';
    const answer = await frame(line, {
      action: 'applied',
      requestId: 'r',
      updates: [{ id: applied, appliedAt: at }],
      rejected: [{ id: rejected, reason: 'unknown SKU' }],
      positions: { all: 3, 'region/south': 9, [`store/${line.storeId}`]: -2 },
    });
    expect(answer).toEqual({ type: 'applied.accepted', requestId: 'r', ids: [applied, rejected] });
    const { storeId } = line;
    expect(await receipts.of(applied)).toEqual([{ storeId, outcome: 'applied', at: Date.parse(at) }]);
    expect(await receipts.of(rejected)).toMatchObject([
      { storeId, outcome: 'rejected', reason: 'unknown SKU' },
    ]);
    expect((await roster.find(storeId))?.positions).toEqual({ all: 3, [`store/${storeId}`]: 0 });
  });

  it('are answered as a failure while the table takes none', async () => {
    const line = storeLine();
    const id = await published();
    aws.faultOf = operation => (operation === 'PutItem' ? 'refuse' : undefined);
    const updates = [{ id, appliedAt: '2026-12-01T08:00:00Z' }];
    expect(await frame(line, { action: 'applied', updates })).toMatchObject({
      type: 'error',
      code: 'internal',
    });
    expect(await receipts.of(id)).toEqual([]);
  });
});

describe('a frame that is refused', () => {
  it.each<[string, string, object]>([
    ['no JSON', '{', { code: 'invalid_json' }],
    ['no text', '', { code: 'invalid_json' }],
    ['an unknown action', '{"action":"dance","requestId":1}', { code: 'unknown_action', requestId: 1 }],
    ['a broken position', '{"action":"sync","positions":{"all":"1"}}', { code: 'invalid_frame' }],
  ])('leaves the line open: %s', async (_title, body, problem) => {
    expect(await frame(storeLine(), body)).toMatchObject({ type: 'error', ...problem });
    expect(aws.closed).toEqual([]);
  });

  it.each([
    { action: 'sync', requestId: 'r' },
    { action: 'applied', requestId: 'r' },
  ])('is $action from a manager', async body => {
    expect(await frame(managerLine(), body)).toMatchObject({
      type: 'error',
      code: 'forbidden',
      requestId: 'r',
    });
  });

  it('by a fault names none of its causes, and the request that it answers', async () => {
    aws.faultOf = () => 'refuse';
    expect(await frame(storeLine(), { action: 'ping', requestId: 'r' })).toEqual({
      type: 'error',
      code: 'internal',
      message: 'nothing was accepted; send it again',
      requestId: 'r',
    });
  });
});

describe('a store that sends without end', () => {
  // A second holds still, or a slow machine would never send too much in it.
  afterEach(() => vi.useRealTimers());

  it('is told so, changes nothing by it, and is heard again a second later', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const line = storeLine();
    await connect(webSocketEvent(line));
    const answers = [];
    for (let sent = 0; sent < 250; sent += 1)
      answers.push(await frame(line, { action: 'ping', requestId: sent }));
    expect(answers[0]).toMatchObject({ type: 'pong', requestId: 0 });
    expect(answers.at(-1)).toEqual({
      type: 'error',
      requestId: 249,
      code: 'rate_limited',
      message: expect.stringContaining('100 frames in a second'),
    });
    const sale = {
      saleId: 'too-much',
      soldAt: new Date().toISOString(),
      currency: 'EUR',
      total: 0,
      lines: [],
    };
    expect(await frame(line, { action: 'sales', sales: [sale] })).toMatchObject({ code: 'rate_limited' });
    const other = storeLine();
    await connect(webSocketEvent(other));
    expect(await frame(other, { action: 'ping' })).toMatchObject({ type: 'pong' });
    vi.advanceTimersByTime(1_000);
    expect(await frame(line, { action: 'ping' })).toMatchObject({ type: 'pong' });
  });
});
