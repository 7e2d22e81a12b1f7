/** One event from the bus to every line that it concerns, and what becomes of it where that fails. */
import { DeleteItemCommand, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { EventBridgeEvent } from 'aws-lambda';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { PriceBook } from '../../domain/book/price-book.ts';
import { parseEvent } from '../../domain/updates/published-events.ts';
import type { UpdateFrame } from '../../domain/updates/update.ts';
import { LeaseLostError } from '../../lambdas/aws/lease.ts';
import { shardOf } from '../../lambdas/aws/shard.ts';
import { handler as broadcast } from '../../lambdas/broadcast.ts';
import type { Redelivery } from '../../lambdas/fan-out/redelivery.ts';
import { connectionsFromEnvironment, type Line } from '../../lambdas/registry/connections.ts';
import { currentStateFromEnvironment } from '../../lambdas/updates/current-state.ts';
import { logWriterFromEnvironment } from '../../lambdas/updates/log-writer.ts';
import { CatchUp } from '../../lambdas/updates/missed-updates.ts';
import { publishedListFromEnvironment } from '../../lambdas/updates/published-list.ts';
import type { StateRest } from '../../lambdas/updates/state-work.ts';
import { updateLogFromEnvironment } from '../../lambdas/updates/update-log.ts';
import { patience } from '../patience.ts';
import { DEAD_LETTERS, enterEnvironment, REDELIVERY, startAws, TABLES } from './aws.ts';
import { captureLog, contextWith } from './events.ts';
import { eventOf, fleetOf as fleetIn, price, priceEvent } from './fan-out/published.ts';
import { HOUR, isoTime, sliceAfter, unique } from './updates.ts';

const SHARDS = 3;
const MINUTE = 60_000;
const aws = await startAws();
enterEnvironment(aws, SHARDS);
captureLog();
const connections = connectionsFromEnvironment();
const log = updateLogFromEnvironment();
const writer = logWriterFromEnvironment();
const published = publishedListFromEnvironment();
const current = currentStateFromEnvironment();
afterEach(() => {
  aws.reset();
  vi.useRealTimers();
});

const run = (event: EventBridgeEvent<string, unknown>, remainingMs = MINUTE, requestId?: string) =>
  broadcast(event, contextWith(remainingMs, requestId));

const fleetOf = (count: number) => fleetIn(connections, count);
const postedTo = () => aws.posts.map(({ connectionId }) => connectionId).sort();
const redeliveries = () => aws.messages.map(({ body }) => body as Redelivery);

describe('a broadcast', () => {
  it('posts one and the same frame to each store of its audience, and to no other', async () => {
    await fleetOf(2);
    const { to, region, ids } = await fleetOf(25);
    const event = priceEvent(to);
    expect(await run(event)).toMatchObject({ sent: 25, gone: 0, failed: 0 });
    expect(postedTo()).toEqual([...ids].sort());
    expect(new Set(aws.posts.map(({ frame }) => JSON.stringify(frame))).size).toBe(1);
    expect(aws.posts[0]?.frame).toMatchObject({
      type: 'update',
      id: event.id,
      kind: 'price.changed',
      positions: { [`region/${region}`]: 1 },
      data: { prices: [price] },
    });
  });

  it('is in the log before its first post', async () => {
    const { to, region } = await fleetOf(1);
    let entries: Promise<unknown[]> | undefined;
    aws.statusOf = () => {
      entries ??= sliceAfter(log, `region/${region}`, 0, Date.now()).then(slice => slice.entries);
      return 200;
    };
    await run(priceEvent(to));
    expect(await entries).toHaveLength(1);
  });

  // What prices were and will be, and what was withdrawn, is the state's matter, which follows the posts.
  it('reads as much before its first post for a hundred prices as for one', async () => {
    const { to } = await fleetOf(1);
    const readsOf = async (count: number, amount: number) => {
      const reads: string[] = [];
      let isPosted = false;
      aws.faultOf = operation => {
        if (!isPosted && /^(Query|GetItem|BatchGet|Scan)/.test(operation)) reads.push(operation);
        return undefined;
      };
      aws.statusOf = () => {
        isPosted = true;
        return 200;
      };
      const prices = Array.from({ length: count }, (_, index) => ({ ...price, sku: `A${index}`, amount }));
      await run(priceEvent({ ...to, prices }));
      aws.reset();
      expect(isPosted).toBe(true);
      return reads;
    };
    const one = await readsOf(1, 1);
    expect(one.length).toBeLessThanOrEqual(4);
    expect(await readsOf(100, 2)).toEqual(one);
  });

  it('leaves what the list, the log and the current state hold of it', async () => {
    const { to, region } = await fleetOf(0);
    const event = priceEvent({ ...to, updateId: unique('mine') });
    await run(event);
    const { updateId } = event.detail as { updateId: string };
    const channel = `region/${region}`;
    expect((await published.page(50)).found.map(({ update }) => update.id)).toContain(updateId);
    expect(await log.find(updateId)).toMatchObject({ positions: { [channel]: 1 } });
    expect((await current.after(channel, 0, 2, Date.now())).entries).toMatchObject([
      { update: { id: updateId } },
    ]);
  });

  it('reaches all others though lines are gone, and takes those off the registry', async () => {
    const { to, ids, lines } = await fleetOf(9);
    aws.statusOf = connectionId => (ids.indexOf(connectionId) % 3 === 0 ? 410 : 200);
    expect(await run(priceEvent(to))).toMatchObject({ sent: 6, gone: 3, failed: 0 });
    const left = await Promise.all(lines.map(line => connections.isRegistered(line)));
    expect(left).toEqual(lines.map((_, index) => index % 3 !== 0));
  });

  it('hands over what it could not post, a hundred lines a message', async () => {
    const { to, lines } = await fleetOf(130);
    aws.statusOf = () => 403;
    const event = priceEvent(to);
    expect(await run(event)).toMatchObject({ sent: 0, gone: 0, failed: 130 });
    expect(new Set(aws.messages.map(({ queue }) => queue))).toEqual(new Set([REDELIVERY]));
    for (const { members, updateId } of redeliveries()) {
      expect(updateId).toBe(event.id);
      expect(members.length).toBeLessThanOrEqual(100);
    }
    const handedOver = redeliveries().flatMap(({ members }) =>
      members.map(({ connectionId }) => connectionId),
    );
    expect(handedOver.sort()).toEqual(lines.map(({ connectionId }) => connectionId).sort());
  });

  it('hands over all that is left when its time runs out', async () => {
    const { to } = await fleetOf(4);
    expect(await run(priceEvent(to), 5_000)).toMatchObject({ sent: 0, gone: 0, failed: 4 });
    expect(redeliveries()[0]?.members).toHaveLength(4);
  });
});

describe('the parts of a price list', () => {
  // 20,000 prices ended in dead letters: each try for a position took the units of a whole part.
  it('claim positions by items of one write unit, and bring their list along', async () => {
    const { to, region } = await fleetOf(1);
    const prices = Array.from({ length: 250 }, (_, sku) => ({ ...price, sku: `SKU-${sku}` }));
    const { id } = priceEvent({});
    await run(priceEvent({ prices, priceList: 'list-1', ...to }, id));
    const { Item } = await aws.dynamodb.send(
      new GetItemCommand({
        TableName: TABLES.updates,
        Key: { channel: { S: `region/${region}` }, position: { N: '1' } },
      }),
    );
    expect(JSON.stringify(Item).length).toBeLessThan(1_024);
    expect((await sliceAfter(log, `region/${region}`, 0, Date.now())).entries[0]?.update.data).toEqual({
      prices,
    });
    expect(aws.posts[0]?.frame).not.toHaveProperty('priceList');
    expect((await published.page(50)).found.find(({ update }) => update.id === id)?.update).toMatchObject({
      priceList: 'list-1',
    });
  });

  it('outlast a partition that is throttled for seconds', { timeout: patience(60_000) }, async () => {
    const { to } = await fleetOf(1);
    let throttled = 0;
    aws.faultOf = operation => {
      if (operation !== 'UpdateItem' || throttled === 4) return undefined;
      throttled += 1;
      return 'throttle';
    };
    expect(await run(priceEvent(to))).toMatchObject({ sent: 1 });
  });
});

describe('the current state of an update in many channels', () => {
  it('is left to further invocations where the time of this one is over', async () => {
    const stores = Array.from({ length: 4 }, () => unique('s'));
    const prices = Array.from({ length: 15 }, (_, sku) => ({ ...price, sku: `SKU-${sku}` }));
    await run(priceEvent({ prices, audience: { stores } }), 10_000);
    const rests = () => aws.invocations as { state: StateRest }[];
    expect(rests()).toHaveLength(1);
    for (let next = 0; next < rests().length; next += 1)
      await broadcast(rests()[next] as { state: StateRest }, contextWith(10_000));
    for (const store of stores) {
      const { entries } = await current.after(`store/${store}`, 0, 2, Date.now());
      expect(entries[0]?.update.data.prices).toHaveLength(15);
    }
  });
});

describe('an event under its publisher’s own time', () => {
  it('is measured from when it came', async () => {
    const { to } = await fleetOf(1);
    const report = await run(priceEvent({ ...to, publishedAt: '2026-11-01T08:00:00.000Z' }));
    expect(report?.lagMs).toBeLessThan(MINUTE);
  });

  // Its first attempt crashed before it had stored anything, a newer price went through, and the retry won over that.
  it('or without one loses against what was published after it, though it is handled later', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-12-01T08:01:00.000Z') });
    const { to, region } = await fleetOf(1);
    const at = (time: string, amount: number) => ({
      ...priceEvent({ ...to, prices: [{ ...price, amount }] }),
      time,
    });
    await run(at('2026-12-01T08:00:10Z', 2));
    await run(at('2026-12-01T08:00:00Z', 1));
    const book = new PriceBook();
    for (const { frame } of aws.posts) book.apply(frame as unknown as UpdateFrame);
    expect(book.price('A', Date.now())?.amount).toBe(2);
    const { entries } = await current.after(`region/${region}`, 0, 3, Date.now());
    expect(entries.map(({ update }) => update.data.prices)).toMatchObject([[{ amount: 2 }]]);
  });
});

