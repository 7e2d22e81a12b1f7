import { describe, expect, it } from 'vitest';
import { Receipts } from '../../../lambdas/receipts/receipts.ts';
import { startAws, TABLES } from '../aws.ts';
import { NOW, unique } from '../updates.ts';

const aws = await startAws();
const receipts = new Receipts({ client: aws.dynamodb, table: TABLES.receipts });

describe('the receipts of an update', () => {
  it('are those of every store, over all shards, and of no other update', async () => {
    const [id, other] = [unique('u'), unique('u')];
    const stores = Array.from({ length: 40 }, () => unique('s'));
    for (const storeId of stores) await receipts.store(id, { storeId, outcome: 'applied', at: NOW }, NOW);
    await receipts.store(other, { storeId: 'elsewhere', outcome: 'applied', at: NOW }, NOW);
    const found = await receipts.of(id);
    expect(found.map(({ storeId }) => storeId).sort()).toEqual(stores.sort());
    expect(found[0]).toEqual({ storeId: expect.any(String), outcome: 'applied', at: NOW });
  });

  const applied = { outcome: 'applied' as const, at: NOW };
  const rejected = { outcome: 'rejected' as const, at: NOW + 1, reason: 'unknown SKU' };

  it.each([
    ['repeated', applied, { ...applied, at: NOW + 9 }, applied],
    ['repeated as refused', rejected, { ...rejected, reason: 'another' }, rejected],
    ['refused after it was applied', applied, rejected, applied],
    ['applied after it was refused', rejected, { ...applied, at: NOW + 9 }, { ...applied, at: NOW + 9 }],
  ])(
    'stay as they were first, but for a refusal that is taken back: %s',
    async (_title, first, second, kept) => {
      const [id, storeId] = [unique('u'), unique('s')];
      await receipts.store(id, { storeId, ...first }, NOW);
      await receipts.store(id, { storeId, ...second }, NOW);
      expect(await receipts.of(id)).toEqual([{ storeId, ...kept }]);
    },
  );
});
