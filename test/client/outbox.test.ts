import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileOutbox } from '../../client/sales/file-outbox.ts';
import {
  memoryOutbox,
  OutboxInUseError,
  type OutboxStorage,
  type StoredSale,
} from '../../client/sales/outbox-storage.ts';
import type { SaleInput } from '../../domain/sales/sale.ts';
import { accept, answer, backlog, counts, idsTo, manyLines, nextSales, sale, syncedStore } from './sales.ts';
import { ScriptedChain, type TestStore } from './scripted-chain.ts';

const GATHER = 1_000;
const BEFORE = '2026-12-01T07:00:00.000Z';

let chain: ScriptedChain;
let directory: string;
beforeEach(async () => {
  chain = await ScriptedChain.start();
  directory = await mkdtemp(join(tmpdir(), 'storecast-outbox-'));
});
afterEach(async () => {
  await chain.stop();
  await rm(directory, { recursive: true });
});

/** The chain does not answer for what the client sends as it closes. */
async function closeUnanswered({ client }: TestStore): Promise<void> {
  const closed = client.close();
  chain.clock.advance(1_000);
  await closed;
}

describe('a sale', () => {
  it('is on disk before its call returns', async () => {
    const store = chain.store({ outbox: fileOutbox(directory) });
    await store.client.send(sale(1));
    expect(await readFile(join(directory, 'sales.log'), 'utf8')).toContain('"saleId":"S1"');
    await counts(store, 1);
  });

  it('leaves once the chain has accepted it, as it was sold, and the count is live', async () => {
    const { store, line } = await syncedStore(chain, { outbox: fileOutbox(directory) });
    await store.client.send(sale(1, { soldAt: '2026-12-01T09:00:00+01:00' }));
    await counts(store, 1);
    await chain.clock.elapse(GATHER);
    const { requestId, sales } = await line.next('sales');
    expect(sales).toEqual([sale(1, { soldAt: '2026-12-01T08:00:00.000Z' })]);
    answer(line, requestId, ['S1']);
    await counts(store, 0);
    await store.client.close();
    expect(await stored(directory)).toEqual([]);
  });

  it('is sent again by a new process where the last one was killed before its answer', async () => {
    const before = await syncedStore(chain, { outbox: fileOutbox(directory) });
    await before.store.client.send(sale(1));
    await before.store.client.send(sale(2));
    await chain.clock.elapse(GATHER);
    expect((await nextSales(before.line)).ids).toEqual(['S1', 'S2']);
    // What the killed process leaves, without the lock that this one still holds.
    const left = join(directory, 'left');
    await cp(join(directory, 'sales.log'), join(left, 'sales.log'));
    const after = await syncedStore(chain, { outbox: fileOutbox(left) });
    await counts(after.store, 2);
    expect(await accept(after.line)).toEqual(['S1', 'S2']);
    await counts(after.store, 0);
  });

  it.each<[string, Partial<SaleInput>, string, RegExp]>([
    ['whose total is not that of its lines', { total: 1 }, 'total_mismatch', /sale S1.*total is 1/],
    ['of no known currency', { currency: 'XXZ' }, 'invalid_sale', /currency/],
    ['without lines', { lines: [] }, 'invalid_sale', /lines/],
    ['with an id that no frame takes', { saleId: 'a/b' }, 'invalid_sale', /saleId/],
    ['at no time', { soldAt: 'now' }, 'invalid_sale', /soldAt/],
    ['more than a day ahead', { soldAt: '2026-12-02T08:00:01Z' }, 'sold_in_future', /ahead/],
    ['too large for a frame', manyLines(900), 'too_large', /bytes/],
  ])('%s is refused at the till, and not stored', async (_, change, code, message) => {
    const { store } = await syncedStore(chain);
    const sent = store.client.send(sale(1, change));
    await expect(sent).rejects.toMatchObject({
      name: 'SaleError',
      code,
      message: expect.stringMatching(message),
    });
    expect(store.client.unsent).toBe(0);
  });

  it("may be ahead of a device's clock that is wrong, by the chain's time or while nobody knows it", async () => {
    chain.time.skewMs = 3_600_000;
    const store = chain.store();
    await store.client.send(sale(1, { soldAt: '2026-12-01T09:00:00Z' }));
    await (await chain.lines.next()).sync({ all: 0 });
    await store.next('synced');
    await store.client.send(sale(2, { soldAt: '2026-12-01T09:00:00Z' }));
    const dayAfter = { soldAt: '2026-12-02T09:00:01Z' };
    await expect(store.client.send(sale(3, dayAfter))).rejects.toThrow(/ahead/);
  });

  it('that is sent twice is stored once; another one of its id is refused', async () => {
    const { store, line } = await syncedStore(chain, { outbox: fileOutbox(directory) });
    await Promise.all([store.client.send(sale(1)), store.client.send(sale(1))]);
    await store.client.send(sale(1));
    await counts(store, 1);
    await expect(store.client.send(sale(1, { soldAt: '2026-12-01T07:00:00Z' }))).rejects.toMatchObject({
      code: 'sale_id_taken',
    });
    await chain.clock.elapse(GATHER);
    expect(await accept(line)).toEqual(['S1']);
    await counts(store, 0);
    const log = await readFile(join(directory, 'sales.log'), 'utf8');
    expect(log.match(/"sale":/g)).toHaveLength(1);
  });

  it('is not taken once the client is closed, nor where it can not be stored', async () => {
    const occupied = join(directory, 'file');
    await writeFile(occupied, '');
    const store = chain.store({ outbox: fileOutbox(occupied) });
    await chain.lines.next();
    expect((await store.next('error')).message).toBe('the outbox could not be loaded');
    await expect(store.client.send(sale(1))).rejects.toMatchObject({ code: 'EEXIST' });
    await rm(occupied);
    await store.client.send(sale(1));
    await counts(store, 1);
    await closeUnanswered(store);
    await expect(store.client.send(sale(2))).rejects.toThrow('the client is closed');
    expect(await stored(occupied)).toHaveLength(1);
  });
});

