import { DeleteItemCommand, GetItemCommand, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, describe, expect, it } from 'vitest';
import type { Positions, Update } from '../../../domain/updates/update.ts';
import { LeaseLostError } from '../../../lambdas/aws/lease.ts';
import { LogWriter, type UpdateWork } from '../../../lambdas/updates/log-writer.ts';
import { PublishedList } from '../../../lambdas/updates/published-list.ts';
import { UpdateLog } from '../../../lambdas/updates/update-log.ts';
import { startAws, TABLES } from '../aws.ts';
import { CrashError, crashingClient } from '../crashing-client.ts';
import { audience, DAY, HOUR, NOW, priceUpdate, sliceAfter, unique } from '../updates.ts';

const RETENTION_DAYS = 30;
/** Holds what no test says otherwise of. */
const WORKER = 'request-1';
const aws = await startAws();
const options = { table: TABLES.updates, retentionDays: RETENTION_DAYS };
const log = new UpdateLog({ client: aws.dynamodb, table: TABLES.updates });
const writer = openWriter();
afterEach(() => aws.reset());

function openWriter(client = aws.dynamodb): LogWriter {
  return new LogWriter({ client, ...options });
}

/** Takes up an update that nobody else has in work. */
async function begin(update: Update, holder = WORKER, now = NOW, through = writer): Promise<UpdateWork> {
  const beginning = await through.begin(update, holder, now);
  if (beginning.status !== 'begun') throw new Error(`update ${update.id} is ${beginning.status}`);
  return beginning.work;
}

/** All that a broadcast does with the log. */
async function publish(update: Update, now = NOW, through = writer): Promise<Positions> {
  const work = await begin(update, WORKER, now, through);
  const { positions } = await through.append(work, now);
  await work.lease.finish();
  return positions;
}

const toRegion = (region: string, changes: Parameters<typeof priceUpdate>[0] = {}) =>
  priceUpdate({ audience: audience({ regions: [region] }), ...changes });

/** A channel with updates published at these times. */
async function channelWith(times: readonly number[]): Promise<{ channel: string; ids: string[] }> {
  const region = unique('r');
  const ids: string[] = [];
  for (const now of times) {
    const update = toRegion(region);
    await publish(update, now);
    ids.push(update.id);
  }
  return { channel: `region/${region}`, ids };
}

const idsAfter = async (channel: string, position: number, now = NOW) =>
  (await sliceAfter(log, channel, position, now)).entries.map(({ update }) => update.id);

const keyOf = (channel: string, position: number) => ({
  channel: { S: channel },
  position: { N: String(position) },
});

async function expiryOf(channel: string, position: number): Promise<number | undefined> {
  const { Item } = await aws.dynamodb.send(
    new GetItemCommand({ TableName: TABLES.updates, Key: keyOf(channel, position), ConsistentRead: true }),
  );
  if (Item === undefined) throw new Error(`${channel} has no position ${position}`);
  return Item.expiresAt === undefined ? undefined : Number(Item.expiresAt.N) * 1000;
}

async function positionsIn(channel: string): Promise<{ position: number; id: string | undefined }[]> {
  const { Items = [] } = await aws.dynamodb.send(
    new QueryCommand({
      TableName: TABLES.updates,
      KeyConditionExpression: 'channel = :channel',
      ExpressionAttributeValues: { ':channel': { S: channel } },
      ConsistentRead: true,
    }),
  );
  return Items.map(({ position, updateId }) => ({ position: Number(position?.N), id: updateId?.S }));
}

