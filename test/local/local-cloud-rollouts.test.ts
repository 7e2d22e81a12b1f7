/** Updates that go out in waves, from the event to stores on real sockets, by the local cloud's clock. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { createStoreClient, memoryOutbox } from '../../client/node.ts';
import { PriceBook } from '../../domain/book/price-book.ts';
import { chunks } from '../../domain/chunks.ts';
import type { UpdateFrame } from '../../domain/updates/update.ts';
import { createClock } from '../../local/cloud-clock.ts';
import { connectStore, type TestStore } from '../contract/store.ts';
import { type System, unique } from '../contract/system.ts';
import { patience } from '../patience.ts';
import { bootCloud, editedAssembly } from './booted-cloud.ts';

const isUpdate = ({ type }: { type?: unknown }) => type === 'update';
const price = { sku: 'A', amount: 199, currency: 'EUR' };
const tomorrow = () => new Date(Date.now() + 48 * 3_600_000).toISOString();
const offer = (offerId: string) => ({
  offerId,
  title: 'Two for one',
  skus: ['A'],
  discount: { percent: 50 },
  validUntil: tomorrow(),
});

/** Says of each update that comes what a till would, and has the others in its book. */
function answer(store: TestStore, refuses: (id: unknown) => boolean, book: PriceBook): void {
  void store.next(isUpdate).then(
    frame => {
      const { id } = frame;
      const said = refuses(id)
        ? { updates: [], rejected: [{ id, reason: 'unknown SKU' }] }
        : { updates: [{ id, appliedAt: new Date().toISOString() }] };
      if (!refuses(id)) book.apply(frame as unknown as UpdateFrame);
      store.send({ action: 'applied', ...said });
      answer(store, refuses, book);
    },
    () => undefined,
  );
}

interface Shown {
  state: string;
  reason?: string;
  waves: {
    number: number;
    updateId: string;
    targeted: number;
    applied: number;
    rejected: number;
    state: string;
  }[];
}

async function rollout(system: System, id: string): Promise<Shown> {
  return (await (await system.request('GET', `rollouts/${id}`)).json()) as Shown;
}

const soon = { timeout: patience(30_000) };

test('a rollout of three waves to a hundred stores, one tenth of which refuse, halts in the wave that has them; rolled back, every book is as before', {
  timeout: patience(120_000),
}, async () => {
  const clock = createClock();
  const { system, logs } = await bootCloud({ clock });
  const stores: TestStore[] = [];
  // Some at once: on a busy machine a hundred wait longer for a function than it may be waited for.
  for (const numbers of chunks(
    Array.from({ length: 100 }, (_, number) => number),
    10,
  )) {
    const groupsOf = (number: number) => (number < 10 ? ['pilot'] : number < 40 ? ['second'] : []);
    const some = numbers.map(number => connectStore(system, { groups: groupsOf(number) }));
    stores.push(...(await Promise.all(some)));
  }
  const books = stores.map(() => new PriceBook());
  for (const [number, store] of stores.entries()) {
    const refuses = (id: unknown) => number >= 30 && number < 40 && String(id).includes('.wave');
    answer(store, refuses, books[number] as PriceBook);
  }
  for (const store of stores) await store.ping();
  const old = await system.publish('PriceChanged', {
    updateId: unique('old'),
    prices: [{ ...price, amount: 249 }],
  });
  const applied = async (updateId: string) =>
    ((await (await system.request('GET', `updates/${updateId}/delivery`)).json()) as { applied: number })
      .applied;
  await vi.waitFor(async () => expect(await applied(old)).toBe(100), soon);
  const hashes = () => books.map(book => book.hash(clock.now()));
  const before = hashes();
  const waves = [{ groups: ['pilot'] }, { groups: ['second'] }, { percent: 100 }];
  const body = { type: 'PriceChanged', detail: { prices: [price], rollout: { waves, soakMinutes: 1 } } };
  const answered = await system.request('POST', 'updates', { body });
  expect(answered.status).toBe(202);
  const { updateId: id } = (await answered.json()) as { updateId: string };
  // The first wave begins at once.
  await vi.waitFor(
    async () => expect((await rollout(system, id)).waves[0]).toMatchObject({ targeted: 10, applied: 10 }),
    soon,
  );
  clock.advance(61_000);
  await vi.waitFor(
    async () =>
      expect((await rollout(system, id)).waves[1]).toMatchObject({ targeted: 30, applied: 20, rejected: 10 }),
    soon,
  );
  clock.advance(61_000);
  await vi.waitFor(async () => expect((await rollout(system, id)).state).toBe('halted'), soon);
  const halted = await rollout(system, id);
  expect(halted).toMatchObject({
    reason: expect.stringContaining('wave 2: 10 of 30 stores (33.3 %) refused it'),
    waves: [
      { number: 1, updateId: `${id}.wave1`, state: 'finished', targeted: 10, applied: 10, rejected: 0 },
      { number: 2, updateId: `${id}.wave2`, state: 'halted', targeted: 30, applied: 20, rejected: 10 },
      { number: 3, updateId: `${id}.wave3`, state: 'waiting', targeted: 100, applied: 0, rejected: 0 },
    ],
  });
  for (const [number, store] of stores.entries())
    expect(store.updateIds.slice(1)).toEqual(
      number < 10 ? [`${id}.wave1`] : number < 40 ? [`${id}.wave2`] : [],
    );
  expect(hashes().filter((hash, index) => hash !== before[index])).toHaveLength(30);
  expect((await system.request('POST', `rollouts/${id}/rollback`)).status).toBe(200);
  await vi.waitFor(async () => expect((await rollout(system, id)).state).toBe('rolledBack'), soon);
  await vi.waitFor(async () => expect(await applied(`${id}.back1`)).toBe(40), soon);
  expect(hashes()).toEqual(before);
  expect(new Set(before).size).toBe(1);
  const metrics = await fetch(new URL('/_local/metrics', system.awsEndpoint));
  const { items } = (await metrics.json()) as { items: { name: string; sum: number }[] };
  expect(items.find(({ name }) => name === 'RolloutsHalted')).toMatchObject({ sum: 1 });
  expect(logs.filter(line => line.includes('"level":"ERROR"'))).toEqual([]);
});

