/** Posts that a broadcast could not do: tried again, put off, and given up at last. */
import type { EventBridgeEvent } from 'aws-lambda';
import { afterEach, expect, it, vi } from 'vitest';
import { shardOf } from '../../../lambdas/aws/shard.ts';
import { handler as broadcast } from '../../../lambdas/broadcast.ts';
import type { GivenUp, Redelivery } from '../../../lambdas/fan-out/redelivery.ts';
import { handler as redeliver } from '../../../lambdas/redeliver.ts';
import { connectionsFromEnvironment } from '../../../lambdas/registry/connections.ts';
import { enterEnvironment, GIVEN_UP, REDELIVERY, startAws } from '../aws.ts';
import { captureLog, contextWith } from '../events.ts';
import { HOUR, isoTime } from '../updates.ts';
import { eventOf, fleetOf as fleetIn, priceEvent } from './published.ts';

const SHARDS = 3;
const MINUTE = 60_000;
const aws = await startAws();
enterEnvironment(aws, SHARDS);
captureLog();
afterEach(() => {
  aws.reset();
  vi.useRealTimers();
});

const connections = connectionsFromEnvironment();
const fleetOf = (count: number) => fleetIn(connections, count);
const postedTo = () => aws.posts.map(({ connectionId }) => connectionId).sort();
const redeliveries = () => aws.messages.map(({ body }) => body as Redelivery);

/** A broadcast none of whose posts succeed: its messages, as the queue hands them to the function. */
async function failedBroadcast(event: EventBridgeEvent<string, unknown>): Promise<string[]> {
  aws.statusOf = () => 403;
  await broadcast(event, contextWith(MINUTE));
  const bodies = redeliveries().map(body => JSON.stringify(body));
  aws.reset();
  return bodies;
}

const redeliverAll = (bodies: readonly string[], remainingMs = MINUTE) => {
  const Records = bodies.map((body, index) => ({ messageId: `m${index}`, body }));
  return redeliver({ Records } as Parameters<typeof redeliver>[0], contextWith(remainingMs));
};

it('posts the very frame again', async () => {
  const { to, ids, region } = await fleetOf(5);
  const event = priceEvent(to);
  expect(await redeliverAll(await failedBroadcast(event))).toEqual({ batchItemFailures: [] });
  expect(postedTo()).toEqual([...ids].sort());
  expect(aws.posts[0]?.frame).toMatchObject({ id: event.id, positions: { [`region/${region}`]: 1 } });
});

it('puts off the lines whose posts fail again, and those alone', async () => {
  const { to, ids } = await fleetOf(4);
  const event = priceEvent(to);
  const bodies = await failedBroadcast(event);
  aws.statusOf = connectionId => (ids[2] === connectionId ? 403 : 200);
  expect(await redeliverAll(bodies)).toEqual({ batchItemFailures: [] });
  expect(aws.posts).toHaveLength(3);
  expect(aws.messages).toMatchObject([
    {
      queue: REDELIVERY,
      body: { updateId: event.id, members: [{ connectionId: ids[2] }], attempts: 1 },
    },
  ]);
});

it('gives lines up that hang for long, with how many they are and how often they were tried', async () => {
  const { to, ids } = await fleetOf(3);
  const event = priceEvent(to);
  let bodies = await failedBroadcast(event);
  let attempts = 0;
  aws.statusOf = () => {
    attempts += 1;
    return 403;
  };
  for (let round = 0; bodies.length > 0; round += 1) {
    expect(round).toBeLessThan(10);
    await redeliverAll(bodies);
    const back = aws.messages.splice(0);
    bodies = back.filter(({ queue }) => queue === REDELIVERY).map(({ body }) => JSON.stringify(body));
    if (bodies.length === 0) aws.messages.push(...back);
  }
  expect(attempts).toBe(4 * 3);
  const [letter, ...more] = aws.messages;
  expect(more).toEqual([]);
  expect(letter).toMatchObject({
    queue: GIVEN_UP,
    body: { updateId: event.id, reason: '3 stores could not be posted to in 4 redeliveries' },
  });
  const { members } = (letter ?? { body: {} }).body as GivenUp;
  expect(members.map(({ connectionId }) => connectionId).sort()).toEqual([...ids].sort());
});

