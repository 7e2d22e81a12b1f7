/** What the events of the outbound bus cost, all of them: the tables' streams are gathered, and lists fill 64 KB. */
import { invocationOf, MINUTES_PER_MONTH } from '../../local/billing/prices.ts';
import { type CostLine, type Fleet, line, updatesPerMinute } from './cost-lines.ts';
import { fleetReads } from './update-costs.ts';

const EVENT_BYTES = 64 * 1_024;
/** A sale and each of its lines as JSON, with store and time. */
const SALE_BYTES = { sale: 270, line: 53 };
/** A line of the log for each batch that was put. */
const LOG_BYTES = 240;
/** Marks, inbox and gathered receipts of the eight shards, and the update. */
const RECEIPT_READS = 30;

/**
 * @param salesBatches batches of a minute in which there are sales
 * @param receiptBatches the same with receipts
 */
export function outboundCosts(fleet: Fleet, salesBatches: number, receiptBatches: number): CostLine[] {
  const { linesPerSale, salesPerMinute, stores } = fleet;
  const bytes = stores * salesPerMinute * (SALE_BYTES.sale + linesPerSale * SALE_BYTES.line);
  // The last event of a batch is half full.
  const events = salesBatches * Math.max(1, bytes / salesBatches / EVENT_BYTES + 0.5);
  const work = { ...invocationOf(15, 512), logByte: LOG_BYTES };
  const updates = updatesPerMinute(fleet);
  const deliveries =
    updates === 0
      ? []
      : [
          line('outbound: updates delivered', MINUTES_PER_MONTH * receiptBatches, {
            ...work,
            read: RECEIPT_READS + fleetReads(stores),
          }),
          line('outbound: their events', MINUTES_PER_MONTH * updates, { event: 1 }),
        ];
  return [
    line('outbound: sales recorded', MINUTES_PER_MONTH * salesBatches, {
      ...work,
      event: events / salesBatches,
    }),
    ...deliveries,
  ];
}