test('an offer over the bus goes on by hand, and is withdrawn where it was', {
  timeout: patience(60_000),
}, async () => {
  const { system } = await bootCloud();
  const stores = await Promise.all(Array.from({ length: 4 }, () => connectStore(system)));
  for (const store of stores) await store.ping();
  const offerId = unique('offer');
  const detail = {
    ...offer(offerId),
    rollout: { waves: [{ stores: 1 }, { percent: 50 }, { percent: 100 }] },
  };
  const id = await system.publish('OfferPublished', detail);
  await vi.waitFor(async () => expect((await rollout(system, id)).waves).toHaveLength(3), soon);
  expect(await (await system.request('GET', `updates/${id}`)).json()).toMatchObject({
    status: 404,
    detail: `${id} goes out in waves: see /rollouts/${id}`,
  });
  const act = async (action: string) => {
    const answered = await system.request('POST', `rollouts/${id}/${action}`);
    return { status: answered.status, ...((await answered.json()) as Shown) };
  };
  expect(await act('pause')).toMatchObject({ status: 200, state: 'paused' });
  expect(await act('resume')).toMatchObject({ status: 200, state: 'running' });
  expect(await act('advance')).toMatchObject({
    status: 200,
    state: 'running',
    waves: [{ state: 'finished' }, { state: 'running' }, { state: 'waiting' }],
  });
  const reached = () => stores.filter(({ updateIds }) => updateIds.length > 0);
  await vi.waitFor(() => expect(reached()).toHaveLength(2), soon);
  expect(await act('rollback')).toMatchObject({ status: 200, state: 'rollingBack' });
  const withdrawn = await Promise.all(
    reached().map(store => store.next(frame => frame.kind === 'offer.withdrawn')),
  );
  expect(withdrawn).toMatchObject([{ data: { offerId } }, { data: { offerId } }]);
  expect(reached()).toHaveLength(2);
  await vi.waitFor(async () => expect((await rollout(system, id)).state).toBe('rolledBack'), soon);
  expect(await act('advance')).toMatchObject({ status: 409, detail: expect.stringContaining('rolledBack') });
  expect(await act('rollback')).toMatchObject({ status: 200, state: 'rolledBack' });
  const manager = await system.mintToken({ role: 'manager', name: unique('m') });
  expect((await system.request('POST', `rollouts/${id}/pause`, { token: manager })).status).toBe(403);
  expect((await system.request('GET', 'rollouts/none')).status).toBe(404);
  const list = (await (await system.request('GET', 'rollouts?limit=1')).json()) as { items: unknown[] };
  expect(list).toMatchObject({ items: [{ rolloutId: id, state: 'rolledBack' }] });
});