describe('positions', () => {
  it('run 1, 2, 3 in every channel, though 30 updates are appended at once by several workers', async () => {
    const names = { regions: [unique('r'), unique('r')], groups: [unique('g')], stores: [unique('s')] };
    const audiences = [
      audience(names),
      audience({ regions: names.regions.slice(0, 1) }),
      audience({ regions: names.regions.slice(1), stores: names.stores }),
    ];
    const updates = Array.from({ length: 30 }, (_, index) => priceUpdate({ audience: audiences[index % 3] }));
    const writers = Array.from({ length: 4 }, () => openWriter());
    const claimed = await Promise.all(
      updates.map((update, index) => publish(update, NOW, writers[index % writers.length])),
    );

    const channels = new Set(claimed.flatMap(positions => Object.keys(positions)));
    expect(channels.size).toBe(4);
    for (const channel of channels) {
      const expected = updates
        .map(({ id }, index) => ({ position: claimed[index]?.[channel], id }))
        .filter(({ position }) => position !== undefined)
        .sort((a, b) => (a.position ?? 0) - (b.position ?? 0));
      expect(expected.map(({ position }) => position)).toEqual(expected.map((_, index) => index + 1));
      expect(await positionsIn(channel)).toEqual(expected);
    }
  });

  it('of an update in several channels are known in each of them', async () => {
    const [region, store] = [unique('r'), unique('s')];
    await publish(toRegion(region));
    const update = priceUpdate({ audience: audience({ regions: [region], stores: [store] }) });
    const positions = { [`region/${region}`]: 2, [`store/${store}`]: 1 };
    expect(await publish(update)).toEqual(positions);
    for (const [channel, position] of Object.entries(positions)) {
      const { entries } = await sliceAfter(log, channel, position - 1, NOW);
      expect(entries).toMatchObject([{ position, update: { id: update.id, positions } }]);
    }
    expect((await log.find(update.id))?.positions).toEqual(positions);
  });

  it('of many channels are all claimed', async () => {
    const stores = Array.from({ length: 40 }, () => unique('s'));
    const positions = await publish(priceUpdate({ audience: audience({ stores }) }));
    expect(positions).toEqual(Object.fromEntries(stores.map(store => [`store/${store}`, 1])));
  });

  it('are 0 where nothing was published', async () => {
    const { channel } = await channelWith([NOW, NOW]);
    expect(await log.newest([channel, 'region/nowhere'])).toEqual({ [channel]: 2, 'region/nowhere': 0 });
  });
});

describe('a worker that dies', () => {
  /** Publishes until the client crashes; false once it lives to the end. */
  async function crashes(update: Update, last: number): Promise<boolean> {
    const { client, settled } = crashingClient(aws.endpoint, last);
    try {
      await publish(update, NOW, openWriter(client));
      return false;
    } catch (error) {
      if (!(error instanceof CrashError)) throw error;
      return true;
    } finally {
      await settled();
    }
  }

  /** What the retry ends with: the one that died after its last call has nothing left to do. */
  async function retry(update: Update, holder: string, afterMs: number): Promise<Positions> {
    const beginning = await writer.begin(update, holder, NOW + afterMs);
    if (beginning.status === 'begun') {
      await writer.append(beginning.work, NOW + afterMs);
      await beginning.work.lease.finish();
    } else expect(beginning.status).toBe('done');
    return (await log.find(update.id))?.positions ?? {};
  }

  it.each([
    ['its own retry', WORKER, 2_000],
    ['another invocation, once its lease has run out,', 'request-2', 60_000],
  ])(
    'after any of its calls leaves nothing that %s would claim twice or end otherwise',
    async (_title, holder, afterMs) => {
      let last = 0;
      for (let crashed = true; crashed; last += 1) {
        const [region, group] = [unique('r'), unique('g')];
        const channels = [`region/${region}`, `group/${group}`];
        await publish(toRegion(region));
        const update = priceUpdate({ audience: audience({ regions: [region], groups: [group] }) });
        crashed = await crashes(update, last);
        if (!crashed) break;
        // Others go on meanwhile.
        const other = priceUpdate({ audience: audience({ regions: [region], groups: [group] }) });
        await publish(other, NOW + 1_000);
        const positions = await retry(update, holder, afterMs);

        expect(Object.keys(positions).sort(), `crash after call ${last}`).toEqual(channels.sort());
        for (const channel of channels) {
          const claims = await positionsIn(channel);
          expect(claims.map(({ position }) => position)).toEqual(claims.map((_, index) => index + 1));
          const own = claims.filter(({ id }) => id === update.id);
          expect(own).toEqual([{ position: positions[channel], id: update.id }]);
          const sent = (await sliceAfter(log, channel, 0, NOW + afterMs)).entries.map(entry => entry.update);
          expect(sent).toHaveLength(claims.length);
          expect(sent.find(({ id }) => id === update.id)?.positions).toEqual(positions);
          expect(await expiryOf(channel, claims.length)).toBeUndefined();
          for (let position = 1; position < claims.length; position += 1)
            expect(await expiryOf(channel, position)).toBeGreaterThan(NOW);
        }
      }
      expect(last).toBeGreaterThan(8);
    },
  );

  // The SDK repeats a request whose answer was lost, and meets its own first attempt.
  it.each(['PutItem', 'UpdateItem'])(
    'is not what a lost answer to %s means: its own lease keeps nobody off',
    async lost => {
      const update = toRegion(unique('r'));
      if (lost === 'UpdateItem') await writer.begin(update, WORKER, NOW);
      let isLost = false;
      aws.faultOf = operation => {
        if (operation !== lost || isLost) return undefined;
        isLost = true;
        return 'lose the answer';
      };
      const first = await writer.begin(update, WORKER, NOW + 60_000);
      expect(isLost).toBe(true);
      // Where it can't tell at once, it is held by itself: then Lambda's retry, which has the same id, can.
      const retried = first.status === 'held' ? await writer.begin(update, WORKER, NOW + 61_000) : first;
      expect(retried.status).toBe('begun');
    },
  );

  it('leaves its positions alone when every other answer is lost', async () => {
    const [region, group] = [unique('r'), unique('g')];
    const update = priceUpdate({ audience: audience({ regions: [region], groups: [group] }) });
    const work = await begin(update);
    let calls = 0;
    aws.faultOf = operation => {
      calls += 1;
      return operation === 'PutItem' && calls % 2 === 1 ? 'lose the answer' : undefined;
    };
    const { positions } = await writer.append(work, NOW);
    expect(positions).toEqual({ [`region/${region}`]: 1, [`group/${group}`]: 1 });
    expect(await positionsIn(`region/${region}`)).toHaveLength(1);
  });
});