describe('an event of an offer that is handled after a later one is over', () => {
  // Stores that were away heard nothing of the later one, for nothing of the offer was running; then the older one held there alone.
  it('holds at no store that the later one was for, away or not', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-12-01T08:00:30.000Z') });
    const { to } = await fleetOf(2);
    const offer = { offerId: unique('offer'), title: 'O', skus: ['A'], discount: { percent: 10 }, ...to };
    const at = (time: string, validUntil: string) => ({
      ...eventOf('OfferPublished', { ...offer, validUntil }),
      time,
    });
    await run(at('2026-12-01T08:00:20Z', '2026-12-01T08:01:00.000Z'));
    vi.setSystemTime(Date.parse('2026-12-01T09:00:00.000Z'));
    const before = aws.posts.length;
    await run(at('2026-12-01T08:00:00Z', '2026-12-03T08:00:00.000Z'));
    const away = new PriceBook();
    const heard = aws.posts
      .slice(before)
      .filter(({ connectionId }) => connectionId === aws.posts[0]?.connectionId);
    for (const { frame } of heard) {
      away.apply(frame as unknown as UpdateFrame);
      expect(away.offers(Date.now())).toEqual([]);
    }
    expect(heard.map(({ frame }) => frame.kind)).toEqual(['offer.withdrawn', 'offer.published']);
  });

  it('comes to nothing at stores that return before the waves of the older one have begun', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-12-01T08:00:00.000Z') });
    const { to, region } = await fleetOf(1);
    const offer = { offerId: unique('offer'), title: 'O', skus: ['A'], discount: { percent: 10 }, ...to };
    const rollout = { waves: [{ percent: 100 }] };
    await run(eventOf('OfferPublished', { ...offer, validUntil: '2026-12-03T08:00:00.000Z', rollout }));
    vi.setSystemTime(Date.parse('2026-12-01T08:01:00.000Z'));
    await run(eventOf('OfferPublished', { ...offer, validUntil: '2026-12-01T08:02:00.000Z' }));
    const missed = new CatchUp({ log, current });
    const { updates } = await missed.page([`region/${region}`], { positions: {} }, Date.now() + HOUR);
    expect(updates.map(({ kind }) => kind)).toEqual(['offer.withdrawn']);
  });
});

