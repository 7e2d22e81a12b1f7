/** When a store reports, and what one frame carries. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { StoreClientOptions } from '../../client/options.ts';
import { memoryOutbox } from '../../client/sales/outbox-storage.ts';
import { manyLines, nextSales, sale } from './sales.ts';
import { price, ScriptedChain, type ScriptedLine, type TestStore } from './scripted-chain.ts';

/** The moment of this store in its interval: random numbers are 0.5. */
const PHASE = 15_000;
const MINUTE = 60_000;
const SAVED = 1_000;

let chain: ScriptedChain;
beforeEach(async () => {
  chain = await ScriptedChain.start();
});
afterEach(() => chain.stop());

async function restingStore(options: Partial<StoreClientOptions> = {}) {
  const store = chain.store(options);
  const line = await chain.lines.next();
  line.reportEveryMs = MINUTE;
  await line.sync({ all: 0 });
  await store.next('synced');
  // The first minute is not at rest.
  chain.clock.advance(MINUTE);
  return { store, line };
}

/** What the client has sent so far has arrived. */
async function settle(store: TestStore, line: ScriptedLine): Promise<void> {
  line.send({ type: 'greeting' });
  line.send({ type: 'error', code: 'internal', message: 'none' });
  await store.next('error');
}

const closing = { till: '1', businessDay: '2026-12-01', count: 1, amount: 100, currency: 'EUR', last: 1 };
const counted = { ...closing, agrees: true, missing: [], missingCount: 0 };

const soldNow = (n: number) => sale(n, { soldAt: chain.time.timestamp() });

it('in the first minute after its start a till waits for nothing', async () => {
  const store = chain.store();
  const line = await chain.lines.next();
  line.reportEveryMs = MINUTE;
  await line.sync({ all: 0 });
  await store.next('synced');
  await store.client.send(soldNow(1));
  await chain.clock.elapse(500);
  expect((await nextSales(line)).ids).toEqual(['S1']);
});

describe('at rest', () => {
  it('a store reports once a minute, at a moment of its own, the sales of the minutes that are over', async () => {
    const { store, line } = await restingStore();
    for (let n = 1; n <= 3; n += 1) {
      await store.client.send(soldNow(n));
      chain.clock.advance(10_000);
    }
    chain.clock.advance(MINUTE / 2 + PHASE - 1_000);
    await settle(store, line);
    expect(line.unread).toBe(0);
    await store.client.send(soldNow(4));
    chain.clock.advance(1_000);
    const { requestId, ids } = await nextSales(line);
    expect(ids).toEqual(['S1', 'S2', 'S3']);
    line.acceptReport({ requestId }, { saleIds: ids });
    await vi.waitUntil(() => store.client.unsent === 1);
    chain.clock.advance(MINUTE);
    expect((await nextSales(line)).ids).toEqual(['S4']);
  });

  it('receipts and sales ride in one frame', async () => {
    const { store, line } = await restingStore();
    line.send(price(1));
    await store.next('applied');
    await store.client.send(sale(1, { soldAt: chain.time.timestamp(-MINUTE) }));
    await chain.clock.elapse(SAVED);
    await settle(store, line);
    expect(line.unread).toBe(0);
    chain.clock.advance(PHASE - SAVED);
    const { requestId } = await nextSales(line);
    expect(await line.next('applied')).toMatchObject({
      requestId,
      updates: [{ id: 'price-1' }],
      positions: { all: 1 },
    });
  });

  it('a receipt goes at once where somebody waits for it', async () => {
    const { store, line } = await restingStore();
    line.send(price(1, { receipts: 'now' }));
    await store.next('applied');
    await chain.clock.elapse(SAVED);
    expect((await line.accept()).updates).toMatchObject([{ id: 'price-1' }]);
  });

  it('a full frame goes at once', async () => {
    const { store, line } = await restingStore();
    for (let n = 1; n <= 50; n += 1) await store.client.send(soldNow(n));
    expect((await nextSales(line)).ids).toHaveLength(50);
  });

  // A frame past 32 KB closes the line, and the sale would go again on the next.
  it('a sale that fills a frame goes without what else there is to say, however many channels the store has', async () => {
    const { store, line } = await restingStore();
    const groups = Array.from({ length: 20 }, (_, n) => [`group/${String(n).padStart(60, 'g')}`, 1] as const);
    line.send({
      type: 'pong',
      positions: { all: 0, ...Object.fromEntries(groups) },
      serverTime: chain.time.timestamp(),
    });
    await line.sync({ all: 0, ...Object.fromEntries(groups) });
    await line.sync({ all: 0, ...Object.fromEntries(groups) });
    await store.next('synced');
    await store.client.send(soldNow(1));
    await store.client.send(sale(2, { ...manyLines(705), soldAt: chain.time.timestamp() }));
    line.acceptReport(await line.next('sales'), { saleIds: ['S1'] });
    await vi.waitUntil(() => store.client.unsent === 1);
    chain.clock.advance(2 * MINUTE);
    const frame = await line.next('sales');
    expect(frame.sales).toMatchObject([{ saleId: 'S2' }]);
    expect(line.longest).toBeLessThan(32_768);
  });

  it('sales that a till wants to be gathered for less go then', async () => {
    const { store, line } = await restingStore({ salesBatchMs: 2_000 });
    await store.client.send(soldNow(1));
    await chain.clock.elapse(2_000);
    expect((await nextSales(line)).ids).toEqual(['S1']);
  });
});

