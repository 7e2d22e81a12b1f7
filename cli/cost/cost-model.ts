/**
 * What a month costs at list price: of this design, line by line, and of stores that poll. The counts are those of the
 * code (what each frame reads and writes); what had to be assumed is in assumed.ts. A test meters both.
 */
import { invocationOf, MINUTES_PER_MONTH } from '../../local/billing/prices.ts';
import { ANSWER, ASSUMED } from './assumed.ts';
import {
  busyWindows,
  type CostLine,
  type Fleet,
  FRAME,
  line,
  type Scenario,
  scenario,
  storeMinutes,
  updatesPerMinute,
} from './cost-lines.ts';
import { outboundCosts } from './outbound-costs.ts';
import { saleBySale, wholeMinutes } from './sales-costs.ts';
import { fleetReads, registryReads, updateCosts } from './update-costs.ts';

/** Nobody watches: a store reports once a minute, in its first half, and receipts ride along. */
export function restingCost(fleet: Fleet): Scenario {
  const { salesPerMinute } = fleet;
  const minutes = storeMinutes(fleet);
  const perMinute = updatesPerMinute(fleet);
  // A store that has nothing to say pings; of the others' minutes those go by in silence in which nothing happens.
  const reports = 1 - Math.exp(-salesPerMinute - perMinute);
  const moved = Math.min(1, perMinute);
  const windows = 30;
  return scenario('at rest: nobody watches', [
    ...common(fleet),
    line('reports', minutes * reports, {
      ...FRAME,
      // The store's item, and at half the price the line's entry and the newest position of its own channel.
      read: 2,
      sentByte: ANSWER.bytes + ((salesPerMinute + perMinute) * ANSWER.idBytes) / reports,
    }),
    line('pings', (minutes * (1 - reports)) / ASSUMED.heartbeatMinutes, {
      ...FRAME,
      read: 1.5 + ASSUMED.channels,
      sentByte: ANSWER.bytes,
    }),
    line('where stores stand', minutes * Math.max(moved, 1 / 5), { write: 1 }),
    ...wholeMinutes(fleet),
    ...updateCosts(fleet, moved),
    ...environments(fleet.stores * reports, windows),
    ...pushes(
      busyWindows(fleet.stores * reports, windows),
      busyWindows(fleet.stores * moved, windows) * moved,
    ),
    // Five seconds, and a quarter of a minute, of the half in which stores report.
    ...outboundCosts(
      fleet,
      busyWindows(fleet.stores * reports, 7),
      busyWindows(fleet.stores * moved, 3) * moved,
    ),
  ]);
}

/** Sales of half a second go together. */
const GATHERED_MINUTES = 0.5 / 60;
/** Receipts of an update are there within some seconds. */
const RECEIPT_WINDOWS = 3;

/** Somebody watches all the time: nothing waits. */
export function watchedCost(fleet: Fleet): Scenario {
  const { salesPerMinute, stores } = fleet;
  const minutes = storeMinutes(fleet);
  const perMinute = updatesPerMinute(fleet);
  const frames = salesPerMinute / (1 + salesPerMinute * GATHERED_MINUTES);
  const windows = 60;
  const seconds = busyWindows(stores * frames, windows);
  const receiptBatches = RECEIPT_WINDOWS * perMinute;
  return scenario('watched around the clock', [
    ...common(fleet),
    line('reports: sales', minutes * frames, {
      ...FRAME,
      read: 2,
      sentByte: ANSWER.bytes + (salesPerMinute / frames) * ANSWER.idBytes,
    }),
    line('reports: receipts', minutes * perMinute, {
      ...FRAME,
      read: 2,
      sentByte: ANSWER.bytes + ANSWER.idBytes,
    }),
    line('where stores stand', minutes * Math.max(perMinute, 1 / 5), { write: 1 }),
    ...saleBySale(fleet, frames),
    ...updateCosts(fleet, perMinute),
    ...environments(stores * (frames + perMinute), windows),
    ...pushes(seconds, receiptBatches),
    ...outboundCosts(fleet, busyWindows(stores * frames, 12), Math.min(4, 1.5 * perMinute)),
    line('to the manager: totals', MINUTES_PER_MONTH * seconds, {
      message: 1,
      sentByte: 120 * (1 + (stores * frames) / seconds),
    }),
    line('to the manager: deliveries', MINUTES_PER_MONTH * (receiptBatches + 2 * perMinute), {
      message: 1,
      // The fleet, and the update's receipts by their shards, gathered and not.
      read: 18 + fleetReads(stores),
      logByte: 190,
    }),
  ]);
}