it('posts the other messages of a batch while the lines of one hang', async () => {
  const fleets = [await fleetOf(1), await fleetOf(1)];
  const bodies: string[] = [];
  for (const { to } of fleets) bodies.push(...(await failedBroadcast(priceEvent(to))));
  let answer: (status: number) => void = () => {};
  aws.statusOf = connectionId =>
    fleets[0]?.ids[0] === connectionId ? new Promise<number>(resolve => (answer = resolve)) : 200;
  const running = redeliverAll(bodies);
  await vi.waitFor(() => expect(postedTo()).toEqual(fleets[1]?.ids), 8_000);
  answer(200);
  expect(await running).toEqual({ batchItemFailures: [] });
});

it('does not put off an offer that is over by the time its posts have failed', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const { to } = await fleetOf(1);
  const validUntil = isoTime(Date.now() + HOUR);
  const detail = { offerId: 'O', title: 'T', skus: ['A'], discount: { percent: 5 }, validUntil, ...to };
  const bodies = await failedBroadcast(eventOf('OfferPublished', detail));
  aws.statusOf = () => {
    vi.setSystemTime(Date.now() + HOUR);
    return 403;
  };
  expect(await redeliverAll(bodies)).toEqual({ batchItemFailures: [] });
  expect(aws.messages).toEqual([]);
});

it('takes a line off that is gone, and is done with it', async () => {
  const { to, lines } = await fleetOf(1);
  const bodies = await failedBroadcast(priceEvent(to));
  aws.statusOf = () => 410;
  expect(await redeliverAll(bodies)).toEqual({ batchItemFailures: [] });
  expect(await Promise.all(lines.map(line => connections.isRegistered(line)))).toEqual([false]);
});

it('posts no offer that is over, and lets its message go', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const { to } = await fleetOf(2);
  const validUntil = isoTime(Date.now() + HOUR);
  const detail = { offerId: 'O', title: 'T', skus: ['A'], discount: { percent: 5 }, validUntil, ...to };
  const bodies = await failedBroadcast(eventOf('OfferPublished', detail));
  vi.setSystemTime(Date.now() + HOUR);
  expect(await redeliverAll(bodies)).toEqual({ batchItemFailures: [] });
  expect(aws.posts).toEqual([]);
});

it('keeps what it had no time for', async () => {
  const { to } = await fleetOf(2);
  const bodies = await failedBroadcast(priceEvent(to));
  expect(await redeliverAll(bodies, 1_000)).toEqual({ batchItemFailures: [] });
  expect(redeliveries().flatMap(({ members }) => members)).toHaveLength(2);
});

it.each<[string, string]>([
  ['of an update that is not in the log', JSON.stringify({ updateId: 'nowhere', members: [] })],
  ['that is no JSON', '{'],
])('gives back a message %s, and posts the others of its batch', async (_title, broken) => {
  const { to } = await fleetOf(2);
  const bodies = await failedBroadcast(priceEvent(to));
  const answer = await redeliverAll([broken, ...bodies]).catch((error: Error) => error);
  expect(aws.posts).toHaveLength(2);
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
});

it('names lines by the shard that they lie in', async () => {
  const { to, lines } = await fleetOf(6);
  const [body] = await failedBroadcast(priceEvent(to));
  const { members } = JSON.parse(String(body)) as Redelivery;
  const shards = lines.map(({ identity, connectionId }) => [
    connectionId,
    identity.role === 'store' ? shardOf(identity.storeId, SHARDS) : -1,
  ]);
  expect(Object.fromEntries(members.map(({ connectionId, shard }) => [connectionId, shard]))).toEqual(
    Object.fromEntries(shards),
  );
});