describe('a repeated event', () => {
  const OTHER = 'request-2';

  it('is held while another works on it, and done once that is through', async () => {
    const update = toRegion(unique('r'));
    const work = await begin(update);
    expect(await writer.begin(update, OTHER, NOW + 29_999)).toEqual({ status: 'held' });
    await work.lease.renew({ 0: 'store#s1' }, NOW + 20_000);
    expect(await writer.begin(update, OTHER, NOW + 49_999)).toEqual({ status: 'held' });
    await writer.append(work, NOW);
    await work.lease.finish();
    for (const holder of [WORKER, OTHER]) {
      expect(await writer.begin(update, holder, NOW + 20_000)).toEqual({ status: 'done' });
      expect(await writer.begin(update, holder, NOW + 10 * DAY)).toEqual({ status: 'done' });
    }
  });

  it('goes on at once where it is the retry of the one that holds it, from its last checkpoint', async () => {
    const update = toRegion(unique('r'));
    const { lease } = await begin(update);
    await lease.renew({ 0: 'store#s1', 2: 'store#s9' }, NOW + 1);
    const retried = await begin(update, WORKER, NOW + 2);
    expect(retried.lease.extent).toEqual({ checkpoint: { 0: 'store#s1', 2: 'store#s9' } });
  });

  it('takes over once the lease has run out, with the first time of publication', async () => {
    const first = toRegion(unique('r'));
    await writer.begin(first, WORKER, NOW);
    const repeated = { ...first, publishedAt: '2027-01-01T00:00:00.000Z' };
    const { lease, newestBefore, update } = await begin(repeated, OTHER, NOW + 30_000);
    expect(update).toEqual(first);
    expect(newestBefore).toEqual({ [`region/${first.audience?.regions[0]}`]: 0 });
    expect(lease.extent).toEqual({});
    // From now on the first is the one that is kept off.
    expect((await writer.begin(first, WORKER, NOW + 30_001)).status).toBe('held');
  });

  // A worker that Lambda had frozen for longer than its lease wakes up while another one is at work.
  it('once it has taken over, is disturbed no more by the worker that it took over from', async () => {
    const update = toRegion(unique('r'));
    const late = await begin(update);
    const current = await begin(update, OTHER, NOW + 30_000);
    await current.lease.renew({ 0: 'store#s5' }, NOW + 30_001);
    const writes = [
      () => late.lease.renew({ 0: 'store#s1' }, NOW + 90_000),
      () => late.lease.cut({ 0: 'store#s2' }),
      () => late.lease.finish(),
    ];
    for (const write of writes) await expect(write()).rejects.toThrow(LeaseLostError);
    const retried = await begin(update, OTHER, NOW + 30_002);
    expect(retried.lease.extent).toEqual({ checkpoint: { 0: 'store#s5' } });
    await retried.lease.finish();
  });

  it('takes over once, of several that try at the same moment', async () => {
    const update = toRegion(unique('r'));
    await writer.begin(update, WORKER, NOW);
    const tried = await Promise.all(
      Array.from({ length: 5 }, (_, index) => openWriter().begin(update, `other-${index}`, NOW + 60_000)),
    );
    expect(tried.filter(({ status }) => status === 'begun')).toHaveLength(1);
    expect(tried.filter(({ status }) => status === 'held')).toHaveLength(4);
  });
});

