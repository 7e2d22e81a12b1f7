/** What stores sold, minute by minute, as it stands: a total that comes twice or late does no harm. */
import { chunks } from '../../domain/chunks.ts';
import type { SalesTotalsFrame } from '../../domain/manager-frames.ts';
import type { Change } from '../shared/change.ts';
import { toTotals } from '../shared/sales-book.ts';

type Total = SalesTotalsFrame['items'][number];

/** At most some 175 bytes each: a frame holds 32 KB. */
const TOTALS_PER_FRAME = 150;

export async function salesTotals(changes: readonly Change[]): Promise<SalesTotalsFrame[]> {
  const newest = new Map<string, Total>();
  for (const { after } of changes) {
    for (const { amount, count, currency, minute, storeId } of after === undefined ? [] : toTotals(after)) {
      const key = `${storeId}#${minute}#${currency}`;
      if (count >= (newest.get(key)?.count ?? 0))
        newest.set(key, { store: storeId, minute, count, amount, currency });
    }
  }
  return chunks([...newest.values()], TOTALS_PER_FRAME).map(items => ({ type: 'sales.totals', items }));
}
