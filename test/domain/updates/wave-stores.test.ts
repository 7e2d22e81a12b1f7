import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeUpdate, MAX_UPDATE_BYTES } from '../../../domain/updates/update.ts';
import { storesOfWaves, type WaveStore } from '../../../domain/updates/wave-stores.ts';
import { partsOf } from '../../../domain/updates/wave-updates.ts';
import { priceUpdate } from '../../lambdas/updates.ts';

const store = (storeId: string, changes: Partial<WaveStore> = {}): WaveStore => ({
  storeId,
  region: undefined,
  groups: [],
  isConnected: true,
  order: storeId,
  ...changes,
});
const audience = 'abcdefghij'.split('').map(id => store(id));
const rest = { percent: 100 };

describe('the stores of waves', () => {
  it('are as many as have it once the wave is out, each in one wave', () => {
    expect(storesOfWaves([{ stores: 2 }, { percent: 45 }, rest], audience)).toEqual([
      ['a', 'b'],
      ['c', 'd', 'e'],
    ]);
    expect(storesOfWaves([{ percent: 30 }, { stores: 2 }, { stores: 99 }, rest], audience)).toEqual([
      ['a', 'b', 'c'],
      [],
      ['d', 'e', 'f', 'g', 'h', 'i', 'j'],
    ]);
  });

  it('are those of groups, and then come before who is left', () => {
    const piloted = audience.map(one => (one.storeId > 'h' ? { ...one, groups: ['pilot'] } : one));
    expect(storesOfWaves([{ groups: ['pilot', 'other'] }, { stores: 4 }, rest], piloted)).toEqual([
      ['i', 'j'],
      ['a', 'b'],
    ]);
  });

  it('are connected ones first, and then go by the order of the rollout', () => {
    const some = [
      store('a', { isConnected: false }),
      store('b', { order: '2' }),
      store('c', { order: '1' }),
      store('d', { order: '3' }),
    ];
    expect(storesOfWaves([{ stores: 1 }, { stores: 3 }, { stores: 4 }, rest], some)).toEqual([
      ['c'],
      ['b', 'd'],
      ['a'],
    ]);
  });
});

describe('the updates of a wave', () => {
  it('hold all of its stores, in order, and each fits a frame once its positions are known', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[A-Za-z0-9]{1,64}$/), { maxLength: 1_500, size: 'max' });
    fc.assert(
      fc.property(names, fc.integer({ min: 1, max: 500 }), (stores, count) => {
        const prices = Array.from({ length: count }, (_, sku) => ({
          sku: `SKU-${sku}`,
          amount: 1,
          currency: 'EUR',
        }));
        const update = priceUpdate({ data: { prices } });
        const parts = partsOf(update, stores);
        expect(parts.flat()).toEqual(stores);
        for (const part of parts) {
          const positions = Object.fromEntries(part.map(id => [`store/${id}`, 999_999_999]));
          expect(encodeUpdate(update, positions).length).toBeLessThanOrEqual(MAX_UPDATE_BYTES);
          expect(part.length).toBeLessThanOrEqual(1_000);
        }
      }),
      { numRuns: 30 },
    );
  });
});