/** Tills that know `sales`, `applied` and `ping` alone, and send a frame a sale. */
export function plainCost(fleet: Fleet): Scenario {
  const { salesPerMinute } = fleet;
  const minutes = storeMinutes(fleet);
  const perMinute = updatesPerMinute(fleet);
  const logged = { logByte: ASSUMED.logLineBytes, sentByte: ANSWER.idBytes * 2 };
  return scenario('plain tills: a frame a sale', [
    ...common(fleet),
    line('frames of sales', minutes * salesPerMinute, { ...FRAME, ...logged, read: 1 }),
    line('frames of receipts', minutes * perMinute, { ...FRAME, ...logged, read: 1, write: 1 }),
    line('pings', minutes / ASSUMED.heartbeatMinutes, {
      ...FRAME,
      read: 1.5 + ASSUMED.channels,
      write: 1,
      sentByte: ANSWER.bytes,
    }),
    ...saleBySale(fleet),
    ...updateCosts(fleet, perMinute),
    ...pushes(busyWindows(fleet.stores * salesPerMinute, 60), RECEIPT_WINDOWS * perMinute),
    ...outboundCosts(fleet, busyWindows(fleet.stores * salesPerMinute, 12), Math.min(4, 1.5 * perMinute)),
  ]);
}

/** What every store on a line costs, and what there is whatever happens. */
function common(fleet: Fleet): CostLine[] {
  const { stores } = fleet;
  const minutes = storeMinutes(fleet);
  return [
    line('connections', minutes, { connectionMinute: 1 }),
    line('new lines', minutes / ASSUMED.rotationMinutes, {
      // The first sync and its answer; authorize, $connect, $disconnect and the sync.
      message: 2,
      invocation: 4,
      // The registry by $connect and by sync, the roster once; the older line's delete, refused.
      write: 4,
      read: 3 + ASSUMED.channels,
      sentByte: ANSWER.bytes,
    }),
    line('gauge of connected stores', MINUTES_PER_MONTH, {
      invocation: 1,
      logByte: 348,
      read: registryReads(stores) / 2,
    }),
    line('comparing books', MINUTES_PER_MONTH, {
      invocation: 1,
      logByte: 200,
      read: Math.ceil((stores * ASSUMED.rosterBytes) / 4_096),
    }),
    line('roll-up of sales', MINUTES_PER_MONTH / 5, { ...invocationOf(50, 1_769), read: 24 }),
    line('redelivery queue', ASSUMED.queuePollers * MINUTES_PER_MONTH * 3, { queueRequest: 1 }),
  ];
}

/** What each environment reads for itself: the pace each second, newest positions of what stores share every five. */
function environments(framesPerMinute: number, windows: number): CostLine[] {
  const perMinute = MINUTES_PER_MONTH * ASSUMED.environments;
  return [
    line('pace, in each environment', perMinute * busyWindows(framesPerMinute, windows), { read: 1 }),
    line('shared positions, in each environment', perMinute * busyWindows(framesPerMinute, windows / 5), {
      read: ASSUMED.channels - 1,
    }),
  ];
}

/** The tables' streams are read each second in which something was written, whoever watches. */
function pushes(salesBatches: number, receiptBatches: number): CostLine[] {
  const batches = salesBatches + receiptBatches;
  return [line('streams, for managers', MINUTES_PER_MONTH * batches, { ...invocationOf(15, 512), read: 1 })];
}
