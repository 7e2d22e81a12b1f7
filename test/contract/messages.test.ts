/** Messages of any topic, both ways: from the bus to stores, and from stores to the outbound bus. */
import { expect, test } from 'vitest';
import { deadLetterOf } from './dead-letters.ts';
import { outboundEvents } from './outbound.ts';
import { connectStore } from './store.ts';
import { openSystem, unique } from './system.ts';

const system = await openSystem();

test('a message reaches its audience with its data as it is, and has a receipt', async () => {
  const store = await connectStore(system);
  const other = await connectStore(system);
  const data = { text: 'Rückruf', skus: ['4006381333931'], nested: [null, { deep: true }] };
  const audience = { stores: [store.storeId] };
  const id = await system.publish('MessagePublished', { topic: 'recall', data, audience });
  expect(await store.update(id)).toMatchObject({
    kind: 'message.published',
    positions: { [`store/${store.storeId}`]: 1 },
    validFrom: null,
    validUntil: null,
    data: { topic: 'recall', data },
  });
  store.send({ action: 'applied', updates: [{ id, appliedAt: new Date().toISOString() }] });
  expect(await store.answer()).toMatchObject({ type: 'applied.accepted', ids: [id] });
  const delivery = await system.request('GET', `updates/${id}/delivery`);
  expect(await delivery.json()).toMatchObject({ targeted: 1, applied: 1, pending: 0 });
  const marker = await system.publish('MessagePublished', {
    topic: 'marker',
    data: null,
    audience: { stores: [other.storeId] },
  });
  await other.update(marker);
  expect(other.updatesAmong(id, marker)).toEqual([marker]);
});

test('a store that was away gets the messages that are still valid', async () => {
  const store = await connectStore(system);
  const audience = { stores: [store.storeId] };
  await store.cut();
  const at = (seconds: number) => new Date(Date.now() + 1_000 * seconds).toISOString();
  const lasting = await system.publish('MessagePublished', { topic: 'notice', data: 'stays', audience });
  const ended = await system.publish('MessagePublished', {
    topic: 'notice',
    data: 'goes',
    validUntil: at(2),
    audience,
  });
  const long = await system.publish('MessagePublished', {
    topic: 'notice',
    data: 'goes later',
    validUntil: at(3_600),
    audience,
  });
  const back = await connectStore(system, { storeId: store.storeId });
  const seen = new Set<unknown>();
  // Until all three are in the log, and the short one is over.
  await expect
    .poll(
      async () => {
        back.send({ action: 'sync', positions: {} });
        const { updates, positions } = (await back.answer()) as {
          updates: { id: string }[];
          positions: Record<string, number>;
        };
        for (const { id } of updates) seen.add(id);
        const ids = updates.map(({ id }) => id);
        return [positions[`store/${store.storeId}`], [lasting, ended, long].filter(id => ids.includes(id))];
      },
      { timeout: 20_000, interval: 1_100 },
    )
    .toEqual([3, [lasting, long]]);
});

test.each([
  ['without a topic', { data: 1 }, /topic/],
  ['without data', { topic: 'recall' }, /data/],
  ['of a topic that is no name', { topic: 'a b', data: 1 }, /topic: must be/],
  ['that begins later', { topic: 'a', data: 1, validFrom: '2030-01-01T00:00:00Z' }, /validFrom/],
  ['past a frame', { topic: 'a', data: 'x'.repeat(30_000) }, /30000/],
])('a message %s is refused with its reason', async (_, detail, reason) => {
  const { EventId = '' } = await system.put({ type: 'MessagePublished', detail });
  expect((await deadLetterOf(system, EventId)).reason).toMatch(reason);
});

test("a store's message is on the outbound bus once it is answered", async () => {
  const store = await connectStore(system);
  const messageId = unique('m');
  const message = { topic: 'stock-request', data: { sku: 'A', quantity: 3 }, inReplyTo: 'u-1', messageId };
  // Nobody speaks for another.
  store.send({ action: 'message', requestId: 7, storeId: 'another', ...message });
  expect(await store.answer()).toEqual({ type: 'message.accepted', requestId: 7, messageId });
  const [event] = await outboundEvents(system, 'StoreMessage', detail => detail.messageId === messageId);
  expect(event).toMatchObject({
    source: 'storecast',
    detail: { storeId: store.storeId, ...message, receivedAt: expect.stringMatching(/Z$/) },
  });
});

test.each([
  ['without an id', { topic: 'a', data: 1 }, /messageId/],
  ['without data', { messageId: 'm', topic: 'a' }, /data/],
  ['of a topic that is no name', { messageId: 'm', topic: 'ä', data: 1 }, /topic: must be/],
])("a store's message %s is refused, and the line stays open", async (_, frame, reason) => {
  const store = await connectStore(system);
  store.send({ action: 'message', requestId: 'q', ...frame });
  expect(await store.answer()).toMatchObject({
    type: 'error',
    code: 'invalid_frame',
    requestId: 'q',
    message: expect.stringMatching(reason),
  });
  expect(await store.ping()).toMatchObject({ type: 'pong' });
});
