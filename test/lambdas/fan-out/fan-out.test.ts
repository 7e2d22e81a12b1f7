/** A broadcast that is too large for one worker: who posts to whom, and what a copy or a crash of any of them does. */
import type { EventBridgeEvent } from 'aws-lambda';
import { afterEach, describe, expect, it } from 'vitest';
import { LeaseLostError } from '../../../lambdas/aws/lease.ts';
import { handler as broadcast } from '../../../lambdas/broadcast.ts';
import { accountBucketFromEnvironment } from '../../../lambdas/fan-out/account-bucket.ts';
import { fanOutFromEnvironment } from '../../../lambdas/fan-out/fan-out.ts';
import { posterFromEnvironment } from '../../../lambdas/fan-out/poster.ts';
import type { Assignment } from '../../../lambdas/fan-out/share-reader.ts';
import type { Share } from '../../../lambdas/fan-out/shares.ts';
import { connectionsFromEnvironment } from '../../../lambdas/registry/connections.ts';
import { enterEnvironment, startAws } from '../aws.ts';
import { captureLog, contextWith } from '../events.ts';
import { audience, priceUpdate, unique } from '../updates.ts';

const fanOut = () =>
  fanOutFromEnvironment({
    connections: connectionsFromEnvironment(),
    poster: posterFromEnvironment(accountBucketFromEnvironment()),
  });

const [SHARDS, PER_WORKER] = [3, 5];
const aws = await startAws();
enterEnvironment(aws, SHARDS, PER_WORKER);
captureLog();
afterEach(() => aws.reset());
const connections = connectionsFromEnvironment();

type Invocation = { share: Share };

async function fleetOf(
  count: number,
): Promise<{ region: string; storeIds: string[]; connectionIds: string[] }> {
  const region = unique('r');
  const storeIds = Array.from({ length: count }, () => unique('s'));
  for (const storeId of storeIds) {
    const identity = { role: 'store', storeId, region, groups: [] } as const;
    await connections.register(
      { identity, connectionId: `c-${storeId}`, connectedAt: Date.now() },
      Date.now(),
    );
  }
  return { region, storeIds, connectionIds: storeIds.map(storeId => `c-${storeId}`).sort() };
}

function eventTo(audience: object, change: object = {}): EventBridgeEvent<string, unknown> {
  const detail = { prices: [{ sku: 'A', amount: 199, currency: 'EUR' }], audience, ...change };
  return { id: unique('e'), 'detail-type': 'PriceChanged', detail, source: 'marketing' } as never;
}

/** Runs what was invoked, and what that invokes, until nothing is left. */
async function runInvocations(run = (invocation: Invocation) => work(invocation)): Promise<Share[]> {
  const shares: Share[] = [];
  while (aws.invocations.length > 0) {
    const invocation = aws.invocations.shift() as Invocation;
    shares.push(invocation.share);
    await run(invocation);
  }
  return shares;
}

const work = (invocation: Invocation, requestId?: string) =>
  broadcast(invocation, contextWith(60_000, requestId));
const postedTo = () => aws.posts.map(({ connectionId }) => connectionId).sort();

