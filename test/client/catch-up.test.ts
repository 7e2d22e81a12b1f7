import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StoreClientOptions } from '../../client/options.ts';
import { memoryStorage } from '../../client/storage/storage.ts';
import type { RebuildReason } from '../../client/updates/application.ts';
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
    // And takes a whole message of API Gateway's in answer.
    expect(await next.next('sync')).toMatchObject({
      positions: { all: 7, 'store/S': 0 },
      maxBytes: 131_072,
    });
  });

  it('repeats the question when nobody answers, and when the gateway answers in its place', async () => {
    chain.store();
    const line = await chain.lines.next();
    await line.next('sync');
    line.send({ message: 'Internal server error', connectionId: 'c', requestId: 'r' });
    await chain.clock.elapse(ANSWER_TIMEOUT);
    await line.next('sync');
  });

  it('asks for a smaller answer where one did not come, until one does', async () => {
    chain.store();
    const line = await chain.lines.next();
    expect(await line.next('sync')).toHaveProperty('maxBytes');
    await chain.clock.elapse(ANSWER_TIMEOUT);
    expect(await line.next('sync')).not.toHaveProperty('maxBytes');
    // As where API Gateway closes a line over what it can't carry.
    line.break();
    await chain.clock.elapse(500);
    const next = await chain.lines.next();
    expect(await next.sync({ all: 1 }, { updates: [price(1)], more: true })).not.toHaveProperty('maxBytes');
    expect(await next.next('sync')).toHaveProperty('maxBytes');
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

/** An application that keeps all it is given, by SKU, and a new whole apart until it is complete. */
function ledger() {
  const log: string[] = [];
  let present = new Map<string, number>();
  let next: Map<string, number> | undefined;
  const options = {
    apply({ id, data }: UpdateFrame) {
      log.push(id);
      for (const { sku, amount } of data.prices as { sku: string; amount: number }[])
        (next ?? present).set(sku, amount);
    },
    begin(reason: RebuildReason) {
      log.push(`begin ${reason}`);
      next = new Map();
    },
    commit() {
      log.push('commit');
      present = next ?? present;
      next = undefined;
    },
  };
  return { log, options, prices: () => Object.fromEntries(present) };
}

const ofSku = (n: number, sku: string, positions: Record<string, number> = { all: n }) =>
  price(n, { positions, data: { prices: [{ sku, amount: n, currency: 'EUR' }] } });

/** Of a current state of several pages. */
const FIRST_PAGE = { recovered: false, first: true, cursor: 'c1', more: true, updates: [ofSku(40, 'A')] };

describe('the current state instead of what was missed', () => {
  async function storeWithOldPrice(options: Partial<StoreClientOptions> = {}) {
    const { store, line } = await syncedStore({ all: 0 }, options);
    await applyAll(store, line, [ofSku(1, 'OLD')]);
    line.break();
    await chain.clock.elapse(500);
    return { store, line: await chain.lines.next() };
  }

  // The book was emptied at the first page, and a till was without prices until the last.
  it('takes the place of the book in one step, with the last of its pages, each asked for by its cursor', async () => {
    const { log, options, prices } = ledger();
    const { store, line } = await storeWithOldPrice(options);
    await line.sync(undefined, FIRST_PAGE);
    const second = await line.next('sync');
    expect(second).toMatchObject({ cursor: 'c1' });
    expect(second).not.toHaveProperty('positions');
    expect([store.client.book.skus(), store.client.positions, prices()]).toEqual([
      ['OLD'],
      { all: 1 },
      { OLD: 1 },
    ]);
    line.answer(second, { all: 90 }, { recovered: false, updates: [ofSku(90, 'B')] });
    expect(await store.next('synced')).toEqual({ recovered: false, positions: { all: 90 } });
    expect(store.client.book.skus()).toEqual(['A', 'B']);
    expect(prices()).toEqual({ A: 40, B: 90 });
    expect(log).toEqual(['price-1', 'begin not-recovered', 'price-40', 'price-90', 'commit']);
  });

  it('goes on with the log where there is more after its last page, and is one step all the same', async () => {
    const { log, options } = ledger();
    const { store, line } = await storeWithOldPrice(options);
    await line.sync(
      { all: 90 },
      { recovered: false, first: true, cursor: 'c1', more: false, updates: [ofSku(40, 'A')] },
    );
    await store.next('synced');
    line.break();
    await chain.clock.elapse(1_000);
    const next = await chain.lines.next();
    await next.sync({ all: 95 }, { recovered: false, first: true, more: true, updates: [ofSku(95, 'B')] });
    expect(await next.next('sync')).toMatchObject({ positions: { all: 95 } });
    expect(store.client.book.skus()).toEqual(['A']);
    expect(log).toEqual([
      'price-1',
      'begin not-recovered',
      'price-40',
      'commit',
      'begin not-recovered',
      'price-95',
    ]);
  });

  it('sends the receipts of what is in it once it is in force', async () => {
    const { line } = await storeWithOldPrice();
    await chain.clock.elapse(500);
    await line.accept();
    await line.sync(undefined, FIRST_PAGE);
    const question = await line.next('sync');
    chain.clock.advance(5_000);
    expect(line.unread).toBe(0);
    line.answer(question, { all: 90 }, { recovered: false, updates: [] });
    await chain.clock.elapse(1_000);
    expect((await line.accept()).updates).toMatchObject([{ id: 'price-40' }]);
  });

  it('leaves the book as it was when the line breaks between its pages, and is asked for anew', async () => {
    const { log, options, prices } = ledger();
    const { store, line } = await storeWithOldPrice(options);
    await line.sync(undefined, FIRST_PAGE);
    await line.next('sync');
    line.break();
    await chain.clock.elapse(1_000);
    const next = await chain.lines.next();
    expect([store.client.book.skus(), prices()]).toEqual([['OLD'], { OLD: 1 }]);
    expect(await next.sync(undefined, FIRST_PAGE)).toHaveProperty('positions', { all: 1 });
    await next.sync({ all: 90 }, { recovered: false, updates: [ofSku(90, 'B')] });
    await store.next('synced');
    expect(store.client.book.skus()).toEqual(['A', 'B']);
    expect(log.filter(entry => !entry.startsWith('price'))).toEqual([
      'begin not-recovered',
      'begin not-recovered',
      'commit',
    ]);
  });

  it('is not saved by halves: a client that restarts between its pages has what it had', async () => {
    const storage = memoryStorage();
    const { store, line } = await storeWithOldPrice({ storage });
    await line.sync(undefined, FIRST_PAGE);
    await line.next('sync');
    await store.client.close();
    const restarted = chain.store({ storage });
    expect(await (await chain.lines.next()).next('sync')).toHaveProperty('positions', { all: 1 });
    expect(restarted.client.book.skus()).toEqual(['OLD']);
  });

  it('begins anew where the chain begins anew, and where it no longer takes the cursor', async () => {
    const { log, options } = ledger();
    const { store, line } = await storeWithOldPrice(options);
    await line.sync(undefined, FIRST_PAGE);
    await line.sync(undefined, { ...FIRST_PAGE, cursor: 'c2', updates: [ofSku(41, 'B')] });
    const { requestId, cursor } = await line.next('sync');
    expect(cursor).toBe('c2');
    line.send({ type: 'error', requestId, code: 'invalid_frame', message: 'cursor: is of another chain' });
    await store.next('error');
    await chain.clock.elapse(1_000);
    expect(await line.sync({ all: 90 }, { ...FIRST_PAGE, cursor: undefined, more: false })).toHaveProperty(
      'positions',
      { all: 1 },
    );
    await store.next('synced');
    expect(store.client.book.skus()).toEqual(['A']);
    expect(log.filter(entry => entry.startsWith('begin'))).toHaveLength(3);
  });

  it('has what comes live between its pages, which is in force at once', async () => {
    const { log, options, prices } = ledger();
    const { store, line } = await storeWithOldPrice(options);
    await line.sync(undefined, FIRST_PAGE);
    const question = await line.next('sync');
    await applyAll(store, line, [ofSku(92, 'LIVE')]);
    expect(store.client.price('LIVE')?.amount).toBe(92);
    line.answer(question, { all: 92 }, { recovered: false, updates: [ofSku(90, 'B'), ofSku(92, 'LIVE')] });
    await store.next('synced');
    expect(store.client.book.skus().toSorted()).toEqual(['A', 'B', 'LIVE']);
    expect(prices()).toEqual({ A: 40, B: 90, LIVE: 92 });
    expect(log.filter(entry => entry === 'price-92')).toHaveLength(1);
    expect(store.client.positions).toEqual({ all: 92 });
  });

  it('does not lose an update that overtook it, not even for a moment', async () => {
    const { log, options, prices } = ledger();
    const { store, line } = await storeWithOldPrice(options);
    const question = await line.next('sync');
    await applyAll(store, line, [ofSku(43, 'LATE')]);
    line.answer(question, { all: 41 }, { recovered: false, first: true, updates: [] });
    await store.next('synced');
    expect([store.client.book.skus(), prices()]).toEqual([['LATE'], { LATE: 43 }]);
    await chain.clock.elapse(GAP_DELAY);
    await line.sync({ all: 43 }, { updates: [ofSku(42, 'B'), ofSku(43, 'LATE')] });
    await store.next('synced');
    expect(store.client.book.skus()).toEqual(['LATE', 'B']);
    expect(log).toEqual(['price-1', 'price-43', 'begin not-recovered', 'price-43', 'commit', 'price-42']);
  });

  it('of a chain whose numbering began anew has its positions', async () => {
    const { store, line } = await syncedStore({ all: 50 });
    line.break();
    await chain.clock.elapse(500);
    await (await chain.lines.next()).sync({ all: 3 }, { recovered: false, first: true });
    await store.next('synced');
    expect(store.client.positions).toEqual({ all: 3 });
  });

  it('waits for an application that fails in passing, so that it comes without holes', async () => {
    const { log, options } = ledger();
    const failures = new Set(['begin', 'price-40', 'commit']);
    const failOnce = (what: string, step: () => void) => {
      if (failures.delete(what)) throw new Error(`${what}: busy`);
      step();
    };
    const { store, line } = await storeWithOldPrice({
      apply: update => failOnce(update.id, () => options.apply(update)),
      begin: reason => failOnce('begin', () => options.begin(reason)),
      commit: () => failOnce('commit', () => options.commit()),
    });
    await line.sync({ all: 90 }, { recovered: false, first: true, updates: [ofSku(40, 'A')] });
    for (let failure = 0; failure < 3; failure += 1) {
      await store.next('error');
      expect(store.client.book.skus()).toEqual(['OLD']);
      await chain.clock.elapse(500);
    }
    await store.next('synced');
    expect(store.client.book.skus()).toEqual(['A']);
    expect(log).toEqual(['price-1', 'begin not-recovered', 'price-40', 'commit']);
  });

  it('that the application can never begin is asked for again later, and the book stays', async () => {
    const { store, line } = await storeWithOldPrice({
      begin: () => Promise.reject(new Error('no room')),
    });
    const page = { recovered: false, first: true, updates: [ofSku(40, 'A')] };
    await line.sync({ all: 90 }, page);
    for (let wait = 500; wait <= 8_000; wait *= 2) {
      await store.next('error');
      await chain.clock.elapse(wait);
    }
    expect((await store.next('error')).message).toContain('asks again');
    await chain.clock.elapse(500);
    await line.next('sync');
    expect(store.client.book.skus()).toEqual(['OLD']);
  });
});

describe('a store that moved', () => {
  const north = { all: 0, 'region/N': 0 };
  const moved = { all: 1, 'region/S': 1 };

  // The book was emptied first: a till was without any price until the sync from the start was through.
  it('drops what the channels that it left had brought, in one step, and syncs from the start', async () => {
    const { log, options, prices } = ledger();
    const { store, line } = await syncedStore(north, options);
    await applyAll(store, line, [
      ofSku(1, 'CHAIN'),
      ofSku(2, 'NORTH', { 'region/N': 1 }),
      ofSku(3, 'BOTH', { 'region/N': 2, 'region/S': 1 }),
    ]);
    line.break();
    await chain.clock.elapse(500);
    const next = await chain.lines.next();
    await next.sync(moved, { updates: [ofSku(9, 'OLD PAGE', { 'region/S': 9 })] });
    const question = await next.next('sync');
    expect(question).toHaveProperty('positions', {});
    expect(store.client.book.skus()).toEqual(['CHAIN', 'NORTH', 'BOTH']);
    next.answer(question, moved, { updates: [ofSku(4, 'SOUTH', { 'region/S': 2 })] });
    expect(await store.next('synced')).toEqual({ recovered: true, positions: moved });
    expect(store.client.book.skus()).toEqual(['CHAIN', 'BOTH', 'SOUTH']);
    expect(prices()).toEqual({ SOUTH: 4 });
    expect(log).toEqual(['price-1', 'price-2', 'price-3', 'begin moved', 'price-4', 'commit']);
  });

  it('has nothing of its old book where the chain answers with all that is in force', async () => {
    const { log, options } = ledger();
    const { store, line } = await syncedStore(north, options);
    await applyAll(store, line, [ofSku(1, 'CHAIN')]);
    line.break();
    await chain.clock.elapse(500);
    const next = await chain.lines.next();
    await next.sync(moved);
    await next.sync(moved, { recovered: false, first: true, updates: [ofSku(4, 'SOUTH')] });
    await store.next('synced');
    expect(store.client.book.skus()).toEqual(['SOUTH']);
    expect(log).toEqual(['price-1', 'begin moved', 'price-4', 'commit']);
  });

  it('takes what is published to its new channels meanwhile, with its receipt', async () => {
    const { store, line } = await syncedStore(north);
    line.break();
    await chain.clock.elapse(500);
    const next = await chain.lines.next();
    const first = await next.next('sync');
    next.send(ofSku(4, 'SOUTH', { 'region/S': 2 }));
    next.answer(first, moved);
    await next.sync(moved);
    await store.next('synced');
    expect(store.client.book.skus()).toEqual(['SOUTH']);
    await chain.clock.elapse(500);
    expect((await next.accept()).updates).toMatchObject([{ id: 'price-4' }]);
  });

  it('notices by a pong, too, and is not disturbed by the next', async () => {
    const { store, line } = await syncedStore(north);
    await chain.clock.elapse(240_000);
    await line.pong(moved);
    await line.sync(moved);
    const question = await line.next('sync');
    await chain.clock.elapse(ANSWER_TIMEOUT);
    await line.pong(moved);
    expect(await line.next('sync')).toHaveProperty('positions', {});
    line.answer(question, moved);
    await store.next('synced');
    expect(line.unread).toBe(0);
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
