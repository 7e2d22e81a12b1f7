import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryStorage } from '../../client/storage/storage.ts';
import { StorePositions } from '../../client/updates/positions.ts';
import type { UpdateFrame } from '../../domain/updates/update.ts';
import { price, ScriptedChain, type ScriptedLine, type TestStore } from './scripted-chain.ts';

/** 1 to 5 s, with the tests' random number in the middle. */
const GAP_DELAY = 3_000;
const ANSWER_TIMEOUT = 10_500;

let chain: ScriptedChain;
beforeEach(async () => {
  chain = await ScriptedChain.start();
});
afterEach(() => chain.stop());

/** A store that is connected and stands at these positions. */
async function syncedStore(positions: Record<string, number> = { all: 0 }, options = {}) {
  const applied: string[] = [];
  const store = chain.store({ apply: update => void applied.push(update.id), ...options });
  const line = await chain.lines.next();
  await line.sync(positions);
  await store.next('synced');
  return { store, line, applied };
}

async function applyAll(store: TestStore, line: ScriptedLine, updates: UpdateFrame[]): Promise<void> {
  for (const update of updates) {
    line.send(update);
    await store.next('applied');
  }
}

describe('a new line', () => {
  it('asks from the start, page by page, and applies what comes', async () => {
    const store = chain.store();
    const line = await chain.lines.next();
    expect(await line.sync({ all: 1 }, { updates: [price(1)], more: true })).toHaveProperty('positions', {});
    expect(await line.sync({ all: 2 }, { updates: [price(2)] })).toMatchObject({ positions: { all: 1 } });
    expect(await store.next('synced')).toEqual({ recovered: true, positions: { all: 2 } });
    expect(store.client.price('A')?.amount).toBe(200);
  });

  it('asks past what was synced before the line broke', async () => {
    const { line } = await syncedStore({ all: 7, 'store/S': 0 });
    line.break();
    await chain.clock.elapse(500);
    const next = await chain.lines.next();
    expect(await next.next('sync')).toMatchObject({ positions: { all: 7, 'store/S': 0 } });
  });

  it('repeats the question when nobody answers, and when the gateway answers in its place', async () => {
    chain.store();
    const line = await chain.lines.next();
    await line.next('sync');
    line.send({ message: 'Internal server error', connectionId: 'c', requestId: 'r' });
    await chain.clock.elapse(ANSWER_TIMEOUT);
    await line.next('sync');
  });

  it('repeats a question that was answered with an error frame', async () => {
    const store = chain.store();
    const line = await chain.lines.next();
    const { requestId } = await line.next('sync');
    line.send({ type: 'error', requestId, code: 'rate_limited', message: 'slow down' });
    expect(await store.next('error')).toMatchObject({ code: 'rate_limited' });
    await chain.clock.elapse(1_000);
    await line.sync({ all: 0 });
    await store.next('synced');
  });

  it('applies an update once that comes by broadcast while the sync is answered', async () => {
    const { store, line, applied } = await syncedStore({ all: 1 });
    line.send(price(3));
    await store.next('applied');
    await chain.clock.elapse(GAP_DELAY);
    await line.sync({ all: 3 }, { updates: [price(2), price(3)] });
    await store.next('synced');
    expect(applied).toEqual(['price-3', 'price-2']);
    expect(store.client.positions).toEqual({ all: 3 });
  });
});

// Positions were saved only once the chain had named the store's channels, which the first page's end does: what a store
// had applied of that page before a power cut was applied again.
it('applies the first page of a sync once, over a power cut in the middle of it', async () => {
  const storage = memoryStorage();
  const applied: string[] = [];
  const { promise: busy, resolve: finish } = Promise.withResolvers<void>();
  const store = chain.store({
    storage,
    apply(update) {
      applied.push(update.id);
      return update.id === 'price-2' ? busy : undefined;
    },
  });
  const page = [price(1), price(2)];
  await (await chain.lines.next()).sync({ all: 2 }, { updates: page });
  await store.next('applied');
  await chain.clock.elapse(1_000);
  // The first client never ends: its power is gone. The second one has what was saved.
  const restarted = chain.store({ storage, apply: update => void applied.push(`${update.id} again`) });
  await (await chain.lines.next()).sync({ all: 2 }, { updates: page });
  await restarted.next('synced');
  expect(applied).toEqual(['price-1', 'price-2', 'price-2 again']);
  finish();
});