it('a client that is closed waits for nothing, whatever it has not sent', async () => {
  const store = chain.store();
  const line = await chain.lines.next();
  await line.sync({ all: 0 });
  await store.next('synced');
  line.send(price(1));
  await store.next('applied');
  await store.client.send(soldNow(1));
  const day = expect(store.client.closeDay(closing)).rejects.toThrow('closed');
  const closed = store.client.close();
  chain.clock.advance(1_000);
  await Promise.all([closed, day]);
  expect(chain.clock.waiting).toBe(0);
});

describe('somebody who watches', () => {
  it('has what waits within a moment, and sales as they are made, until it is over', async () => {
    const { store, line } = await restingStore();
    await store.client.send(soldNow(1));
    const until = chain.time.timestamp(2 * MINUTE);
    line.send({ type: 'pace', reportEveryMs: 1_000, until });
    await settle(store, line);
    chain.clock.advance(300);
    const first = await nextSales(line);
    expect(first.ids).toEqual(['S1']);
    // Of a Lambda that has not heard of the watcher yet.
    line.acceptReport({ requestId: first.requestId }, { saleIds: ['S1'], reportEveryMs: MINUTE });
    await store.next('outbox');
    await store.client.send(soldNow(2));
    await chain.clock.elapse(500);
    const second = await nextSales(line);
    expect(second.ids).toEqual(['S2']);
    line.acceptReport({ requestId: second.requestId }, { saleIds: ['S2'], reportEveryMs: 1_000 });

    line.send({ type: 'pace', reportEveryMs: 1_000, until });
    await settle(store, line);
    chain.clock.advance(2 * MINUTE);
    await store.client.send(soldNow(3));
    chain.clock.advance(1_000);
    await settle(store, line);
    expect(line.unread).toBe(0);
    chain.clock.advance(MINUTE + PHASE);
    expect((await nextSales(line)).ids).toEqual(['S3']);
  });
});

describe('what is to be sent now', () => {
  it('goes after the frame that is under way, though that is answered', async () => {
    const { store, line } = await restingStore();
    for (let n = 1; n <= 50; n += 1) await store.client.send(soldNow(n));
    const full = await nextSales(line);
    await store.client.send(soldNow(51));
    const flushed = store.client.flush();
    line.acceptReport(full, { saleIds: full.ids });
    // As fast as a backlog leaves.
    await chain.clock.elapse(1_000);
    const rest = await nextSales(line);
    expect(rest.ids).toEqual(['S51']);
    line.acceptReport(rest, { saleIds: rest.ids });
    await flushed;
  });
});

