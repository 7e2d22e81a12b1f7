/**
 * `SalesRecorded`: the sales that a write has entered, as the stream of the `sales` table reports it. The sales of a store come
 * in the order of its writes. A minute's item holds all of its sales; the last pack of each change is what is new.
 */
import type { Change } from '../aws/change.ts';
import { lastEntered } from '../sales/sales-items.ts';
import type { OutboundFeed } from './event-feed.ts';
import { listEvents, type PutEvent } from './event-parts.ts';

/** A change that can't be read holds up no other: it goes to the dead-letter queue. */
export async function salesRecorded(
  changes: readonly Change[],
  feed: Pick<OutboundFeed, 'give'>,
): Promise<PutEvent[]> {
  const sales: string[] = [];
  for (const { after, keys } of changes) {
    if (after === undefined) continue;
    try {
      const { entered, storeId } = lastEntered(after);
      // Last, since a sale keeps what a till adds, and no till says for another store what that has sold.
      for (const { receivedAt, sale } of entered)
        sales.push(JSON.stringify({ ...sale, storeId, receivedAt }));
    } catch (error) {
      await feed.give('SalesRecorded', { keys }, error);
    }
  }
  return listEvents('SalesRecorded', 'sales', sales);
}