describe('an event that comes again', () => {
  it('posts nothing and claims nothing, under its own id or as the same updateId', async () => {
    const { to, region } = await fleetOf(3);
    const event = priceEvent({ ...to, updateId: unique('mine') });
    await run(event);
    expect(await run(event)).toBeUndefined();
    expect(await run({ ...event, id: unique('e') })).toBeUndefined();
    expect(aws.posts).toHaveLength(3);
    expect(await log.newest([`region/${region}`])).toEqual({ [`region/${region}`]: 1 });
    expect(aws.messages).toEqual([]);
  });

  // Whoever took an id first once had the other's update taken for a repetition.
  it('with other content lies in the dead-letter queue as a conflict, and the first stays', async () => {
    const { to } = await fleetOf(1);
    const event = priceEvent(to);
    await run(event);
    const other = { ...event, detail: { prices: [{ ...price, amount: 1 }], ...to } };
    expect(await run(other)).toBeUndefined();
    expect(aws.posts).toHaveLength(1);
    expect(aws.messages).toMatchObject([
      {
        code: 'Conflict',
        body: { reason: `update ${event.id} was published with other content`, event: other },
      },
    ]);
    expect((await log.find(event.id))?.update.data).toEqual({ prices: [price] });
  });

  it('stamped anew, changes nothing', async () => {
    const { to } = await fleetOf(1);
    const event = priceEvent({ ...to, publishedAt: '2026-11-01T08:00:00.000Z' });
    await run(event);
    expect(
      await run(priceEvent({ ...to, publishedAt: '2026-11-01T08:00:05.000Z' }, event.id)),
    ).toBeUndefined();
    expect(aws.posts).toMatchObject([{ frame: { publishedAt: '2026-11-01T08:00:00.000Z' } }]);
    expect(aws.messages).toEqual([]);
  });

  it('goes on after a passing fault, on the position that was claimed', async () => {
    const { to, region } = await fleetOf(3);
    const event = priceEvent(to);
    // The registry can't be read: the log has the update already.
    let queries = 0;
    aws.faultOf = operation => {
      if (operation !== 'Query') return undefined;
      queries += 1;
      return queries > 1 ? 'refuse' : undefined;
    };
    await expect(run(event, MINUTE, 'request-1')).rejects.toThrow();
    expect(aws.posts).toEqual([]);
    aws.reset();
    // Another copy of the event can't tell whether the first still works: it is tried again later.
    await expect(run(event, MINUTE, 'request-2')).rejects.toThrow('another invocation is publishing');
    expect(aws.posts).toEqual([]);
    expect(await run(event, MINUTE, 'request-1')).toMatchObject({ sent: 3, gone: 0, failed: 0 });
    expect(aws.posts[0]?.frame).toMatchObject({ positions: { [`region/${region}`]: 1 } });
    expect(await log.newest([`region/${region}`])).toEqual({ [`region/${region}`]: 1 });
    expect(await run(event, MINUTE, 'request-2')).toBeUndefined();
  });
});

