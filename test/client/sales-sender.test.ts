import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_SALES } from '../../domain/sales/sale.ts';
import { accept, answer, backlog, counts, idsTo, manyLines, nextSales, sale, syncedStore } from './sales.ts';
import { price, ScriptedChain, type ScriptedLine, type TestStore } from './scripted-chain.ts';

const GATHER = 1_000;
const REPEAT = 10_500;
const BACKOFF = 500;

let chain: ScriptedChain;
beforeEach(async () => {
  chain = await ScriptedChain.start();
});
afterEach(() => chain.stop());

/** Everything that the client has sent so far has arrived; takes a second. */
async function settleDown(store: TestStore, line: ScriptedLine, n = 1): Promise<void> {
  line.send(price(n));
  await store.next('applied');
  await chain.clock.elapse(GATHER);
  await line.accept();
}

describe('a frame of sales', () => {
  it('gathers what comes within a second, in the order of the calls', async () => {
    const { store, line } = await syncedStore(chain);
    const sending = [3, 1, 2].map(n => store.client.send(sale(n)));
    await Promise.all(sending);
    await chain.clock.elapse(GATHER);
    expect(await accept(line)).toEqual(['S3', 'S1', 'S2']);
  });

  it('leaves at once when it holds as many as a frame may', async () => {
    const { store, line } = await syncedStore(chain);
    for (let n = 1; n <= MAX_SALES + 1; n++) await store.client.send(sale(n));
    expect(await accept(line)).toEqual(idsTo(MAX_SALES));
    await chain.clock.elapse(GATHER);
    expect(await accept(line)).toEqual([`S${MAX_SALES + 1}`]);
  });

  it('leaves at once when it is as large as a frame may be', async () => {
    const { store, line } = await syncedStore(chain);
    for (let n = 1; n <= 4; n++) await store.client.send(sale(n, manyLines(200)));
    const frame = await line.next('sales');
    expect(frame.sales).toHaveLength(3);
    expect(JSON.stringify(frame).length).toBeLessThan(32_768);
  });

  it('may be filled by one large sale', async () => {
    const { store, line } = await syncedStore(chain);
    await store.client.send(sale(1));
    await store.client.send(sale(2, manyLines(705)));
    expect(await accept(line)).toEqual(['S1']);
    await chain.clock.elapse(GATHER);
    const frame = await line.next('sales');
    expect(JSON.stringify(frame).length).toBeGreaterThan(31_000);
    expect(JSON.stringify(frame).length).toBeLessThan(32_768);
  });

  it('waits for the answer to the one before', async () => {
    const { store, line } = await syncedStore(chain);
    await store.client.send(sale(1));
    await chain.clock.elapse(GATHER);
    const first = await nextSales(line);
    await store.client.send(sale(2));
    await settleDown(store, line, 1);
    await settleDown(store, line, 2);
    expect(line.unread).toBe(0);
    answer(line, first.requestId, ['S1']);
    expect(await accept(line)).toEqual(['S2']);
  });

  it('drains a backlog no faster than it may', async () => {
    const { store, line } = await backlog(chain, 1, 120, { salesPerSecond: 20 });
    expect(await accept(line)).toEqual(idsTo(50));
    await counts(store, 70);
    await chain.clock.elapse(2_500);
    expect(await accept(line)).toEqual(idsTo(100, 51));
    await counts(store, 20);
    await chain.clock.elapse(2_500);
    expect(await accept(line)).toEqual(idsTo(120, 101));
    await counts(store, 0);
  });

  it('drains a full frame a second unless told otherwise', async () => {
    const { store, line } = await backlog(chain, 1, 60);
    await accept(line);
    await counts(store, 10);
    await chain.clock.elapse(1_000);
    expect(await accept(line)).toEqual(idsTo(60, 51));
  });

  it('is no frame at all where no sale could ever leave', () => {
    expect(() => chain.store({ salesPerSecond: 0 })).toThrow(RangeError);
  });
});

