/** When a store reports, and what one frame carries. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { StoreClientOptions } from '../../client/options.ts';
import { nextSales, sale } from './sales.ts';
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
  await store.client.close();
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
  const closing = { till: '1', businessDay: '2026-12-01', count: 1, amount: 100, currency: 'EUR', last: 1 };

  it('sends what waits, and then hears what the chain counts', async () => {
    const { store, line } = await restingStore();
    await store.client.send(soldNow(1));
    const closed = store.client.closeDay(closing);
    const { requestId, ids } = await nextSales(line);
    line.acceptReport({ requestId }, { saleIds: ids });
    const report = await line.next('report');
    expect(report.closing).toEqual(closing);
    const counted = { ...closing, agrees: true, missing: [], missingCount: 0 };
    line.acceptReport(report, { closing: counted });
    expect(await closed).toEqual(counted);
  });

  it('is told where the chain does not answer, and keeps its sales', async () => {
    const { store } = await restingStore();
    await store.client.send(soldNow(1));
    const closed = expect(store.client.closeDay(closing)).rejects.toThrow('has not answered for 1');
    await chain.clock.elapse(30_000);
    await closed;
    expect(store.client.unsent).toBe(1);
  });
});
