/** The faults that AWS has, too, and what must not come of them. */
import {
  BatchWriteItemCommand,
  InternalServerError,
  ListTablesCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { expect, test, vi } from 'vitest';
import { createClock } from '../../local/cloud-clock.ts';
import { awsLimits, type Faults } from '../../local/cloud-options.ts';
import { connectStore } from '../contract/store.ts';
import { connectedStoreIds } from '../contract/store-list.ts';
import { ringUp } from '../domain/till.ts';
import { patience } from '../patience.ts';
import { type BootedCloud, bootCloud, broadcastReport } from './booted-cloud.ts';

type InvokeFault = ReturnType<NonNullable<Faults['invoke']>>;
type PostFault = ReturnType<NonNullable<Faults['post']>>;

/** Each of the first connections posted to meets the fault so often. */
function postFaults(fault: PostFault, times: number): { faults: Faults; attempts: Map<string, number> } {
  const attempts = new Map<string, number>();
  const post = (connectionId: string): PostFault => {
    const attempt = (attempts.get(connectionId) ?? 0) + 1;
    attempts.set(connectionId, attempt);
    return attempt <= times ? fault : undefined;
  };
  return { faults: { post }, attempts };
}

function reportOf(booted: BootedCloud, updateId: string) {
  return vi.waitUntil(() => broadcastReport(booted, updateId), { timeout: patience(20_000) });
}

test.each<[string, PostFault, number]>([
  ['throttled three times', 'throttle', 3],
  ['answered with 500 three times', 'error', 3],
])('posts that are %s are posted again, and every store gets the update once', async (_, fault, times) => {
  const { faults, attempts } = postFaults(fault, times);
  const booted = await bootCloud({ faults });
  const stores = await Promise.all(Array.from({ length: 5 }, () => connectStore(booted.system)));
  const id = await booted.system.publish('OfferWithdrawn', { offerId: 'o' });
  expect(await reportOf(booted, id)).toMatchObject({ sent: 5, gone: 0, failed: 0 });
  const marker = await booted.system.publish('OfferWithdrawn', { offerId: 'o' });
  await Promise.all(stores.map(store => store.update(marker)));
  expect(stores.map(store => store.updateIds)).toEqual(stores.map(() => [id, marker]));
  expect([...attempts.values()]).toEqual(stores.map(() => times + 2));
});

test('a post that is lost on its way costs the other stores nothing', async () => {
  let unlucky: string | undefined;
  const post = (connectionId: string): PostFault => {
    unlucky ??= connectionId;
    return connectionId === unlucky ? 'lose' : undefined;
  };
  const booted = await bootCloud({ faults: { post } });
  const stores = await Promise.all(Array.from({ length: 5 }, () => connectStore(booted.system)));
  const id = await booted.system.publish('OfferWithdrawn', { offerId: 'o' });
  // 200 is no proof of delivery: the broadcast can't tell.
  expect(await reportOf(booted, id)).toMatchObject({ sent: 5, failed: 0 });
  await Promise.any(stores.map(store => store.update(id)));
  await Promise.all(stores.map(store => store.ping()));
  expect(stores.flatMap(store => store.updateIds)).toEqual([id, id, id, id]);
});

test.each<[InvokeFault]>([['crash-before'], ['crash-after'], [{ crashAfterMs: 1 }], ['throttle']])(
  'a broadcast whose Lambda meets %j is run again and reaches every store',
  async fault => {
    const clock = createClock();
    let faultsLeft = 1;
    const invoke = (functionName: string) =>
      functionName.includes('Broadcast') && faultsLeft-- > 0 ? fault : undefined;
    // The clock's jumps must not end the lines.
    const limits = { ...awsLimits, idleSeconds: 1e6, lifetimeSeconds: 1e6 };
    const { system } = await bootCloud({ clock, limits, faults: { invoke } });
    const stores = await Promise.all(Array.from({ length: 3 }, () => connectStore(system)));
    const id = await system.publish('OfferWithdrawn', { offerId: 'o' });
    await vi.waitFor(
      () => {
        clock.advance(60_000);
        expect(faultsLeft).toBeLessThan(0);
      },
      { timeout: patience(20_000), interval: 100 },
    );
    const updates = await Promise.all(stores.map(store => store.update(id)));
    // Lambda's retry brings the event as it was: an update that comes twice is known by its id.
    expect(updates.map(update => update.id)).toEqual([id, id, id]);
  },
);

test('a $disconnect that is lost is healed by the next broadcast', async () => {
  const lost: string[] = [];
  const disconnect = (connectionId: string): 'lose' => {
    lost.push(connectionId);
    return 'lose';
  };
  const booted = await bootCloud({ faults: { disconnect } });
  const store = await connectStore(booted.system);
  const { storeId } = store;
  await store.cut();
  await vi.waitUntil(() => lost.length === 1);
  expect(await connectedStoreIds(booted.system)).toEqual([storeId]);
  const id = await booted.system.publish('OfferWithdrawn', { offerId: 'o' });
  expect(await reportOf(booted, id)).toMatchObject({ sent: 0, gone: 1, failed: 0 });
  expect(await connectedStoreIds(booted.system)).toEqual([]);
});

test('a function whose Lambda is throttled is told to the store by the gateway, which takes the next frame', async () => {
  let throttled = false;
  const invoke = (name: string) => (throttled && /-Stores[0-9A-F]{8}$/.test(name) ? 'throttle' : undefined);
  const { system } = await bootCloud({ faults: { invoke } });
  const store = await connectStore(system);
  throttled = true;
  store.send({ action: 'ping', requestId: 'r' });
  const answer = await store.next();
  expect(answer).toEqual({
    message: expect.any(String),
    connectionId: expect.any(String),
    requestId: expect.any(String),
  });
  throttled = false;
  expect(await store.ping()).toMatchObject({ type: 'pong' });
});

/**
 * The SDK sets its clock by the Date header of each answer. While the local cloud answered Lambdas with the machine's
 * date, every warm function signed by the time before the jump, and was refused 15 minutes later.
 */
test('after jumps of the clock, functions go on: what they sign is of the new time', async () => {
  const clock = createClock();
  const limits = { ...awsLimits, idleSeconds: 1e6, lifetimeSeconds: 1e6 };
  const { system } = await bootCloud({ clock, limits });
  const store = await connectStore(system);
  for (let jump = 0; jump < 5; jump += 1) {
    const pong = await store.ping();
    expect(pong).toMatchObject({ type: 'pong' });
    expect(Math.abs(Date.parse(String(pong.serverTime)) - clock.now())).toBeLessThan(5_000);
    clock.advance(20 * 60_000);
  }
});

test('a line ends when it was idle for ten minutes or is two hours old', async () => {
  const clock = createClock();
  const { system } = await bootCloud({ clock });
  const [idle, busy] = [await connectStore(system), await connectStore(system)];
  await Promise.all([idle.ping(), busy.ping()]);
  clock.advance(6 * 60_000);
  await busy.ping();
  clock.advance(5 * 60_000);
  expect(await idle.closed).toMatchObject({ code: 1001 });
  expect(await busy.ping()).toMatchObject({ type: 'pong' });
  clock.advance(2 * 3_600_000);
  expect(await busy.closed).toMatchObject({ code: 1001 });
});

test.each(['throttle', 'error'] as const)(
  'sales that a table refuses (%s) are not accepted, and are taken once it is well again',
  async fault => {
    const refused: string[] = [];
    let isWell = false;
    const table = (operation: string, tableName: string) => {
      if (isWell || operation !== 'UpdateItem' || !tableName.includes('Sales')) return undefined;
      refused.push(operation);
      return fault;
    };
    const { system } = await bootCloud({ faults: { table } });
    const store = await connectStore(system);
    const frame = {
      action: 'sales',
      requestId: 'r',
      sales: [ringUp('S1', { soldAt: new Date().toISOString() })],
    };
    store.send(frame);
    expect(await store.answer()).toMatchObject({ type: 'error', code: 'internal' });
    expect(refused).not.toEqual([]);
    isWell = true;
    store.send(frame);
    expect(await store.answer()).toMatchObject({ type: 'sales.accepted', saleIds: ['S1'], rejected: [] });
  },
);

test('a batch meets the fault of any of its tables, and changes nothing in the others', async () => {
  const faults: Faults = {};
  const { system } = await bootCloud({ faults });
  const { TableNames = [] } = await system.clients.tables.send(new ListTablesCommand({}));
  const [sick = '', well = ''] = ['Stores', 'Receipts'].map(part =>
    TableNames.find(name => name.includes(part)),
  );
  faults.table = (_, tableName) => (tableName === sick ? 'error' : undefined);
  const put = [{ PutRequest: { Item: { k: { S: 'k' }, s: { S: 's' } } } }];
  const batch = new BatchWriteItemCommand({ RequestItems: { [well]: put, [sick]: put } });
  await expect(system.clients.tables.send(batch)).rejects.toBeInstanceOf(InternalServerError);
  const { Items } = await system.clients.tables.send(new ScanCommand({ TableName: well }));
  expect(Items).toEqual([]);
});