test('where all must be approved a rollout waits, and its waves and their withdrawal do not', {
  timeout: patience(60_000),
}, async () => {
  const assemblyDirectory = editedAssembly(({ Resources }) => {
    for (const { Properties } of Object.values(Resources)) {
      const { Environment } = Properties as { Environment?: { Variables: Record<string, unknown> } };
      if (Environment?.Variables.STAGED_TABLE !== undefined) Environment.Variables.APPROVAL = 'all';
    }
  });
  const { system } = await bootCloud({ assemblyDirectory });
  const store = await connectStore(system);
  await store.ping();
  const offerId = unique('offer');
  const detail = { ...offer(offerId), rollout: { waves: [{ percent: 100 }] } };
  const answered = await system.request('POST', 'updates', { body: { type: 'OfferPublished', detail } });
  const { updateId } = (await answered.json()) as { updateId: string };
  const waiting = await (await system.request('GET', 'updates?state=waiting')).json();
  expect(waiting).toMatchObject({ items: [{ updateId, author: 'head-office' }] });
  const token = await system.mintToken({ role: 'publisher', name: unique('second') });
  const path = `updates/${updateId}/approval`;
  expect((await system.request('POST', path)).status).toBe(403);
  expect((await system.request('POST', path, { token })).status).toBe(202);
  await store.update(`${updateId}.wave1`);
  expect((await system.request('POST', `rollouts/${updateId}/rollback`)).status).toBe(200);
  expect(await store.next(({ kind }) => kind === 'offer.withdrawn')).toMatchObject({ data: { offerId } });
});

test('prices that were rolled back are at every till as they were before, and the same book has the same hash', {
  timeout: patience(90_000),
}, async () => {
  const { system } = await bootCloud();
  const tills = await Promise.all(
    Array.from({ length: 12 }, async (_, number) => {
      const storeId = `000${number}`;
      const token = await system.mintToken({ role: 'store', storeId, region: 'north', groups: [] });
      const till = createStoreClient({ url: system.storeEndpoint, token, outbox: memoryOutbox() });
      onTestFinished(() => till.close());
      return till;
    }),
  );
  const amounts = () => tills.map(till => ['A', 'B'].map(sku => till.book.price(sku, Date.now())?.amount));
  const charge = (...expected: (number | undefined)[][]) =>
    vi.waitFor(
      () => expect(amounts()).toEqual(tills.map((_, index) => expected[index] ?? expected[0])),
      soon,
    );
  await vi.waitUntil(() => tills.every(till => 'all' in till.positions), soon);
  const ago = (ms: number) => ({ publishedAt: new Date(Date.now() - ms).toISOString() });
  await system.publish('PriceChanged', { ...ago(9_000), prices: [price], audience: { regions: ['north'] } });
  const special = { prices: [{ ...price, amount: 150 }], audience: { stores: ['0003'] } };
  await system.publish('PriceChanged', { ...ago(6_000), ...special });
  const before = tills.map((_, number) => [number === 3 ? 150 : 199, undefined]);
  await charge(...before);
  const hashes = () => tills.map(till => (till.book as PriceBook).hash(Date.now()));
  const hashesBefore = hashes();

  const prices = [
    { ...price, amount: 1 },
    { ...price, sku: 'B', amount: 2 },
  ];
  const waves = [{ stores: 3 }, { percent: 50 }, { percent: 100 }];
  const id = await system.publish('PriceChanged', { ...ago(3_000), prices, rollout: { waves } });
  const act = (action: string) => system.request('POST', `rollouts/${id}/${action}`);
  const applied = (count: number) =>
    vi.waitFor(() => expect(amounts().filter(([a]) => a === 1)).toHaveLength(count), soon);
  await applied(3);
  await act('advance');
  await applied(6);
  await act('advance');
  await applied(12);
  expect((await act('rollback')).status).toBe(200);
  await charge(...before);
  expect(hashes()).toEqual(hashesBefore);
});