describe('a till that closes its day', () => {
  it('sends what waits, and then hears what the chain counts', async () => {
    const { store, line } = await restingStore();
    await store.client.send(soldNow(1));
    const closed = store.client.closeDay(closing);
    const { requestId, ids } = await nextSales(line);
    line.acceptReport({ requestId }, { saleIds: ids });
    const report = await line.next('report');
    expect(report.closing).toEqual(closing);
    line.acceptReport(report, { closing: counted });
    expect(await closed).toEqual(counted);
  });

  it('is answered on the next line where this one breaks', async () => {
    const { store, line } = await restingStore();
    const closed = store.client.closeDay(closing);
    await line.next('report');
    line.break();
    await store.next('close');
    await chain.clock.elapse(500);
    const next = await chain.lines.next();
    next.acceptReport(await next.next('report'), { closing: { ...counted } });
    expect(await closed).toEqual(counted);
  });

  it.each([
    ['an error', 1_000, { type: 'error', code: 'internal', message: 'oh' }],
    ['nothing', 10_500, { type: 'greeting' }],
  ])('asks again where the chain answers with %s', async (_, wait, answer) => {
    const { store, line } = await restingStore();
    const closed = store.client.closeDay(closing);
    const { requestId } = await line.next('report');
    line.send({ ...answer, requestId });
    await chain.clock.elapse(wait);
    line.acceptReport(await line.next('report'), { closing: counted });
    expect(await closed).toEqual(counted);
  });

  it('hears at once that the chain does not take its count', async () => {
    const { store, line } = await restingStore();
    const closed = store.client.closeDay(closing);
    const { requestId } = await line.next('report');
    line.send({ type: 'error', requestId, code: 'invalid_frame', message: 'closing.till: wrong' });
    await expect(closed).rejects.toThrow('closing.till: wrong');
  });

  it('sends once more what was refused, where the chain lacks it', async () => {
    const { store, line } = await restingStore();
    await store.client.send({ ...soldNow(1), till: '1', sequence: 1, businessDay: closing.businessDay });
    const refused = store.client.flush();
    const first = await nextSales(line);
    line.acceptReport(first, { rejected: [{ saleId: 'S1', code: 'minute_full', message: 'full' }] });
    await refused;

    const closed = store.client.closeDay(closing);
    const lacking = { ...counted, count: 0, amount: 0, agrees: false, missing: [1], missingCount: 1 };
    line.acceptReport(await line.next('report'), { closing: lacking });
    await chain.clock.elapse(20);
    const again = await nextSales(line);
    expect(again.ids).toEqual(['S1']);
    line.acceptReport(again, { saleIds: ['S1'] });
    line.acceptReport(await line.next('report'), { closing: counted });
    expect(await closed).toEqual(counted);
  });

  it('is told where the chain does not answer, and keeps its sales', async () => {
    const { store } = await restingStore();
    await store.client.send(soldNow(1));
    const closed = expect(store.client.closeDay(closing)).rejects.toThrow('has not answered for all');
    await chain.clock.elapse(30_000);
    await closed;
    expect(store.client.unsent).toBe(1);
  });
});

describe('a till that is closed', () => {
  it('says what it holds, and waits a moment for the answer', async () => {
    const outbox = memoryOutbox();
    const { store, line } = await restingStore({ outbox });
    line.send(price(1));
    await store.next('applied');
    await chain.clock.elapse(SAVED);
    await store.client.send(soldNow(1));
    const closed = store.client.close();
    const { requestId, ids } = await nextSales(line);
    expect(ids).toEqual(['S1']);
    const { updates } = await line.next('applied');
    line.acceptReport({ requestId }, { saleIds: ids, ids: updates.map(({ id }: { id: string }) => id) });
    await closed;
    expect(await outbox.load(() => {})).toEqual([]);
  });

  it('keeps what the chain does not answer for', async () => {
    const outbox = memoryOutbox();
    const { store, line } = await restingStore({ outbox });
    await store.client.send(soldNow(1));
    const closed = store.client.close();
    await nextSales(line);
    await chain.clock.elapse(1_000);
    await closed;
    expect(await outbox.load(() => {})).toMatchObject([{ sale: { saleId: 'S1' } }]);
  });
});

describe('a chain from before reports', () => {
  it('gets sales and receipts in frames of their own', async () => {
    const { store, line } = await restingStore();
    line.send(price(1, { receipts: 'now' }));
    await store.next('applied');
    await chain.clock.elapse(SAVED);
    const report = await line.next('applied');
    line.send({ type: 'error', requestId: report.requestId, code: 'unknown_action', message: 'none' });
    await store.next('error');
    const { updates } = await line.next('applied');
    line.send({ type: 'applied.accepted', ids: updates.map(({ id }: { id: string }) => id) });

    await store.client.send(soldNow(1));
    const flushed = store.client.flush();
    const { requestId, ids } = await nextSales(line);
    line.send({ type: 'sales.accepted', requestId, saleIds: ids, rejected: [] });
    await flushed;
    expect(line.reports).toBe(1);

    const closed = store.client.closeDay(closing);
    const asked = await line.next('report');
    line.send({ type: 'error', requestId: asked.requestId, code: 'unknown_action', message: 'none' });
    await expect(closed).rejects.toThrow('does not count till 1');
  });
});