describe('positions', () => {
  it('advance with each update, and absorb what came out of order', async () => {
    const { store, line } = await syncedStore();
    await applyAll(store, line, [price(1), price(3), price(4)]);
    expect(store.client.positions).toEqual({ all: 1 });
    expect(store.client.price('A')?.amount).toBe(400);
    await applyAll(store, line, [price(2)]);
    expect(store.client.positions).toEqual({ all: 4 });
  });

  it.each([
    ['in the same channel', price(1)],
    ['in another of its channels', price(1, { positions: { all: 9, 'region/N': 1 } })],
    ['beyond a gap', price(5, { positions: { all: 5 } })],
  ])('show that an update was seen %s', async (_, doubled) => {
    const { store, line, applied } = await syncedStore({ all: 0, 'region/N': 0 });
    await applyAll(store, line, [price(1, { positions: { all: 1, 'region/N': 1 } }), price(5)]);
    line.send(doubled);
    await applyAll(store, line, [price(7)]);
    expect(applied).toEqual(['price-1', 'price-5', 'price-7']);
  });

  it("ignore channels that are not the store's own", async () => {
    const { store, line, applied } = await syncedStore({ all: 0 });
    line.send(price(1, { positions: { 'region/ELSEWHERE': 1 } }));
    await applyAll(store, line, [price(1, { positions: { all: 1, 'region/N': 40 } })]);
    expect(applied).toEqual(['price-1']);
    expect(store.client.positions).toEqual({ all: 1 });
  });

  it('do not fall back behind what came while a sync was answered', async () => {
    const store = chain.store();
    const line = await chain.lines.next();
    await line.sync({ all: 0 }, { more: true });
    const { requestId } = await line.next('sync');
    await applyAll(store, line, [price(1)]);
    const serverTime = chain.time.timestamp();
    line.send({
      type: 'synced',
      requestId,
      recovered: true,
      updates: [],
      positions: { all: 0 },
      more: false,
      serverTime,
    });
    expect(await store.next('synced')).toMatchObject({ positions: { all: 1 } });
  });

  it('that a numbering begun anew has overtaken show no gap', () => {
    const positions = new StorePositions();
    positions.settle({ all: 50 }, {});
    positions.hear({ all: 60 });
    expect(positions.hasGap).toBe(true);
    positions.beginSync();
    positions.settle({ all: 3 }, { all: 50 });
    expect(positions.hasGap).toBe(false);
  });
});

describe('a gap', () => {
  it('is asked for after a while, and closed', async () => {
    const { store, line } = await syncedStore();
    await applyAll(store, line, [price(2)]);
    await chain.clock.elapse(GAP_DELAY);
    expect(await line.sync({ all: 2 }, { updates: [price(1), price(2)] })).toMatchObject({
      positions: { all: 0 },
    });
    expect(await store.next('synced')).toMatchObject({ positions: { all: 2 } });
  });

  it('that closes by itself is not asked for', async () => {
    const { store, line } = await syncedStore();
    await applyAll(store, line, [price(2), price(1)]);
    chain.clock.advance(60_000);
    await applyAll(store, line, [price(3)]);
    await line.next('applied');
    expect(line.unread).toBe(0);
  });

  it('shows in a pong that is ahead', async () => {
    const { store, line } = await syncedStore({ all: 1 });
    await chain.clock.elapse(240_000);
    await line.pong({ all: 2 });
    await chain.clock.elapse(GAP_DELAY);
    await line.sync({ all: 2 }, { updates: [price(2)] });
    await store.next('applied');
    expect(store.client.positions).toEqual({ all: 2 });
  });

  it('that a sync does not close is asked for more rarely', async () => {
    const { store, line } = await syncedStore();
    await applyAll(store, line, [price(2)]);
    for (const delay of [GAP_DELAY, 2 * GAP_DELAY, 4 * GAP_DELAY]) {
      await chain.clock.elapse(delay);
      await line.sync({ all: 0 });
      await store.next('synced');
    }
  });

  it('in a numbering that began anew is forgotten', async () => {
    const { store, line, applied } = await syncedStore({ all: 50 });
    line.break();
    await chain.clock.elapse(500);
    const next = await chain.lines.next();
    await next.sync({ all: 0 });
    await store.next('synced');
    await applyAll(store, next, [price(1)]);
    expect(applied).toEqual(['price-1']);
    expect(store.client.positions).toEqual({ all: 1 });
  });
});