describe('a sale that is ahead of the chain', () => {
  const inAnHour = { soldAt: '2026-12-01T09:00:00.000Z' };
  /** An hour, but for the quarter that the chain takes it ahead, and a second to be sure. */
  const WAIT = 45 * 60_000 + 1_000;

  it('waits, in no others way, and goes when it is due', async () => {
    const { store, line } = await syncedStore(chain, { heartbeatMs: 86_400_000 });
    await store.client.send(sale(1, inAnHour));
    await store.client.send(sale(2));
    await chain.clock.elapse(GATHER);
    expect(await accept(line)).toEqual(['S2']);
    await chain.clock.elapse(WAIT - GATHER);
    expect(await accept(line)).toEqual(['S1']);
    for (const unsent of [1, 2, 1]) await counted(store, unsent);
    expect(store.client.refused).toEqual([]);
  });

  it('that a till sold before it knew the time, and the chain refused, is not refused for good', async () => {
    const outbox = memoryOutbox();
    await outbox.append({ ...sale(1), ...inAnHour });
    const store = chain.store({ outbox, heartbeatMs: 86_400_000 });
    const line = await chain.lines.next();
    const { requestId } = await nextSales(line);
    const early = { saleId: 'S1', code: 'sold_in_future', message: 'too early' };
    answer(line, requestId, [], [early]);
    await line.sync({ all: 0 });
    await store.next('synced');
    await chain.clock.elapse(500);
    expect([store.client.unsent, store.client.refused]).toEqual([1, []]);
    await chain.clock.elapse(WAIT - 500);
    expect(await accept(line)).toEqual(['S1']);
  });
});

