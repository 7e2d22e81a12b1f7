/**
 * What a month costs at list price: of this design, line by line, and of stores that poll. The counts are those of the
 * code (what each frame reads and writes); what had to be assumed is in `ASSUMED`.
 */
import { dollarsFor, invocationOf, MINUTES_PER_MONTH, type PriceName } from '../../local/billing/prices.ts';

export interface Fleet {
  stores: number;
  /** Of one store. */
  salesPerMinute: number;
  /** Each to every store. */
  updatesPerDay: number;
}

export interface CostLine {
  item: string;
  /** How the dollars come about; `npx storecast cost` prints the prices below. */
  formula: string;
  dollars: number;
}

export interface Scenario {
  scenario: string;
  dollars: number;
  lines: CostLine[];
}

const DAYS_PER_MONTH = MINUTES_PER_MONTH / 1_440;

export const ASSUMED = {
  /** Of a Lambda that answers a frame or a request. */
  invocation: { milliseconds: 15, memoryMegabytes: 256 },
  /** What Lambda itself logs of an invocation: START, END and REPORT. */
  invocationLogBytes: 300,
  /** A line of our own, which plain tills' frames write. */
  logLineBytes: 250,
  /** Of a broadcast: before its first post, and how many posts it makes a second from then on. */
  broadcast: { milliseconds: 300, postsPerSecond: 4_500, memoryMegabytes: 1_769 },
  /** A minute's item without its sales, and a sale in it: written alone, or packed with the others of its minute. */
  minuteBytes: 250,
  saleBytes: 280,
  packedSaleBytes: 100,
  /** A receipt as it came, and once it is gathered by update, in so many shards. */
  receiptBytes: 110,
  gatheredReceiptBytes: 12,
  receiptShards: 8,
  /** A store in the registry, as a broadcast reads it. */
  registryBytes: 80,
  /** Of a store: `all`, its region, one group, itself. */
  channels: 4,
  /** The client's defaults. */
  heartbeatMinutes: 4,
  rotationMinutes: 110,
  /** Stores that poll: with 7 sales a minute, 1,000 stores make 9,000 requests a minute. */
  pollsPerMinute: 2,
  /** Lambda's pollers of a queue, each with a request every 20 s though nothing is there. */
  queuePollers: 5,
} as const;

/** What one event takes; an invocation is one as assumed. */
type Work = Partial<Record<PriceName | 'invocation', number>>;

/** A frame, its answer and what answers it. */
const FRAME: Work = { message: 2, invocation: 1 };

/** Nobody watches: a store reports once a minute, and receipts ride along. */
export function restingCost(fleet: Fleet): Scenario {
  const { stores, salesPerMinute } = fleet;
  const minutes = stores * MINUTES_PER_MONTH;
  const updatesPerMinute = fleet.updatesPerDay / 1_440;
  // A store that has nothing to say pings; of the others' minutes those go by in silence in which nothing happens.
  const reports = 1 - Math.exp(-salesPerMinute - updatesPerMinute);
  const moved = 1 - Math.exp(-updatesPerMinute);
  return scenario('at rest: nobody watches', [
    ...common(fleet),
    line('reports', minutes * reports, {
      ...FRAME,
      // The line's entry, the store's, the newest position of its own channel.
      read: 3,
    }),
    line('pings', (minutes * (1 - reports)) / ASSUMED.heartbeatMinutes, {
      ...FRAME,
      read: 2 + ASSUMED.channels,
    }),
    line('where stores stand', minutes * Math.max(moved, 1 / 5), { write: 1 }),
    ...wholeMinutes(fleet),
    // All of a report's in one write.
    line('updates: receipts', minutes * moved, { write: 1 }),
    gathering(fleet),
  ]);
}

/** Somebody watches all the time: nothing waits. */
export function watchedCost(fleet: Fleet): Scenario {
  const { stores, salesPerMinute } = fleet;
  const minutes = stores * MINUTES_PER_MONTH;
  return scenario('watched around the clock', [
    ...common(fleet),
    line('reports: sales', minutes * salesPerMinute, { ...FRAME, read: 3 }),
    line('reports: receipts', receiptsOf(fleet), { ...FRAME, read: 3, write: 2 }),
    line('where stores stand', minutes / 5, { write: 1 }),
    gathering(fleet),
    ...saleBySale(fleet),
  ]);
}

/** Tills that know `sales`, `applied` and `ping` alone, and send a frame a sale. */
export function plainCost(fleet: Fleet): Scenario {
  const { stores, salesPerMinute } = fleet;
  const minutes = stores * MINUTES_PER_MONTH;
  const logged = { logByte: ASSUMED.logLineBytes };
  return scenario('plain tills: a frame a sale', [
    ...common(fleet),
    line('frames of sales', minutes * salesPerMinute, { ...FRAME, ...logged, read: 1 }),
    line('frames of receipts', receiptsOf(fleet), { ...FRAME, ...logged, read: 1, write: 2 }),
    line('pings', minutes / ASSUMED.heartbeatMinutes, { ...FRAME, read: 2 + ASSUMED.channels, write: 1 }),
    gathering(fleet),
    ...saleBySale(fleet),
  ]);
}

/**
 * The same sales, stored alike, by requests, and stores that ask for prices; nothing is proven.
 *
 * @param gathered whether stores gather the sales of a minute for one request
 */
