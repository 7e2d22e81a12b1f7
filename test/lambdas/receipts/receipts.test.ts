/** What is found of the receipts that stores have sent, wherever they are by then. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatheredReceipts } from '../../../lambdas/receipts/gathered-receipts.ts';
import { ReceiptGatherer } from '../../../lambdas/receipts/receipt-gatherer.ts';
import { ReceiptInbox } from '../../../lambdas/receipts/receipt-inbox.ts';
import type { Receipt } from '../../../lambdas/receipts/receipt-rows.ts';
import { Receipts, type ReceiptTables } from '../../../lambdas/receipts/receipts.ts';
import { startAws, TABLES } from '../aws.ts';
import { countingUnits } from '../counting-units.ts';
import { CrashError, crashingClient } from '../crashing-client.ts';
import { NOW, unique } from '../updates.ts';

type Said = Omit<Receipt, 'storeId'>;

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const aws = await startAws();
const tables = open(aws.dynamodb);
const receipts = new Receipts(tables);

function open(client: DynamoDBClient): ReceiptTables {
  return {
    inbox: new ReceiptInbox({ client, table: TABLES.inbox, shards: 8 }),
    gathered: new GatheredReceipts({ client, table: TABLES.receipts }),
  };
}

/** Time goes on from test to test: what comes before the mark of a shard is never looked at again. */
let now = NOW;
const later = (ms: number) => {
  now += ms;
  return now;
};

const receive = (storeId: string, updateId: string, said: Said) =>
  tables.inbox.put(storeId, [{ updateId, ...said }], later(SECOND));
const gather = (client = aws.dynamodb) => new ReceiptGatherer(open(client)).run(later(MINUTE), () => true);

const byStoreId = (a: Receipt, b: Receipt) => (a.storeId < b.storeId ? -1 : 1);

async function found(updateId: string): Promise<Receipt[]> {
  return (await receipts.of(updateId)).sort(byStoreId);
}

const applied: Said = { outcome: 'applied', at: NOW };
const rejected: Said = { outcome: 'rejected', at: NOW + 1, reason: 'unknown SKU' };
const stores = (count: number) => Array.from({ length: count }, () => unique('s')).sort();

describe('the receipts of an update', () => {
  it('are those of every store, over all shards, and of no other update, gathered or not', async () => {
    const [id, other] = [unique('u'), unique('u')];
    const [before, after] = [stores(40), stores(40)];
    for (const storeId of before) await receive(storeId, id, applied);
    await receive('elsewhere', other, applied);
    expect(await gather()).toBe(41);
    expect(await gather()).toBe(0);
    for (const storeId of after) await receive(storeId, id, applied);
    const all = [...before, ...after].sort();
    expect(await found(id)).toEqual(all.map(storeId => ({ storeId, ...applied })));
    expect(await found(other)).toEqual([{ storeId: 'elsewhere', ...applied }]);
    expect(await found(unique('u'))).toEqual([]);
  });

  const again: Said = { ...applied, at: NOW + 9 };

  describe.each<[string, 'gathers' | undefined, 'gathers' | undefined]>([
    ['that are not gathered', undefined, undefined],
    ['that were gathered in between', 'gathers', undefined],
    ['that were gathered each by itself', 'gathers', 'gathers'],
    ['that were gathered together', undefined, 'gathers'],
  ])('%s', (_title, between, after) => {
    it.each<[string, Said, Said, Said]>([
      ['repeated', applied, again, applied],
      ['repeated as refused', rejected, { ...rejected, reason: 'another' }, rejected],
      ['refused after it was applied', applied, rejected, applied],
      ['applied after it was refused', rejected, again, again],
    ])(
      'stay as they were first, but for a refusal that is taken back: %s',
      async (_title, first, second, kept) => {
        const [id, storeId] = [unique('u'), unique('s')];
        await receive(storeId, id, first);
        if (between) await gather();
        await receive(storeId, id, second);
        if (after) await gather();
        expect(await found(id)).toEqual([{ storeId, ...kept }]);
      },
    );
  });

  it('are found where they are stored after those that came later', async () => {
    const [slow, quick, storeId] = [unique('u'), unique('u'), unique('s')];
    const cameAt = later(SECOND);
    await receive(storeId, quick, applied);
    await new ReceiptGatherer(tables).run(later(9 * SECOND), () => true);
    await tables.inbox.put(storeId, [{ updateId: slow, ...applied }], cameAt);
    for (const id of [slow, quick]) expect(await found(id)).toHaveLength(1);
    await gather();
    for (const id of [slow, quick]) expect(await found(id)).toHaveLength(1);
  });

  it('are gathered page by page for as long as there is time, and the next run goes on', async () => {
    const id = unique('u');
    const all = stores(20);
    for (const storeId of all) await receive(storeId, id, applied);
    expect(await new ReceiptGatherer(tables).run(later(MINUTE), () => false)).toBe(0);
    expect(await found(id)).toHaveLength(20);
    expect(await gather()).toBe(20);
    expect(await found(id)).toHaveLength(20);
  });

  it('harm nobody where a clock is behind the one that gathered last', async () => {
    const [id, storeId] = [unique('u'), unique('s')];
    await receive(storeId, id, applied);
    await gather();
    expect(await new ReceiptGatherer(tables).run(now - 10 * MINUTE, () => true)).toBe(0);
    expect(await found(id)).toHaveLength(1);
  });
});