describe('a fleet beyond one worker', () => {
  it('is posted to by several, each store once, and each by no more than its share', async () => {
    const { region, connectionIds } = await fleetOf(40);
    expect(await broadcast(eventTo({ regions: [region] }), contextWith(60_000))).toMatchObject({
      sent: PER_WORKER,
    });
    const reports: unknown[] = [];
    const shares = await runInvocations(async invocation => void reports.push(await work(invocation)));
    expect(postedTo()).toEqual(connectionIds);
    for (const report of reports) expect((report as { sent: number }).sent).toBeLessThanOrEqual(PER_WORKER);
    expect(new Set(shares.map(({ shard }) => shard))).toEqual(new Set([0, 1, 2]));
    expect(Math.max(...shares.map(({ depth }) => depth))).toBeGreaterThan(1);
  });

  it('gets one and the same frame from all of them', async () => {
    const { region } = await fleetOf(12);
    await broadcast(eventTo({ regions: [region] }), contextWith(60_000));
    await runInvocations();
    expect(new Set(aws.posts.map(({ frame }) => JSON.stringify(frame))).size).toBe(1);
  });

  it('is posted to once where each invocation comes twice, side by side or later', async () => {
    const { region, connectionIds } = await fleetOf(30);
    await broadcast(eventTo({ regions: [region] }), contextWith(60_000));
    await runInvocations(async invocation => {
      await Promise.all([work(invocation), work(invocation)]);
      await work(invocation);
    });
    expect(postedTo()).toEqual(connectionIds);
  });

  it('is posted to once where a worker dies as it hands over, and its retry goes on', async () => {
    const { region, connectionIds } = await fleetOf(30);
    const event = eventTo({ regions: [region] });
    let invoked = 0;
    aws.faultOf = operation => {
      if (operation !== 'Invoke') return undefined;
      invoked += 1;
      // The first is through, the others are not.
      return invoked === 1 ? 'lose the answer' : 'refuse';
    };
    await expect(broadcast(event, contextWith(60_000, 'request'))).rejects.toThrow();
    aws.faultOf = () => undefined;
    // A store that comes on the line between the attempts moves nobody's share.
    await fleetOf(1);
    await broadcast(event, contextWith(60_000, 'request'));
    await runInvocations();
    expect(postedTo()).toEqual(connectionIds);
  });

  it('is all posted to by the last worker that may invoke another', async () => {
    const { region, connectionIds } = await fleetOf(30);
    await broadcast(eventTo({ regions: [region] }), contextWith(60_000));
    await runInvocations(({ share }) => work({ share: { ...share, depth: 8 } }));
    expect(aws.invocations).toEqual([]);
    expect(postedTo()).toEqual(connectionIds);
  });

  it('is left alone by workers that come when the offer is over', async () => {
    const { region } = await fleetOf(12);
    const offer = { offerId: 'O', title: 'T', skus: ['A'], discount: { percent: 5 } };
    const validUntil = new Date(Date.now() + 500).toISOString();
    const event = eventTo({ regions: [region] }, { prices: undefined, ...offer, validUntil });
    await broadcast({ ...event, 'detail-type': 'OfferPublished' }, contextWith(60_000));
    const before = aws.posts.length;
    await expect.poll(() => Date.now()).toBeGreaterThanOrEqual(Date.parse(validUntil));
    await runInvocations();
    expect(aws.posts.length).toBe(before);
  });
});

describe('a worker whose share another has taken over', () => {
  async function assignment(count: number, lease: Partial<Assignment['lease']>): Promise<Assignment> {
    const { region } = await fleetOf(count);
    const update = priceUpdate({ audience: audience({ regions: [region] }) });
    const positions = { [`region/${region}`]: 1 };
    const nothing = async () => {};
    return { update, positions, lease: { extent: {}, renew: nothing, cut: nothing, ...lease } };
  }
  const lost = new LeaseLostError('another invocation has taken over the work');

  it('stops: it posts to nobody again, and hands nothing over', async () => {
    let release = () => {};
    const isReleased = new Promise<void>(resolve => {
      release = resolve;
    });
    let posts = 0;
    aws.statusOf = async () => {
      posts += 1;
      await isReleased;
      return 500;
    };
    const renew = async () => {
      setImmediate(release);
      throw lost;
    };
    const work = fanOut().run(await assignment(3, { renew }), contextWith(60_000));
    await expect(work).rejects.toThrow(LeaseLostError);
    expect(posts).toBe(3);
    expect(aws.messages).toEqual([]);
  });

  it('gives nothing away', async () => {
    const cut = async () => {
      throw lost;
    };
    const work = fanOut().run(await assignment(12, { cut }), contextWith(60_000));
    await expect(work).rejects.toThrow(LeaseLostError);
    expect(aws.invocations).toEqual([]);
  });
});

it('an audience that only names stores is one share, however many they are', async () => {
  const { storeIds, connectionIds } = await fleetOf(12);
  await broadcast(eventTo({ stores: storeIds }), contextWith(60_000));
  expect(aws.invocations).toEqual([]);
  // Posts of the work that was stopped above may still arrive.
  expect(postedTo().filter(id => connectionIds.includes(id))).toEqual(connectionIds);
});
