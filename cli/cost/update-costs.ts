/** What publishing costs: to send an update to every store, and to prove that each has it. */
import { invocationOf, MINUTES_PER_MONTH } from '../../local/billing/prices.ts';
import { ASSUMED, BROADCAST } from './assumed.ts';
import { type CostLine, type Fleet, line, storeMinutes, updatesPerMinute } from './cost-lines.ts';
import { writeUnits } from './sales-costs.ts';

/** Receipts come in by shards, are gathered by them, and hundreds of an update are in one item. */
const SHARDS = 8;
const RECEIPTS_PER_ITEM = 250;
const GATHERED_RECEIPT_BYTES = 12;
/** Of a report's item in the inbox, and of each receipt in it. */
const INBOX_BYTES = 75;
const INBOX_RECEIPT_BYTES = 65;
/** Days in the inbox, of those of a month. */
const INBOX_MONTHS = 7 / (365.25 / 12);

/** @param reports with receipts, of a store in a minute */
export function updateCosts(fleet: Fleet, reports: number): CostLine[] {
  if (reports === 0) return [];
  const perMinute = updatesPerMinute(fleet);
  const updates = perMinute * MINUTES_PER_MONTH;
  const receipts = fleet.stores * updates;
  const perReport = perMinute / reports;
  const inbox = INBOX_BYTES + perReport * INBOX_RECEIPT_BYTES;
  const kept = (inbox + ASSUMED.storedOverheadBytes) * INBOX_MONTHS;
  return [
    broadcasts(fleet, updates),
    line('updates: posts', receipts, { message: 1, sentByte: BROADCAST.frameBytes }),
    line('updates: receipts', storeMinutes(fleet) * reports, {
      write: writeUnits(inbox),
      storedByte: kept,
      backedUpByte: kept,
    }),
    ...gathering(fleet, updates, reports, inbox),
  ];
}

function broadcasts({ stores }: Fleet, updates: number): CostLine {
  const { logBytes, memoryMegabytes, milliseconds, postsPerSecond, storedBytes } = BROADCAST;
  return line('updates: broadcasts', updates, {
    event: 1,
    ...invocationOf(milliseconds + (1_000 * stores) / postsPerSecond, memoryMegabytes),
    logByte: logBytes,
    // The entry in one channel's log, its predecessor's expiry, the id's items, the lists, the current state.
    write: 16,
    read: 5 + registryReads(stores),
    storedByte: storedBytes,
    backedUpByte: storedBytes,
  });
}

/** Each minute, and what was received in it. */
function gathering({ stores }: Fleet, updates: number, reports: number, inbox: number): CostLine[] {
  const inShard = stores / SHARDS;
  const itemBytes = Math.min(inShard, RECEIPTS_PER_ITEM) * GATHERED_RECEIPT_BYTES + 150;
  const items = SHARDS * Math.ceil(inShard / RECEIPTS_PER_ITEM);
  const stored = items * (itemBytes + ASSUMED.storedOverheadBytes);
  return [
    line('updates: receipts gathered', updates, {
      write: items * writeUnits(itemBytes),
      storedByte: stored,
      backedUpByte: stored,
    }),
    line('gathering receipts', MINUTES_PER_MONTH, {
      invocation: 1,
      read: SHARDS * 2 + Math.floor((stores * reports * inbox) / 4_096),
      write: SHARDS * Math.min(1, reports * inShard),
    }),
  ];
}

/** The whole registry, read consistently. */
export function registryReads(stores: number): number {
  return Math.ceil((stores * ASSUMED.registryBytes) / 4_096);
}

/** The registry, and the list of the roster in its parts: an index is read at half the price. */
export function fleetReads(stores: number): number {
  const inPart = (stores / SHARDS) * ASSUMED.listedBytes;
  return registryReads(stores) + SHARDS * 0.5 * Math.max(1, Math.ceil(inPart / 4_096));
}
