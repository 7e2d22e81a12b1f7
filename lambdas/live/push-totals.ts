/** What stores sold, minute by minute, as it stands: a total that comes twice or late does no harm. */
import { chunks } from '../../domain/chunks.ts';
import type { SalesTotalsFrame } from '../../domain/protocol/manager-frames.ts';
import type { Change } from '../aws/change.ts';
import { type MinuteTotal, minuteTotals } from '../sales/sales-items.ts';

/** At most some 175 bytes each: a frame holds 32 KB. */
const TOTALS_PER_FRAME = 150;

export async function salesTotals(changes: readonly Change[]): Promise<SalesTotalsFrame[]> {
  const newest = new Map<string, MinuteTotal>();
  for (const { after } of changes) {
    for (const total of after === undefined ? [] : minuteTotals(after)) {
      const key = `${total.store}#${total.minute}#${total.currency}`;
      if (total.count >= (newest.get(key)?.count ?? 0)) newest.set(key, total);
    }
  }
  return chunks([...newest.values()], TOTALS_PER_FRAME).map(items => ({
    type: 'sales.totals',
    // Whoever reads the JSON finds numbers.
    items: items as SalesTotalsFrame['items'],
  }));
}