export function pollingCost(fleet: Fleet, api: 'httpRequest' | 'restRequest', gathered = false): Scenario {
  const minutes = fleet.stores * MINUTES_PER_MONTH;
  const name = api === 'httpRequest' ? 'an HTTP API' : 'a REST API';
  const requests = gathered ? Math.min(1, fleet.salesPerMinute) : fleet.salesPerMinute;
  return scenario(`polling ${name}, ${gathered ? "a minute's sales" : 'a sale'} a request`, [
    line('sales: requests', minutes * requests, { [api]: 1, invocation: 1 }),
    ...(gathered ? wholeMinutes(fleet) : saleBySale(fleet)),
    line('polls', minutes * ASSUMED.pollsPerMinute, { [api]: 1, invocation: 1, read: 1 }),
  ]);
}

/** What every store on a line costs, and every update. */
function common(fleet: Fleet): CostLine[] {
  const { stores } = fleet;
  const minutes = stores * MINUTES_PER_MONTH;
  return [
    line('connections', minutes, { connectionMinute: 1 }),
    line('new lines', minutes / ASSUMED.rotationMinutes, {
      // The first sync and its answer; authorize, $connect, $disconnect and the sync.
      message: 2,
      invocation: 4,
      // The registry by $connect and by sync, the roster once; the older line's delete, refused.
      write: 4,
      read: 3 + ASSUMED.channels,
    }),
    ...updates(fleet),
    line('gauge of connected stores', MINUTES_PER_MONTH, { invocation: 1, read: registryReads(stores) }),
    line('redelivery queue', ASSUMED.queuePollers * MINUTES_PER_MONTH * 3, { queueRequest: 1 }),
  ];
}

/** A minute that comes whole is one write, and one of the index with the sums. */
function wholeMinutes({ stores, salesPerMinute }: Fleet): CostLine[] {
  const minutes = stores * MINUTES_PER_MONTH * (1 - Math.exp(-salesPerMinute));
  const bytes = ASSUMED.minuteBytes + Math.max(1, salesPerMinute) * ASSUMED.packedSaleBytes;
  return [
    line('sales: minutes', minutes, { write: Math.ceil(bytes / 1_024) }),
    line('sales: index of minutes', minutes, { write: 1 }),
  ];
}

/** Each sale is a write of its minute, which grows, and one of the index. */
function saleBySale({ stores, salesPerMinute }: Fleet): CostLine[] {
  const minutes = stores * MINUTES_PER_MONTH;
  const sales = minutes * salesPerMinute;
  return [
    line('sales: minutes', sales, { write: growingUnits(Math.max(1, Math.ceil(salesPerMinute))) }),
    line('sales: index of minutes', sales, { write: 1 }),
    // An update finds no item yet, looks, and creates it.
    line("sales: a minute's first", minutes * Math.min(1, salesPerMinute), { write: 1, read: 1 }),
  ];
}

/** DynamoDB charges the whole item with each write: on average over those of a minute. */
function growingUnits(writes: number): number {
  let units = 0;
  for (let write = 1; write <= writes; write += 1)
    units += Math.ceil((ASSUMED.minuteBytes + write * ASSUMED.saleBytes) / 1_024);
  return units / writes;
}

function receiptsOf({ stores, updatesPerDay }: Fleet): number {
  return stores * updatesPerDay * DAYS_PER_MONTH;
}

/** Each minute the receipts of the last one are read and written by update, shard by shard: an update's come in two minutes. */
function gathering({ stores, updatesPerDay }: Fleet): CostLine {
  const { gatheredReceiptBytes, receiptBytes, receiptShards } = ASSUMED;
  const updatesPerMinute = updatesPerDay / 1_440;
  const units = Math.ceil(((stores / receiptShards / 2) * gatheredReceiptBytes) / 1_024);
  const written = updatesPerMinute * Math.min(stores, receiptShards) * 2;
  return line('updates: receipts gathered', MINUTES_PER_MONTH, {
    invocation: 1,
    // What they bring, and a mark of each shard.
    write: written * units + Math.min(written, receiptShards),
    read: 2 * receiptShards + Math.ceil((stores * updatesPerMinute * receiptBytes) / 4_096),
  });
}

function updates(fleet: Fleet): CostLine[] {
  const { stores, updatesPerDay } = fleet;
  const { milliseconds, postsPerSecond, memoryMegabytes } = ASSUMED.broadcast;
  return [
    line('updates: broadcasts', updatesPerDay * DAYS_PER_MONTH, {
      event: 1,
      ...invocationOf(milliseconds + (1_000 * stores) / postsPerSecond, memoryMegabytes),
      // The entry in one channel's log, its predecessor's expiry, the id's items, the lists, the current state.
      write: 14,
      read: 3 + registryReads(stores),
    }),
    line('updates: posts', receiptsOf(fleet), { message: 1 }),
  ];
}

/** The whole registry, read consistently. */
function registryReads(stores: number): number {
  return Math.ceil((stores * ASSUMED.registryBytes) / 4_096);
}

function scenario(name: string, lines: CostLine[]): Scenario {
  const dollars = lines.reduce((sum, line) => sum + line.dollars, 0);
  return { scenario: name, dollars, lines };
}

function line(item: string, times: number, { invocation = 0, ...work }: Work): CostLine {
  const { milliseconds, memoryMegabytes } = ASSUMED.invocation;
  const logByte = ASSUMED.invocationLogBytes;
  const invocations =
    invocation * (dollarsFor(invocationOf(milliseconds, memoryMegabytes)) + dollarsFor({ logByte }));
  const parts = Object.entries({ ...work, ...(invocation > 0 ? { invocation } : {}) });
  const formula = parts.map(([name, count]) => `${round(count)} ${name}`).join(' + ');
  return {
    item,
    formula: `${round(times)} × (${formula})`,
    dollars: times * (invocations + dollarsFor(work)),
  };
}

function round(number: number): string {
  return number.toLocaleString('en-US', { maximumFractionDigits: number < 100 ? 2 : 0 });
}
