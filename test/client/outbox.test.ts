import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileOutbox } from '../../client/sales/file-outbox.ts';
import type { StoredSale } from '../../client/sales/outbox-storage.ts';
import type { SaleInput } from '../../domain/sales/sale.ts';
import { accept, answer, backlog, counts, idsTo, manyLines, nextSales, sale, syncedStore } from './sales.ts';
import { ScriptedChain } from './scripted-chain.ts';

const GATHER = 1_000;

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
    const after = await syncedStore(chain, { outbox: fileOutbox(directory) });
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
    ['more than 15 minutes ahead', { soldAt: '2026-12-01T08:15:01Z' }, 'sold_in_future', /ahead/],
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
    await expect(store.client.send(sale(3, { soldAt: '2026-12-01T09:16:00Z' }))).rejects.toThrow(/ahead/);
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
    await expect(store.client.send(sale(1))).rejects.toMatchObject({ code: 'ENOTDIR' });
    await rm(occupied);
    await store.client.send(sale(1));
    await counts(store, 1);
    await store.client.close();
    await expect(store.client.send(sale(2))).rejects.toThrow('the client is closed');
    expect(await stored(occupied)).toHaveLength(1);
  });
});

describe('a refused sale', () => {
  const rejected = [{ saleId: 'S2', code: 'sold_in_future', message: 'too early' }];

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
      { sale: { saleId: 'S2', total: 200 }, code: 'sold_in_future', message: 'too early' },
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