describe('the expiry of an entry', () => {
  it('counts from the hour of its successor, outlasts the reach of the log, and the newest has none', async () => {
    const { channel } = await channelWith([NOW, NOW + 5 * DAY, NOW + 9 * DAY]);
    const kept = (RETENTION_DAYS * 24 + 1) * HOUR + 600_000;
    expect(await expiryOf(channel, 1)).toBe(NOW + 5 * DAY + kept);
    expect(await expiryOf(channel, 2)).toBe(NOW + 9 * DAY + kept);
    expect(await expiryOf(channel, 3)).toBeUndefined();
  });
});

describe('what lies past a position', () => {
  it('comes in order, as far as one page reads', async () => {
    const { channel, ids } = await channelWith(Array.from({ length: 123 }, () => NOW));
    const first = await sliceAfter(log, channel, 0, NOW);
    expect(first).toMatchObject({ hasMore: true, lostBefore: undefined });
    expect(first.entries.map(({ position }) => position)).toEqual(first.entries.map((_, index) => index + 1));
    const last = first.entries.at(-1)?.position ?? 0;
    expect(await idsAfter(channel, last)).toEqual(ids.slice(last));
    expect(await sliceAfter(log, channel, 123, NOW)).toEqual({
      entries: [],
      hasMore: false,
      lostBefore: undefined,
    });
  });

  it('is the same out of what was read before, also after more was published', async () => {
    const { channel, ids } = await channelWith([NOW, NOW, NOW]);
    expect(await idsAfter(channel, 0)).toEqual(ids);
    expect(await idsAfter(channel, 0)).toEqual(ids);
    const update = toRegion(channel.slice('region/'.length));
    await publish(update);
    expect(await idsAfter(channel, 1)).toEqual([...ids.slice(1), update.id]);
    expect(await idsAfter(channel, 0)).toEqual([...ids, update.id]);
  });

  it('ends before an update whose other channels are not claimed yet, for five minutes', async () => {
    const [region, group] = [unique('r'), unique('g')];
    const channel = `region/${region}`;
    const first = toRegion(region);
    await publish(first);
    const incomplete = priceUpdate({ audience: audience({ regions: [region], groups: [group] }) });
    await publish(incomplete);
    const next = toRegion(region);
    await publish(next);
    await aws.dynamodb.send(
      new UpdateItemCommand({
        TableName: TABLES.updates,
        Key: keyOf(`id/${incomplete.id}`, 0),
        UpdateExpression: 'REMOVE positions',
      }),
    );

    expect(await sliceAfter(log, channel, 0, NOW + 299_999)).toMatchObject({
      entries: [{ position: 1, update: { id: first.id } }],
      hasMore: false,
      lostBefore: undefined,
    });
    expect(await sliceAfter(log, channel, 0, NOW + 300_000)).toMatchObject({
      entries: [
        { position: 1 },
        { position: 2, update: { id: incomplete.id, positions: { [channel]: 2 } } },
        { position: 3, update: { id: next.id } },
      ],
    });
  });
});