describe('what receipts cost', () => {
  const updateIds = (count: number) => Array.from({ length: count }, () => crypto.randomUUID());

  it.each([
    ['two', 2, 1],
    ['ten', 10, 1],
    ['a hundred', 100, 7],
  ])('%s of a frame are one write, of %i in %i units at most', async (_title, count, most) => {
    const { client, units } = countingUnits(aws.endpoint);
    const said = updateIds(count).map(updateId => ({ updateId, ...applied }));
    await open(client).inbox.put(unique('s'), said, later(SECOND));
    client.destroy();
    expect(units()).toBeLessThanOrEqual(most);
  });

  it('gathered by update a thousand stores’ take few units, and few to be read', async () => {
    const ids = updateIds(2);
    await gather();
    for (const storeId of stores(1_000)) {
      await tables.inbox.put(
        storeId,
        ids.map((updateId, index) => ({ updateId, ...applied, at: NOW + index + Math.floor(now % 9_000) })),
        later(37),
      );
    }
    const gathering = countingUnits(aws.endpoint);
    expect(await gather(gathering.client)).toBe(2_000);
    gathering.client.destroy();
    // Each shard: the inbox is read, two updates and a mark are written.
    expect(gathering.units()).toBeLessThan(200);
    const reading = countingUnits(aws.endpoint);
    const all = await new Receipts(open(reading.client)).of(ids[0] ?? '');
    reading.client.destroy();
    expect(all).toHaveLength(1_000);
    expect(reading.units()).toBeLessThanOrEqual(3 * 8);
  });
});

describe('whenever receipts are gathered, by however many, while stores repeat them and gatherers die', () => {
  const ids = fc.nat({ max: 2 });
  const outcome = fc.constantFrom<Receipt['outcome']>('applied', 'rejected');
  const receipt = fc.record({ store: ids, update: ids, outcome });
  const crashAt = fc.option(fc.nat({ max: 40 }), { nil: undefined });
  const step = fc.record({
    waits: fc.constantFrom(1, 20 * SECOND, MINUTE),
    received: fc.array(receipt, { maxLength: 5 }),
    gatherers: fc.array(crashAt, { maxLength: 2 }),
  });

  /** A gatherer whose client ends with some call. */
  async function gatherUntil(last: number | undefined): Promise<void> {
    const { client, settled } = crashingClient(aws.endpoint, last ?? Number.POSITIVE_INFINITY);
    try {
      await new ReceiptGatherer(open(client)).run(now, () => true);
    } catch (error) {
      if (!(error instanceof CrashError)) throw error;
    }
    await settled();
  }

  it('each update has of each store the one that counts', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async steps => {
        const run = unique('run');
        const [storeOf, updateOf] = [(n: number) => `${run}-s${n}`, (n: number) => `${run}-u${n}`];
        const expected = new Map<string, Map<string, Receipt>>();
        for (const { gatherers, received, waits } of steps) {
          later(waits);
          for (const { outcome, store, update } of received) {
            const [storeId, updateId] = [storeOf(store), updateOf(update)];
            const said = { outcome, at: later(1) };
            await tables.inbox.put(storeId, [{ updateId, ...said }], now);
            const byStore = expected.get(updateId) ?? new Map<string, Receipt>();
            const first = byStore.get(storeId);
            if (first === undefined || (first.outcome === 'rejected' && outcome === 'applied'))
              byStore.set(storeId, { storeId, ...said });
            expected.set(updateId, byStore);
          }
          await Promise.all(gatherers.map(gatherUntil));
          for (const [updateId, all] of await receipts.ofEach([0, 1, 2].map(updateOf))) {
            const kept = [...(expected.get(updateId)?.values() ?? [])];
            expect(all.sort(byStoreId)).toEqual(kept.sort(byStoreId));
          }
        }
      }),
      { numRuns: 30 },
    );
  });
});
