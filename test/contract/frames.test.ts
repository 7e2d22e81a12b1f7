import { expect, test } from 'vitest';
import { connectStore } from './store.ts';
import { openSystem, unique } from './system.ts';

const system = await openSystem();

test('a ping is answered with the time and a position for every channel of the store', async () => {
  const [storeId, region, group] = [unique('store'), unique('region'), unique('group')];
  const store = await connectStore(system, { storeId, region, groups: [group] });
  const sentAt = Date.now();
  store.send({ action: 'ping', requestId: 'r-1' });
  const pong = await store.answer();
  expect(pong).toEqual({
    type: 'pong',
    requestId: 'r-1',
    positions: {
      all: expect.any(Number),
      [`region/${region}`]: 0,
      [`group/${group}`]: 0,
      [`store/${storeId}`]: 0,
    },
    timeZone: 'UTC',
    reportEveryMs: expect.any(Number),
    serverTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  });
  // A deployed stack's clock and this machine's may differ.
  expect(Math.abs(Date.parse(String(pong.serverTime)) - sentAt)).toBeLessThan(60_000);
});

test.each([
  ['a text', 'r-2'],
  ['a number', 7],
])('a requestId that is %s is echoed', async (_, requestId) => {
  const store = await connectStore(system);
  store.send({ action: 'ping', requestId });
  expect(await store.answer()).toMatchObject({ type: 'pong', requestId });
});

test('a ping without a requestId is answered without one', async () => {
  const store = await connectStore(system);
  store.send({ action: 'ping' });
  expect(await store.answer()).not.toHaveProperty('requestId');
});

test('pings of one line are each answered', async () => {
  const store = await connectStore(system);
  const requestIds = Array.from({ length: 20 }, (_, index) => index);
  for (const requestId of requestIds) store.send({ action: 'ping', requestId });
  const answered = await Promise.all(requestIds.map(() => store.answer()));
  expect(answered.map(({ requestId }) => Number(requestId)).sort((a, b) => a - b)).toEqual(requestIds);
});

test.each<[string, string | object, object]>([
  ['no JSON', '{"action":"ping"', { code: 'invalid_json' }],
  ['a bare word', 'ping', { code: 'invalid_json' }],
  ['an array', [{ action: 'ping' }], { code: 'invalid_frame' }],
  ['a JSON string', '"ping"', { code: 'invalid_frame' }],
  ['null', 'null', { code: 'invalid_frame' }],
  ['an object without an action', { requestId: 'r' }, { code: 'invalid_frame', requestId: 'r' }],
  ['an action that is no text', { action: 7 }, { code: 'invalid_frame' }],
  ['an unknown action', { action: 'dance', requestId: 'r' }, { code: 'unknown_action', requestId: 'r' }],
  ['an empty action', { action: '' }, { code: 'unknown_action' }],
  ['an action of the gateway itself', { action: '$connect' }, { code: 'unknown_action' }],
  ['the name of a property of every object', { action: 'constructor' }, { code: 'unknown_action' }],
  ['a requestId that is an object', { action: 'ping', requestId: {} }, { code: 'invalid_frame' }],
  ['a requestId without end', { action: 'ping', requestId: 'r'.repeat(129) }, { code: 'invalid_frame' }],
  ['a position between two', { action: 'sync', positions: { all: 1.5 } }, { code: 'invalid_frame' }],
  ['positions that are a text', { action: 'sync', positions: 'all' }, { code: 'invalid_frame' }],
])('%s is answered with an error, and the line stays open', async (_, frame, expected) => {
  const store = await connectStore(system);
  store.send(frame);
  const error = await store.answer();
  expect(error).toMatchObject({ type: 'error', message: expect.any(String), ...expected });
  expect(error).not.toHaveProperty('stack');
  expect(await store.ping()).toMatchObject({ type: 'pong' });
});

test('a frame just below 32 KB is answered', async () => {
  const store = await connectStore(system);
  const frame = { action: 'ping', requestId: 'r', padding: '' };
  store.send({ ...frame, padding: 'x'.repeat(32 * 1024 - JSON.stringify(frame).length) });
  expect(await store.answer()).toMatchObject({ type: 'pong', requestId: 'r' });
});

test('a message in fragments is read as one', async () => {
  const store = await connectStore(system);
  store.sendInFragments(['{"action":"ping","padding":"', 'x'.repeat(20_000), '","requestId":', '"r"}']);
  expect(await store.answer()).toMatchObject({ type: 'pong', requestId: 'r' });
});

test.each<[string, string | Buffer, number]>([
  ['a frame of 40 KB', JSON.stringify({ action: 'ping', padding: 'x'.repeat(40 * 1024) }), 1009],
  ['a binary frame', Buffer.from('{"action":"ping"}'), 1003],
])('%s closes the line, unanswered', async (_, frame, code) => {
  const store = await connectStore(system);
  store.send(frame);
  expect(await store.closed).toMatchObject({ code });
  expect(store.received.filter(({ type }) => type !== 'update')).toEqual([]);
});