describe('an event that a replay brings out of an archive', () => {
  const replayed = (event: EventBridgeEvent<string, unknown>) => ({ ...event, 'replay-name': 'last-week' });

  it('changes nothing where its update was published', async () => {
    const { to, region } = await fleetOf(3);
    const event = priceEvent(to);
    await run(event);
    const published = await log.find(event.id);
    expect(await run(replayed(event))).toBeUndefined();
    expect(aws.posts).toHaveLength(3);
    expect(aws.messages).toEqual([]);
    expect(await log.newest([`region/${region}`])).toEqual({ [`region/${region}`]: 1 });
    expect(await log.find(event.id)).toEqual(published);
  });

  it.each<[string, object]>([
    ['its own id', {}],
    ["its detail's updateId", { updateId: 'named-by-marketing' }],
  ])('posts no old price once %s is forgotten, and lies in the dead-letter queue', async (_title, named) => {
    const { to, region } = await fleetOf(3);
    const event = priceEvent({ ...to, ...named });
    await run(event);
    // What DynamoDB's TTL does when twice the retention has passed.
    const { updateId = event.id } = event.detail as { updateId?: string };
    await aws.dynamodb.send(
      new DeleteItemCommand({
        TableName: TABLES.updates,
        Key: { channel: { S: `id/${updateId}` }, position: { N: '0' } },
      }),
    );
    expect(await run(replayed(event))).toBeUndefined();
    expect(aws.posts).toHaveLength(3);
    expect(await log.newest([`region/${region}`])).toEqual({ [`region/${region}`]: 1 });
    expect(aws.messages).toEqual([
      {
        queue: DEAD_LETTERS,
        code: 'Replayed',
        body: { reason: expect.stringMatching(/^replay last-week brings/), event: replayed(event) },
      },
    ]);
  });

  it('finishes what was cut off, as it was first published', async () => {
    const { to } = await fleetOf(3);
    const event = priceEvent(to);
    const before = Date.now() - HOUR;
    await writer.begin(parseEvent(event, before), 'a worker that died', before);
    expect(await run(replayed(event))).toMatchObject({ sent: 3, gone: 0, failed: 0 });
    expect(aws.posts[0]?.frame).toMatchObject({ publishedAt: isoTime(before) });
  });
});