describe('an outbox', () => {
  it('that can not be read for a moment is read again, and what it holds is sent', async () => {
    const outbox = memoryOutbox();
    await outbox.append({ ...sale(1), soldAt: '2026-12-01T08:00:00.000Z' });
    let failures = 1;
    const flaky: OutboxStorage = {
      ...outbox,
      load: failed => (failures-- > 0 ? Promise.reject(new Error('busy')) : outbox.load(failed)),
    };
    const { store, line } = await syncedStore(chain, { outbox: flaky });
    await chain.clock.elapse(500);
    expect(await accept(line)).toEqual(['S1']);
    await counts(store, 1);
  });

  it('that somebody else uses takes no sale until it is free', async () => {
    const holder = fileOutbox(directory);
    await holder.load(() => {});
    const store = chain.store({ outbox: fileOutbox(directory) });
    expect(await store.next('error')).toBeInstanceOf(OutboxInUseError);
    await expect(store.client.send(sale(1))).rejects.toThrow(OutboxInUseError);
    await holder.close?.();
    await store.client.send(sale(1));
    await counts(store, 1);
  });

  describe('of a store whose application names none', () => {
    const token = (storeId: string) =>
      `e30.${Buffer.from(JSON.stringify({ storeId })).toString('base64url')}.c2ln`;
    const home = process.env.HOME;
    beforeEach(() => {
      process.env.HOME = directory;
    });
    afterEach(() => {
      process.env.HOME = home;
    });

    // It was in memory: `send` resolved, and the sale ended with the process.
    it('is a file in its home, named by chain and store', async () => {
      const store = chain.bareStore({ token: async () => token('0417') });
      await store.client.send(sale(1));
      await closeUnanswered(store);
      const folder = join(directory, '.storecast', new URL(chain.url).host.replace(':', '_'), '0417');
      expect(await readFile(join(folder, 'sales.log'), 'utf8')).toContain('"saleId":"S1"');
      await counts(chain.bareStore({ token: token('0417') }), 1);
    });

    it('is none where the token names no store', async () => {
      const store = chain.bareStore({ token: 'secret' });
      await expect(store.client.send(sale(1))).rejects.toThrow('give the client an outbox');
    });
  });
});

