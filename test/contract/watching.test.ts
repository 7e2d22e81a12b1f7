/** Fresh while somebody watches: the pace at which stores report, and all that a report carries. */
import { expect, test } from 'vitest';
import { ringUp } from '../domain/till.ts';
import { connect, connectStore, type Frame, type TestStore } from './store.ts';
import { openSystem, unique } from './system.ts';

const system = await openSystem();
const RESTING_MS = 60_000;
const WATCHED_MS = 1_000;

async function connectPerson(role: 'manager' | 'publisher'): Promise<TestStore> {
  return connect(system, { token: await system.mintToken({ role, name: unique(role) }) });
}

async function ask(store: TestStore, frame: object): Promise<Frame> {
  const requestId = unique('request');
  store.send({ ...frame, requestId });
  return store.next(answer => answer.requestId === requestId);
}

const report = (store: TestStore, frame: object = {}) => ask(store, { action: 'report', ...frame });
const isPace = ({ type }: Frame) => type === 'pace';

test('stores are at rest until somebody watches; then each is told so, and learns it from every answer', async () => {
  const [one, other] = [await connectStore(system), await connectStore(system)];
  expect(await report(one)).toMatchObject({ type: 'report.accepted', reportEveryMs: RESTING_MS });
  expect(await one.ping()).toMatchObject({ reportEveryMs: RESTING_MS });
  expect(await ask(one, { action: 'sync' })).toMatchObject({ type: 'synced', reportEveryMs: RESTING_MS });

  const manager = await connectPerson('manager');
  const startedAt = Date.now();
  const watching = await ask(manager, { action: 'watch' });
  expect(watching).toMatchObject({ type: 'watching' });
  const until = Date.parse(String(watching.until));
  expect(until - startedAt).toBeGreaterThanOrEqual(5 * 60_000 - 1_000);
  for (const store of [one, other]) {
    expect(await store.next(isPace)).toEqual({
      type: 'pace',
      reportEveryMs: WATCHED_MS,
      until: watching.until,
    });
  }
  // An environment may know of it a second later.
  await expect.poll(async () => (await report(other)).reportEveryMs, { timeout: 10_000 }).toBe(WATCHED_MS);
  const late = await connectStore(system);
  expect(await ask(late, { action: 'sync' })).toMatchObject({ reportEveryMs: WATCHED_MS });

  // A second watcher is told the same end, and nobody is told anything.
  const publisher = await connectPerson('publisher');
  expect(await ask(publisher, { action: 'watch' })).toMatchObject({ until: watching.until });
  await system.request('GET', 'sales/totals?live=true');
  await report(one);
  expect(one.received.filter(isPace)).toHaveLength(1);
});

test('live takes true or false, and a store does not watch', async () => {
  expect((await system.request('GET', 'sales/totals?live=false')).status).toBe(200);
  const wrong = await system.request('GET', 'sales/totals?live=yes');
  expect([wrong.status, await wrong.json()]).toMatchObject([
    400,
    { detail: expect.stringContaining('live') },
  ]);
  const store = await connectStore(system);
  expect(await ask(store, { action: 'watch' })).toMatchObject({ type: 'error', code: 'forbidden' });
  const manager = await connectPerson('manager');
  expect(await ask(manager, { action: 'report' })).toMatchObject({ type: 'error', code: 'forbidden' });
});

test('a report takes sales and receipts as frames of their own do, part by part, and may be repeated', async () => {
  const store = await connectStore(system);
  const id = await system.publish('PriceChanged', {
    prices: [{ sku: 'A', amount: 199, currency: 'EUR' }],
    audience: { stores: [store.storeId] },
  });
  const update = await store.update(id);
  const soldAt = new Date().toISOString();
  const frame = {
    sales: [ringUp('S1', { soldAt }), { ...ringUp('S2', { soldAt }), total: 1 }, ringUp('S3', { soldAt })],
    updates: [{ id, appliedAt: new Date().toISOString() }],
    rejected: [{ id: 'never-was', reason: 'unknown' }],
    positions: update.positions,
    book: 'f'.repeat(16),
  };
  for (let times = 0; times < 2; times += 1) {
    expect(await report(store, frame)).toEqual({
      type: 'report.accepted',
      requestId: expect.any(String),
      saleIds: ['S1', 'S3'],
      rejected: [{ saleId: 'S2', code: 'total_mismatch', message: expect.any(String) }],
      ids: [id, 'never-was'],
      positions: expect.objectContaining(update.positions as object),
      timeZone: 'UTC',
      reportEveryMs: expect.any(Number),
      serverTime: expect.any(String),
    });
  }
  const totals = await system.request('GET', `sales/totals?store=${store.storeId}`);
  expect(await totals.json()).toMatchObject({ items: [{ store: store.storeId, count: 2 }] });
  const delivery = await system.request('GET', `updates/${id}/delivery`);
  expect(await delivery.json()).toMatchObject({ targeted: 1, applied: 1 });
  const known = await system.request('GET', `stores/${store.storeId}`);
  expect(await known.json()).toMatchObject({ behind: 0 });
});

test('a till that closes its day hears what the chain counts, and what is missing until it has come', async () => {
  const store = await connectStore(system);
  const businessDay = new Date().toISOString().slice(0, 10);
  const sale = (sequence: number) =>
    ringUp(`S${sequence}`, { till: '1', sequence, businessDay, soldAt: new Date().toISOString() });
  const total = sale(1).total;
  const closing = { till: '1', businessDay, count: 3, amount: 3 * total, currency: 'EUR', last: 3 };
  const partly = await report(store, { sales: [sale(1), sale(3)], closing });
  expect(partly.closing).toEqual({
    ...closing,
    count: 2,
    amount: 2 * total,
    agrees: false,
    missing: [2],
    missingCount: 1,
  });
  const whole = await report(store, { sales: [sale(2)], closing });
  expect(whole.closing).toEqual({ ...closing, agrees: true, missing: [], missingCount: 0 });
});

test('what a person publishes over HTTP asks for receipts at once, an event only where it says so', async () => {
  const store = await connectStore(system);
  const detail = {
    prices: [{ sku: 'A', amount: 199, currency: 'EUR' }],
    audience: { stores: [store.storeId] },
  };
  const answer = await system.request('POST', 'updates', { body: { type: 'PriceChanged', detail } });
  const { updateId } = (await answer.json()) as { updateId: string };
  expect(await store.update(updateId)).toMatchObject({ receipts: 'now' });
  const said = await system.publish('PriceChanged', { ...detail, receipts: 'now' });
  expect(await store.update(said)).toMatchObject({ receipts: 'now' });
  const silent = await system.publish('PriceChanged', detail);
  expect(await store.update(silent)).not.toHaveProperty('receipts');
});