describe('a log that no longer reaches back', () => {
  /** The first has expired: its successor came a day later. */
  const far = NOW + (RETENTION_DAYS + 1) * DAY + 2 * HOUR;

  it.each<[title: string, position: number, lostBefore: number | undefined]>([
    ['before what has expired', 0, 2],
    ['on the last that has expired', 1, undefined],
    ['on the first that is there', 2, undefined],
    ['on the newest', 3, undefined],
    ['past the newest', 4, 1],
  ])('is told from a store that stands %s', async (_title, position, lostBefore) => {
    const { channel } = await channelWith([NOW, NOW + 1 * DAY, NOW + 2 * DAY]);
    expect((await sliceAfter(log, channel, 0, far - 2 * HOUR)).lostBefore).toBeUndefined();
    expect((await sliceAfter(log, channel, position, far)).lostBefore).toBe(lostBefore);
    // DynamoDB deletes it up to two days later.
    await deleteEntry(channel, 1);
    expect((await sliceAfter(log, channel, position, far)).lostBefore).toBe(lostBefore);
  });

  it('starts with the oldest hour that it reaches, and behind its newest entry once it was quiet for that long', async () => {
    const { channel } = await channelWith([NOW, NOW + 1, NOW + DAY, NOW + DAY + 1, NOW + 2 * DAY]);
    const reach = (RETENTION_DAYS * 24 + 1) * HOUR;
    for (const [at, start] of [
      [NOW + reach - 1, 1],
      [NOW + reach, 3],
      [NOW + DAY + reach, 5],
      [NOW + 1_000 * DAY, 6],
    ] as const)
      expect(await log.start(channel, at)).toBe(start);
  });

  // Whoever took all from the start meanwhile passed them: the hour had the position of whoever was done first, or was not noted yet.
  it('starts no later than what is still on its way into it', async () => {
    const region = unique('r');
    const channel = `region/${region}`;
    const begun = await Promise.all([1, 2].map(() => writer.begin(toRegion(region), unique('worker'), NOW)));
    const starts: number[] = [];
    for (const beginning of begun.reverse()) {
      if (beginning.status !== 'begun') throw new Error('it is not begun');
      await writer.append(beginning.work, NOW, async update => {
        starts.push(await log.start(channel, NOW));
        return { update };
      });
    }
    expect(starts).toEqual([1, 1]);
    expect(await log.start(channel, NOW)).toBe(1);
  });

  it('is none of a quiet channel, however long ago its last update was', async () => {
    const { channel, ids } = await channelWith([NOW, NOW + 1]);
    const later = NOW + 1_000 * DAY;
    expect(await sliceAfter(log, channel, 2, later)).toEqual({
      entries: [],
      hasMore: false,
      lostBefore: undefined,
    });
    expect(await sliceAfter(log, channel, 1, later)).toMatchObject({ lostBefore: undefined });
    expect(await idsAfter(channel, 1, later)).toEqual(ids.slice(1));
    expect((await sliceAfter(log, channel, 0, later)).lostBefore).toBe(2);
  });

  it('is none of a channel without updates', async () => {
    expect(await sliceAfter(log, 'region/empty', 0, NOW)).toEqual({
      entries: [],
      hasMore: false,
      lostBefore: undefined,
    });
    expect((await sliceAfter(log, 'region/empty', 3, NOW)).lostBefore).toBe(1);
    expect(await log.start('region/empty', NOW)).toBe(1);
  });

  // A page of nothing but expired entries once said neither that it is truncated nor where to go on.
  it('is told though a whole page of expired entries is not deleted yet', async () => {
    const { channel } = await channelWith(Array.from({ length: 130 }, () => NOW));
    const later = NOW + (RETENTION_DAYS + 1) * DAY;
    expect(await log.start(channel, later)).toBe(131);
    expect((await sliceAfter(log, channel, 0, later)).lostBefore).toBe(1);
  });

  it('is told by a gap in it: what lies beyond one is not all that was missed', async () => {
    const { channel } = await channelWith([NOW, NOW, NOW, NOW]);
    await deleteEntry(channel, 2);
    expect((await sliceAfter(log, channel, 0, NOW)).lostBefore).toBe(3);
    expect((await sliceAfter(log, channel, 2, NOW)).lostBefore).toBeUndefined();
  });

  async function deleteEntry(channel: string, position: number): Promise<void> {
    await aws.dynamodb.send(
      new DeleteItemCommand({ TableName: TABLES.updates, Key: keyOf(channel, position) }),
    );
  }
});

describe('the list of what was published', () => {
  it('is newest first, pages, and has an update once though it is entered again', async () => {
    // Far from the times of other tests: the list is one for the whole chain.
    const at = (seconds: number) =>
      new Date(Date.parse('2031-01-01T00:00:00Z') + seconds * 1000).toISOString();
    const updates = [0, 1, 1, 1, 2].map(seconds => toRegion('north', { publishedAt: at(seconds) }));
    const list = new PublishedList({ client: aws.dynamodb, ...options });
    for (const update of [...updates, ...updates]) await list.enter(update, NOW);

    const { found: first, hasMore } = await list.page(3);
    const { found: rest } = await list.page(3, first.at(-1)?.place);
    expect(hasMore).toBe(true);
    const listed = [...first, ...rest].map(({ update }) => update.id).slice(0, 5);
    expect(listed).toEqual(updates.map(({ id }) => id).reverse());
    expect(first[0]?.update).toMatchObject({
      kind: 'price.changed',
      audience: audience({ regions: ['north'] }),
    });
    expect(first[0]?.update).not.toHaveProperty('data');
  });
});