describe('the current state instead of what was missed', () => {
  const state = (n: number, sku: string) =>
    price(n, { data: { prices: [{ sku, amount: n, currency: 'EUR' }] } });

  async function storeWithOldPrice(options = {}) {
    const resets: string[] = [];
    const onReset = (reason: string): void => void resets.push(reason);
    const { store, line } = await syncedStore({ all: 0 }, { onReset, ...options });
    await applyAll(store, line, [state(1, 'OLD')]);
    line.break();
    await chain.clock.elapse(500);
    return { store, resets, line: await chain.lines.next() };
  }

  it('empties the book once, across all its pages', async () => {
    const { store, resets, line } = await storeWithOldPrice();
    await line.sync({ all: 40 }, { recovered: false, more: true, updates: [state(40, 'A')] });
    await line.sync({ all: 90 }, { recovered: false, updates: [state(90, 'B')] });
    expect(await store.next('synced')).toEqual({ recovered: false, positions: { all: 90 } });
    expect(store.client.book.skus()).toEqual(['A', 'B']);
    expect(resets).toEqual(['not-recovered']);
  });

  // The run of a channel began at 0 whatever the answer said, so the store read the first page for ever.
  it('gives the places between its pages back as they came', async () => {
    const { store, line } = await storeWithOldPrice();
    await line.sync({ all: -41 }, { recovered: false, more: true, updates: [state(40, 'A')] });
    const question = await line.sync(
      { all: 90 },
      { recovered: false, more: true, updates: [state(90, 'B')] },
    );
    expect(question).toHaveProperty('positions', { all: -41 });
    await line.sync({ all: 91 }, { updates: [state(91, 'C')] });
    expect(await store.next('synced')).toEqual({ recovered: true, positions: { all: 91 } });
    expect(store.client.book.skus()).toEqual(['A', 'B', 'C']);
  });

  it('is taken from the start again when the line breaks between its pages', async () => {
    const { store, line } = await storeWithOldPrice();
    await line.sync({ all: 40 }, { recovered: false, more: true, updates: [state(40, 'A')] });
    await line.next('sync');
    line.break();
    await chain.clock.elapse(1_000);
    const next = await chain.lines.next();
    expect(
      await next.sync({ all: 90 }, { recovered: false, updates: [state(40, 'A'), state(90, 'B')] }),
    ).toHaveProperty('positions', {});
    await store.next('synced');
    expect(store.client.book.skus()).toEqual(['A', 'B']);
  });

  it('is taken from the start again by a client that restarts between its pages', async () => {
    const storage = memoryStorage();
    const { store, line } = await storeWithOldPrice({ storage });
    await line.sync({ all: -41 }, { recovered: false, more: true, updates: [state(40, 'A')] });
    await line.next('sync');
    await store.client.close();
    const restarted = chain.store({ storage });
    expect(await (await chain.lines.next()).next('sync')).toHaveProperty('positions', {});
    // A negative place was once not readable, and the receipts were set aside with it.
    expect(restarted.unread('error')).toBe(0);
  });

  it('that was left half read is forgotten, also where the whole log answers in its place', async () => {
    const storage = memoryStorage();
    const { store, line } = await storeWithOldPrice({ storage });
    await line.sync({ all: -41 }, { recovered: false, more: true, updates: [state(40, 'A')] });
    await line.next('sync');
    await store.client.close();
    const resets: string[] = [];
    const restarted = chain.store({ storage, onReset: reason => void resets.push(reason) });
    await (await chain.lines.next()).sync({ 'region/N': 1 }, { updates: [state(1, 'B')] });
    await restarted.next('synced');
    expect(resets).toEqual(['not-recovered']);
    expect(restarted.client.book.skus()).toEqual(['B']);
  });

  it('does not lose an update that overtook it', async () => {
    const { store, line } = await storeWithOldPrice();
    const { requestId } = await line.next('sync');
    line.send(state(43, 'LATE'));
    await store.next('applied');
    const serverTime = chain.time.timestamp();
    line.send({
      type: 'synced',
      requestId,
      recovered: false,
      more: false,
      positions: { all: 41 },
      serverTime,
      updates: [],
    });
    await store.next('synced');
    await chain.clock.elapse(GAP_DELAY);
    await line.sync({ all: 43 }, { updates: [state(42, 'B'), state(43, 'LATE')] });
    await store.next('synced');
    expect(store.client.book.skus()).toEqual(['B', 'LATE']);
  });
});