describe('a broadcast that was cut off', () => {
  it('goes on behind its checkpoint, and posts to nobody before it again', async () => {
    const { to, lines } = await fleetOf(40);
    const event = priceEvent(to);
    const begun = await writer.begin(parseEvent(event, Date.now()), 'request', Date.now());
    if (begun.status !== 'begun') throw new Error('the update is new');
    const shards = byShard(lines);
    const checkpoint = Object.fromEntries(
      shards.map(([shard, members]) => [shard, `store#${members[4]?.storeId}`]),
    );
    await begun.work.lease.renew(checkpoint, Date.now());

    const rest = shards.flatMap(([, members]) => members.slice(5).map(({ connectionId }) => connectionId));
    expect(await run(event, MINUTE, 'request')).toMatchObject({ sent: rest.length, gone: 0, failed: 0 });
    expect(postedTo()).toEqual(rest.sort());
  });

  it('fails where another took over meanwhile, and leaves that one its checkpoint', async () => {
    const { to } = await fleetOf(3);
    const event = priceEvent(to);
    const answers: (() => void)[] = [];
    aws.statusOf = () => new Promise(resolve => answers.push(() => resolve(200)));
    const running = run(event, MINUTE, 'request');
    running.catch(() => {});
    await vi.waitFor(() => expect(answers).toHaveLength(3), 8_000);
    const { update } = (await log.find(event.id)) ?? {};
    if (update === undefined) throw new Error('the update is in work');
    const taken = await writer.begin(update, 'another', Date.now() + MINUTE);
    if (taken.status !== 'begun') throw new Error('the lease is over');
    let writes = 0;
    aws.faultOf = operation => {
      if (operation === 'UpdateItem') writes += 1;
      return undefined;
    };
    await vi.waitFor(() => expect(writes).toBeGreaterThan(0), 8_000);
    for (const answer of answers) answer();
    await expect(running).rejects.toThrow(LeaseLostError);
    const again = await writer.begin(update, 'another', Date.now() + MINUTE);
    expect(again).toMatchObject({ status: 'begun', work: { lease: { extent: {} } } });
    if (again.status === 'begun') await again.work.lease.finish();
  });

  it('hands over what it could not post each second, and only once', async () => {
    const { to, lines } = await fleetOf(12);
    const event = priceEvent(to);
    const last = byShard(lines)[0]?.[1].at(-1)?.connectionId ?? '';
    let answer: (status: number) => void = () => {};
    // All but one are refused at once; that one keeps the broadcast waiting over its first save.
    aws.statusOf = connectionId =>
      connectionId === last ? new Promise<number>(resolve => (answer = resolve)) : 403;
    const running = run(event, MINUTE, 'request');
    await vi.waitFor(() => expect(redeliveries().flatMap(({ members }) => members)).toHaveLength(11), 8_000);
    answer(200);
    expect(await running).toMatchObject({ sent: 1, gone: 0, failed: 11 });
    expect(redeliveries().flatMap(({ members }) => members)).toHaveLength(11);
  });

  /** By shard, in the order of their keys. */
  function byShard(lines: readonly Line[]): [number, { storeId: string; connectionId: string }[]][] {
    const shards = new Map<number, { storeId: string; connectionId: string }[]>();
    for (const { connectionId, identity } of lines) {
      const storeId = identity.role === 'store' ? identity.storeId : '';
      const shard = shardOf(storeId, SHARDS);
      shards.set(shard, [...(shards.get(shard) ?? []), { storeId, connectionId }]);
    }
    for (const members of shards.values()) members.sort((a, b) => (a.storeId < b.storeId ? -1 : 1));
    return [...shards];
  }
});

describe('an event that can never succeed', () => {
  const offer = { offerId: 'O', title: 'Two for one', skus: ['A'], discount: { percent: 50 } };
  const prices = Array.from({ length: 900 }, (_, index) => ({ ...price, sku: `SKU-${index}` }));

  it.each<[code: string, reason: RegExp, event: EventBridgeEvent<string, unknown>]>([
    ['UnknownDetailType', /unknown detail-type 'Toaster'/, eventOf('Toaster', {})],
    [
      'InvalidEvent',
      /^prices\.0\.amount: must not be negative$/,
      priceEvent({ prices: [{ ...price, amount: -1 }] }),
    ],
    ['Expired', /already past/, eventOf('OfferPublished', { ...offer, validUntil: '2020-01-01T00:00:00Z' })],
    ['TooLarge', /more than the 30000 of a frame/, priceEvent({ prices })],
  ])(
    'ends with its reason in the dead-letter queue, and reaches no store: %s',
    async (code, reason, event) => {
      await fleetOf(1);
      expect(await run(event)).toBeUndefined();
      expect(aws.messages).toEqual([
        { queue: DEAD_LETTERS, code, body: { reason: expect.stringMatching(reason), event } },
      ]);
      expect(aws.posts).toEqual([]);
      expect(await log.find(event.id)).toBeUndefined();
    },
  );

  it('is tried again where the dead-letter queue takes nothing', async () => {
    aws.faultOf = operation => (operation === 'SendMessage' ? 'refuse' : undefined);
    await expect(run(eventOf('Toaster', {}))).rejects.toThrow();
  });
});
