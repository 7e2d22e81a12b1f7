/** The receipts of a withdrawal that is several updates: of all of it, or of none. */
import { describe, expect, it } from 'vitest';
import type { Receipt } from '../../../lambdas/receipts/receipt-rows.ts';
import { receiptsOfWhole, wholeOf } from '../../../lambdas/receipts/whole-delivery.ts';
import type { PublishedUpdate } from '../../../lambdas/updates/update-log.ts';
import { priceWithdrawal } from '../updates.ts';

const applied = (storeId: string, at: number): Receipt => ({ storeId, at, outcome: 'applied' });
const rejected = (storeId: string, at: number): Receipt => ({
  storeId,
  at,
  outcome: 'rejected',
  reason: 'no',
});

const received = new Map([
  ['w', [applied('all', 1), applied('half', 1), applied('refused', 1)]],
  ['w.part2', [applied('all', 9), rejected('refused', 2)]],
]);

/** A withdrawal, its second part, and whether that has its place in the log. */
function logOf(isSecondThere: boolean) {
  const first = priceWithdrawal(['u'], { id: 'w' });
  const published: Record<string, PublishedUpdate> = {
    w: { update: first, positions: { all: 1 }, rest: { id: 'w.part2', sku: 'M' } },
    'w.part2': {
      update: { ...first, id: 'w.part2', partOf: 'w' },
      positions: isSecondThere ? { all: 2 } : undefined,
    },
  };
  return { find: async (id: string) => published[id] };
}

describe('a withdrawal in two parts', () => {
  it.each(['w', 'w.part2'])('is told by the first, whichever is asked for: %s', async id => {
    const whole = await wholeOf(id, logOf(true));
    expect(whole).toMatchObject({ update: { id: 'w' }, ids: ['w', 'w.part2'], isWhole: true });
  });

  it('is applied where both are, at the later time, and refused where one of them is', async () => {
    const whole = await wholeOf('w', logOf(true));
    expect(whole && receiptsOfWhole(whole, received)).toEqual([applied('all', 9), rejected('refused', 2)]);
  });

  it('is applied nowhere before the second is in the log', async () => {
    const whole = await wholeOf('w', logOf(false));
    expect(whole && receiptsOfWhole(whole, received)).toEqual([rejected('refused', 2)]);
  });
});