describe('a store that moved', () => {
  it('empties its book and syncs from the start, once', async () => {
    const resets: string[] = [];
    const onReset = (reason: string): void => void resets.push(reason);
    const { store, line } = await syncedStore({ all: 0, 'region/N': 0 }, { onReset });
    await applyAll(store, line, [price(1, { positions: { 'region/N': 1 } })]);
    line.break();
    await chain.clock.elapse(500);
    const next = await chain.lines.next();
    await next.sync({ all: 0, 'region/S': 1 }, { updates: [price(9, { positions: { 'region/S': 9 } })] });
    const moved = { all: 0, 'region/S': 1 };
    const south = price(2, { positions: { 'region/S': 1 } });
    expect(await next.sync(moved, { updates: [south] })).toHaveProperty('positions', {});
    expect(await store.next('synced')).toEqual({ recovered: true, positions: moved });
    expect(store.client.price('A')?.updateId).toBe('price-2');
    expect(resets).toEqual(['moved']);
  });

  it('notices by a pong, too', async () => {
    const { line } = await syncedStore({ all: 0, 'region/N': 0 });
    await chain.clock.elapse(240_000);
    await line.pong({ all: 0, 'region/S': 0 });
    await line.next('sync');
  });
});

describe('the application', () => {
  it('gets one update at a time, in the order of arrival, also during catch-up', async () => {
    const log: string[] = [];
    let finish = (): void => {};
    const store = chain.store({
      apply: async ({ id }) => {
        log.push(`begin ${id}`);
        if (id === 'price-1') await new Promise<void>(resolve => (finish = resolve));
        log.push(`end ${id}`);
      },
    });
    const line = await chain.lines.next();
    await line.sync({ all: 2 }, { updates: [price(1), price(2)] });
    await store.next('update');
    line.send(price(3));
    expect(log).toEqual(['begin price-1']);
    finish();
    for (const id of ['price-1', 'price-2', 'price-3']) {
      expect(await store.next('applied')).toMatchObject({ update: { id } });
    }
    expect(log.map(entry => entry.at(-1)).join('')).toBe('112233');
  });
});

describe('frames of no meaning', () => {
  it.each([
    ['of an unknown type', { type: 'news', text: 'hello' }],
    ["of the gateway's own", { message: 'Forbidden', connectionId: 'c', requestId: 'r' }],
    ['without an object', '[]'],
    ['without JSON', 'hello'],
    [
      'answering nothing',
      {
        type: 'synced',
        requestId: 'x',
        recovered: false,
        updates: [],
        positions: {},
        more: true,
        serverTime: '',
      },
    ],
    ['closing for an unknown reason', { type: 'closing', reason: 'lunch' }],
  ])('%s change nothing', async (_, frame) => {
    const { store, line } = await syncedStore({ all: 0 });
    line.send(frame);
    await applyAll(store, line, [price(1)]);
    expect(store.client.positions).toEqual({ all: 1 });
    expect(line.unread).toBe(0);
  });
});