describe('a refused sale', () => {
  const rejected = [{ saleId: 'S2', code: 'minute_full', message: 'no room' }];

  it("is kept and marked over restarts, in nobody's way, until it is cleared", async () => {
    const { store, line } = await syncedStore(chain, { outbox: fileOutbox(directory) });
    for (let n = 1; n <= 3; n++) await store.client.send(sale(n));
    await chain.clock.elapse(GATHER);
    const { requestId } = await nextSales(line);
    answer(line, requestId, ['S1', 'S3'], rejected);
    for (const unsent of [1, 2, 3]) expect((await store.next('outbox')).unsent).toBe(unsent);
    await counts(store, 0, 1);
    await store.client.close();

    const next = await syncedStore(chain, { outbox: fileOutbox(directory) });
    await counts(next.store, 0, 1);
    expect(next.store.client.refused).toMatchObject([
      { sale: { saleId: 'S2', total: 200 }, code: 'minute_full', message: 'no room' },
    ]);
    await next.store.client.send(sale(4));
    await counts(next.store, 1, 1);
    await chain.clock.elapse(GATHER);
    expect(await accept(next.line)).toEqual(['S4']);
    await counts(next.store, 0, 1);
    await next.store.client.clearRefused('S2');
    await next.store.client.clearRefused('S2');
    await counts(next.store, 0, 0);
    await next.store.client.close();
    expect(await stored(directory)).toEqual([]);
  });

  it('is of one till: another one with its id goes in a frame of its own, and is settled for itself', async () => {
    const { store, line } = await syncedStore(chain, { outbox: fileOutbox(directory) });
    for (const till of ['1', '2']) await store.client.send({ ...sale(2), till });
    await chain.clock.elapse(GATHER);
    const first = await line.next('sales');
    expect(first.sales).toMatchObject([{ saleId: 'S2', till: '1' }]);
    answer(line, first.requestId, [], rejected);
    for (const unsent of [1, 2]) await counted(store, unsent);
    await counts(store, 1, 1);
    chain.clock.advance(1_000);
    const second = await line.next('sales');
    expect(second.sales).toMatchObject([{ saleId: 'S2', till: '2' }]);
    await closeUnanswered(store);

    const next = await syncedStore(chain, { outbox: fileOutbox(directory) });
    expect(next.store.client).toMatchObject({ unsent: 1, refused: [{ sale: { till: '1' } }] });
    expect(await accept(next.line)).toEqual(['S2']);
    await next.store.client.clearRefused('S2', '2');
    expect(next.store.client.refused).toHaveLength(1);
    await next.store.client.clearRefused('S2', '1');
    expect(next.store.client).toMatchObject({ unsent: 0, refused: [] });
    await next.store.client.close();
    expect(await stored(directory)).toEqual([]);
  });

  it('can be sent anew once it is cleared', async () => {
    const { store, line } = await backlog(chain, 1, 2);
    const { requestId } = await nextSales(line);
    answer(line, requestId, ['S1'], rejected);
    await counts(store, 0, 1);
    await expect(store.client.send(sale(2, { soldAt: '2026-12-01T07:00:00Z' }))).rejects.toThrow(/S2/);
    await store.client.clearRefused('S2');
    await store.client.send(sale(2, { soldAt: '2026-12-01T07:00:00Z' }));
    await chain.clock.elapse(GATHER);
    expect(await accept(line)).toEqual(['S2']);
  });

  it.each<[string, (store: TestStore) => Promise<void>]>([
    ['on demand', store => store.client.retryRefused('S2')],
    ['by the same call as before', store => store.client.send({ ...sale(2), soldAt: BEFORE })],
  ])('is sent again %s, and is refused no more over a restart', async (_, again) => {
    const outbox = fileOutbox(directory);
    const { store, line } = await syncedStore(chain, { outbox });
    await store.client.send({ ...sale(2), soldAt: BEFORE });
    await chain.clock.elapse(GATHER);
    answer(line, (await nextSales(line)).requestId, [], rejected);
    await counted(store, 1);
    await counts(store, 0, 1);
    await again(store);
    await counts(store, 1, 0);
    await store.client.retryRefused('S2');
    await closeUnanswered(store);
    expect(await stored(directory)).toEqual([{ sale: { ...sale(2), soldAt: BEFORE } }]);
  });

  it('is found by halving, where the chain refuses the frame as a whole', async () => {
    const { store, line } = await backlog(chain, 1, 20, { salesPerSecond: 1 });
    const sizes: number[] = [];
    const accepted: string[] = [];
    while (accepted.length < 19) {
      const { requestId, ids } = await nextSales(line);
      sizes.push(ids.length);
      if (ids.includes('S7')) {
        line.send({ type: 'error', requestId, code: 'invalid_frame', message: 'spoilt' });
      } else {
        answer(line, requestId, ids);
        accepted.push(...ids);
      }
      if (accepted.length < 19) await chain.clock.elapse(1_000 * ids.length);
    }
    expect(sizes.slice(0, 4)).toEqual([20, 10, 5, 10]);
    expect(accepted).toEqual(idsTo(20).filter(id => id !== 'S7'));
    expect(store.client.refused).toMatchObject([
      { sale: { saleId: 'S7' }, code: 'invalid_frame', message: 'spoilt' },
    ]);
  });
});

/** Waits for a change of the counts that others have followed. */
async function counted(store: TestStore, unsent: number): Promise<void> {
  expect((await store.next('outbox')).unsent).toBe(unsent);
}

/** What a new process would find. */
async function stored(folder: string): Promise<StoredSale[]> {
  const outbox = fileOutbox(folder);
  try {
    return await outbox.load(error => {
      throw error;
    });
  } finally {
    await outbox.close?.();
  }
}