describe('an answer', () => {
  it('that is lost is asked for again, and so is whether anybody is there', async () => {
    const { store, line } = await backlog(chain, 1, 2);
    expect((await nextSales(line)).ids).toEqual(['S1', 'S2']);
    await store.client.send(sale(3));
    await chain.clock.elapse(REPEAT);
    expect(await accept(line)).toEqual(['S1', 'S2', 'S3']);
    await line.pong({ all: 0 });
  });

  it('that never came on a broken line is asked for at once on the next', async () => {
    const { store, line } = await backlog(chain, 1, 2);
    await nextSales(line);
    line.break();
    await store.next('close');
    await store.client.send(sale(3));
    await chain.clock.elapse(BACKOFF);
    expect(await accept(await chain.lines.next())).toEqual(['S1', 'S2', 'S3']);
  });

  // Both tills of a store count from 1: the second one's sale was taken off the outbox, and never sent.
  it('that comes twice says nothing of a sale that has the same id since', async () => {
    const { store, line } = await backlog(chain, 1, 1);
    const first = await nextSales(line);
    answer(line, first.requestId, ['S1']);
    await counts(store, 0);
    await store.client.send({ ...sale(1), till: 'second' });
    await counts(store, 1);
    answer(line, first.requestId, ['S1']);
    await settleDown(store, line);
    expect(store.client.unsent).toBe(1);
    expect(await accept(line)).toEqual(['S1']);
    await counts(store, 0);
  });

  it('that comes twice, or late, counts once and settles what it names', async () => {
    const { store, line } = await backlog(chain, 1, 2);
    const first = await nextSales(line);
    await store.client.send(sale(3));
    await counts(store, 3);
    await chain.clock.elapse(REPEAT);
    const second = await nextSales(line);
    answer(line, first.requestId, ['S1', 'S2']);
    answer(line, first.requestId, ['S1', 'S2']);
    await counts(store, 1);
    // The frame that is under way may still be answered.
    await line.pong({ all: 0 });
    await settleDown(store, line);
    expect(line.unread).toBe(0);
    answer(line, second.requestId, second.ids);
    await counts(store, 0);
    answer(line, second.requestId, second.ids);
    await store.client.send(sale(4));
    await counts(store, 1);
    await chain.clock.elapse(GATHER);
    expect(await accept(line)).toEqual(['S4']);
  });

  it('that names a part leaves the rest to be sent again, and is progress', async () => {
    const { store, line } = await backlog(chain, 1, 4);
    for (const [sent, accepted] of [
      [idsTo(4), ['S1', 'S3', 'S77']],
      [['S2', 'S4'], ['S4']],
    ] as const) {
      const { requestId, ids } = await nextSales(line);
      expect(ids).toEqual(sent);
      answer(line, requestId, [...accepted]);
      await store.next('outbox');
      await chain.clock.elapse(BACKOFF);
    }
    expect(await accept(line)).toEqual(['S2']);
    await counts(store, 0);
  });

  it.each([
    [
      'rate_limited',
      (requestId: string) => ({ type: 'error', requestId, code: 'rate_limited', message: 'slow' }),
    ],
    ['internal', (requestId: string) => ({ type: 'error', requestId, code: 'internal', message: 'oh' })],
    [
      "the gateway's own error",
      () => ({ message: 'Internal server error', connectionId: 'a=', requestId: 'b' }),
    ],
  ])('%s: the same again, after ever longer waits', async (_, error) => {
    const { store, line } = await backlog(chain, 1, 1);
    for (const wait of [BACKOFF, 2 * BACKOFF, 4 * BACKOFF]) {
      const { requestId, ids } = await nextSales(line);
      expect(ids).toEqual(['S1']);
      line.send(error(requestId));
      await chain.clock.elapse(wait);
    }
    expect(await accept(line)).toEqual(['S1']);
    await counts(store, 0);
  });

  it.each([
    ['of a type from the future', { type: 'greeting', connectionId: 'a=' }],
    ['to another question', { type: 'error', requestId: 'ping-7', code: 'internal', message: 'oh' }],
  ])('%s hurries nothing', async (_, frame) => {
    const { store, line } = await backlog(chain, 1, 1);
    await nextSales(line);
    line.send(frame);
    await settleDown(store, line);
    expect(line.unread).toBe(0);
  });
});

describe('a broken line', () => {
  it('ends the waiting after errors', async () => {
    const { store, line } = await backlog(chain, 1, 1);
    for (const wait of [BACKOFF, 2 * BACKOFF, 4 * BACKOFF, 8 * BACKOFF]) {
      const { requestId } = await nextSales(line);
      line.send({ type: 'error', requestId, code: 'rate_limited', message: 'slow' });
      await store.next('error');
      if (wait < 8 * BACKOFF) await chain.clock.elapse(wait);
    }
    line.break();
    await store.next('close');
    await chain.clock.elapse(BACKOFF);
    expect(await accept(await chain.lines.next())).toEqual(['S1']);
  });

  it('is not sent on', async () => {
    const { store, line } = await syncedStore(chain);
    chain.refusals = [503];
    line.break();
    await store.next('close');
    await store.client.send(sale(1));
    await chain.clock.elapse(BACKOFF);
    await store.next('error');
    await chain.clock.elapse(2 * BACKOFF);
    const { requestId, ids } = await nextSales(await chain.lines.next());
    expect([requestId, ids]).toEqual(['sales-1', ['S1']]);
  });
});
