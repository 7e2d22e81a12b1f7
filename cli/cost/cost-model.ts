/**
 * What a month costs at list price: of this design, line by line, and of stores that poll a REST API. The counts are
 * those of the code (what each frame reads and writes); what had to be assumed is in `ASSUMED`.
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
  /** Null where there are no frames. */
  salesPerFrame: number | null;
  dollars: number;
  lines: CostLine[];
}

const DAYS_PER_MONTH = MINUTES_PER_MONTH / 1_440;

export const ASSUMED = {
  /** Of a Lambda that answers a frame or a request. */
  invocation: { milliseconds: 15, memoryMegabytes: 256 },
  /** Of a broadcast: before its first post, and how many posts it makes a second from then on. */
  broadcast: { milliseconds: 300, postsPerSecond: 4_500, memoryMegabytes: 1_769 },
  /** A sale in its minute's item, with its id, and the item without any sale. */
  saleBytes: 280,
  minuteBytes: 100,
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

/** This design, with so many sales in a frame. */
export function designCost(fleet: Fleet, salesPerFrame: number): Scenario {
  const { stores, salesPerMinute } = fleet;
  const minutes = stores * MINUTES_PER_MONTH;
  return scenario(`${salesPerFrame} sale${salesPerFrame === 1 ? '' : 's'} a frame`, salesPerFrame, [
    line('connections', minutes, { connectionMinute: 1 }),
    line('sales: frames', (minutes * salesPerMinute) / salesPerFrame, { message: 2, invocation: 1 }),
    ...storedSales(fleet, salesPerFrame),
    line('heartbeats', minutes / ASSUMED.heartbeatMinutes, {
      message: 2,
      invocation: 1,
      write: 1,
      // Its entry in the registry, and the newest position of each channel.
      read: 1 + ASSUMED.channels,
    }),
    line('new lines', minutes / ASSUMED.rotationMinutes, {
      // The first sync and its answer; authorize, $connect, $disconnect and the sync.
      message: 2,
      invocation: 4,
      // Registry and roster by $connect and by sync; the older line's delete, refused.
      write: 5,
      read: 1 + ASSUMED.channels,
    }),
    ...updates(fleet),
    line('gauge of connected stores', MINUTES_PER_MONTH, { invocation: 1, read: registryReads(stores) }),
    line('redelivery queue', ASSUMED.queuePollers * MINUTES_PER_MONTH * 3, { queueRequest: 1 }),
  ]);
}

/** The same sales, stored alike, each by a request of its own, and stores that ask for prices. */
export function pollingCost(fleet: Fleet, api: 'httpRequest' | 'restRequest'): Scenario {
  const minutes = fleet.stores * MINUTES_PER_MONTH;
  const name = api === 'httpRequest' ? 'an HTTP API' : 'a REST API';
  return scenario(`polling ${name}`, null, [
    line('sales: requests', minutes * fleet.salesPerMinute, { [api]: 1, invocation: 1 }),
    ...storedSales(fleet, 1),
    line('polls', minutes * ASSUMED.pollsPerMinute, { [api]: 1, invocation: 1, read: 1 }),
  ]);
}

/** A frame is one write for each minute that its sales are of, and one of the index with the sums. */
function storedSales({ stores, salesPerMinute }: Fleet, salesPerFrame: number): CostLine[] {
  const minutes = stores * MINUTES_PER_MONTH;
  const sellingMinutes = minutes * Math.min(1, salesPerMinute);
  // Sales come evenly: b of them lie over (b - 1) / s minutes, and so in one minute more.
  const writes = Math.min(salesPerMinute, (salesPerMinute + salesPerFrame - 1) / salesPerFrame);
  return [
    line('sales: minutes', minutes * writes, { write: minuteWriteUnits(salesPerMinute, writes) }),
    line('sales: index of minutes', minutes * writes, { write: 1 }),
    // An update finds no item yet, looks, and creates it.
    line("sales: a minute's first", sellingMinutes, { write: 1, read: 1 }),
  ];
}

/** DynamoDB charges the whole item with each write: on average over those of a minute, which grows. */
function minuteWriteUnits(salesPerMinute: number, writesPerMinute: number): number {
  const writes = Math.max(1, Math.ceil(writesPerMinute));
  const sales = Math.max(1, salesPerMinute);
  let units = 0;
  for (let write = 1; write <= writes; write += 1) {
    units += Math.ceil((ASSUMED.minuteBytes + (sales * write * ASSUMED.saleBytes) / writes) / 1_024);
  }
  return units / writes;
}

function updates({ stores, updatesPerDay }: Fleet): CostLine[] {
  const count = updatesPerDay * DAYS_PER_MONTH;
  const { milliseconds, postsPerSecond, memoryMegabytes } = ASSUMED.broadcast;
  return [
    line('updates: broadcasts', count, {
      event: 1,
      ...invocationOf(milliseconds + (1_000 * stores) / postsPerSecond, memoryMegabytes),
      // The entry in one channel's log, its predecessor's expiry, the id's item, the lists, the current state.
      write: 10,
      read: 1 + registryReads(stores),
    }),
    line('updates: posts', count * stores, { message: 1 }),
    // A frame and its answer; the receipt and the store's positions.
    line('updates: receipts', count * stores, { message: 2, invocation: 1, write: 2 }),
  ];
}

/** The whole registry, read consistently. */
function registryReads(stores: number): number {
  return Math.ceil((stores * ASSUMED.registryBytes) / 4_096);
}

function scenario(name: string, salesPerFrame: number | null, lines: CostLine[]): Scenario {
  const dollars = lines.reduce((sum, line) => sum + line.dollars, 0);
  return { scenario: name, salesPerFrame, dollars, lines };
}

function line(item: string, times: number, { invocation = 0, ...work }: Work): CostLine {
  const { milliseconds, memoryMegabytes } = ASSUMED.invocation;
  const invocations = invocation * dollarsFor(invocationOf(milliseconds, memoryMegabytes));
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
