/** Stores that behave as real ones do, by the same client library: they connect, catch up, send receipts, and sell. */
import { WebSocket } from 'ws';
import { createStoreClient, memoryOutbox, type StoreClient } from '../../client/node.ts';
import type { StoreIdentity } from '../../domain/identity/identity.ts';
import type { UpdateFrame } from '../../domain/updates/update.ts';
import type { Target } from '../target.ts';
import { Checkout } from './simulated-sale.ts';

export interface SimulatedStores {
  /** Stores that are on the line now. */
  readonly connected: number;
  /** Sales made, and those of them that the chain has not accepted yet. */
  readonly sold: number;
  readonly unsent: number;
  /** Of each accepted sale, the milliseconds from the till to the chain's answer. */
  readonly saleDelays: readonly number[];
  /** No more sales from now on. Resolves once the chain has answered for those before, or takes too long for it. */
  closeCheckouts(): Promise<void>;
  close(): Promise<void>;
}

export interface SimulatedStoresOptions {
  count: number;
  /** Goes before their ids, to keep two fleets apart: a store has one line. @default none */
  prefix?: string;
  /** Sales of one store; 0 for none. @default 0 */
  salesPerMinute?: number;
  /** A store has applied an update. */
  onApplied?: (update: UpdateFrame, storeId: string) => void;
}

const REGIONS = ['north', 'east', 'south', 'west'];
const GROUPS = ['city', 'mall', 'drive-in'];
const TIME_ZONES = ['Europe/Berlin', 'Europe/London', 'Europe/Helsinki', 'Atlantic/Canary'];
/** Half of the new connections a second that API Gateway takes: real stores want in, too. */
const CONNECTIONS_PER_SECOND = 250;

/** Store `0001` and its followers: regions, groups and time zones go round, so that every audience has somebody in it. */
export function simulatedStore(index: number, prefix: string): StoreIdentity {
  return {
    role: 'store',
    storeId: prefix + String(index + 1).padStart(4, '0'),
    region: REGIONS[index % REGIONS.length],
    groups: [GROUPS[index % GROUPS.length] ?? ''],
    timeZone: TIME_ZONES[index % TIME_ZONES.length],
  };
}

/** Connects them, and resolves once all are on the line. */
export async function connectSimulatedStores(
  target: Target,
  options: SimulatedStoresOptions,
): Promise<SimulatedStores> {
  const clients: StoreClient[] = [];
  const opened: Promise<void>[] = [];
  const startedAt = performance.now();
  const closeAll = () => Promise.all(clients.map(client => client.close()));
  for (let index = 0; index < options.count; index += 1) {
    const identity = simulatedStore(index, options.prefix ?? '');
    const client = await connectOne(target, identity, options).catch(async error => {
      await closeAll();
      throw error;
    });
    clients.push(client);
    opened.push(new Promise(resolve => client.on('open', () => resolve())));
    const ahead = (index / CONNECTIONS_PER_SECOND) * 1000 - (performance.now() - startedAt);
    if (ahead > 0) await new Promise(resolve => setTimeout(resolve, ahead));
  }
  await Promise.all(opened);
  const checkout = openCheckouts(clients, options.salesPerMinute ?? 0);
  return {
    get connected() {
      return clients.filter(client => client.connected).length;
    },
    get sold() {
      return checkout.sold();
    },
    get unsent() {
      return clients.reduce((sum, client) => sum + client.unsent, 0);
    },
    saleDelays: checkout.delays,
    closeCheckouts: async () => {
      checkout.close();
      await Promise.allSettled(clients.map(client => client.flush()));
    },
    close: async () => {
      checkout.close();
      await closeAll();
    },
  };
}

/** Each store sells now and then, at random times of the given rate. */
function openCheckouts(clients: readonly StoreClient[], salesPerMinute: number) {
  let sold = 0;
  const delays: number[] = [];
  const timers = new Map<StoreClient, NodeJS.Timeout>();
  const sellLater = (client: StoreClient, checkout: Checkout): void => {
    const waitMs = (-Math.log(1 - Math.random()) * 60_000) / salesPerMinute;
    const sell = async (): Promise<void> => {
      const rungUpAt = performance.now();
      await client.send(checkout.ringUp());
      sold += 1;
      timing.get(client)?.push(rungUpAt);
      if (timers.has(client)) sellLater(client, checkout);
    };
    timers.set(
      client,
      setTimeout(() => void sell(), waitMs),
    );
  };
  // Sales leave the outbox in their order, so those that have left are the oldest.
  const timing = new Map<StoreClient, number[]>();
  for (const client of salesPerMinute > 0 ? clients : []) {
    const waiting: number[] = [];
    timing.set(client, waiting);
    client.on('outbox', ({ unsent }) => {
      const now = performance.now();
      for (const rungUpAt of waiting.splice(0, waiting.length - unsent)) delays.push(now - rungUpAt);
    });
    sellLater(client, new Checkout(client));
  }
  return {
    delays,
    sold: () => sold,
    close: () => {
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
    },
  };
}

async function connectOne(
  target: Target,
  identity: StoreIdentity,
  options: SimulatedStoresOptions,
): Promise<StoreClient> {
  const client = createStoreClient({
    url: target.outputs.StoreEndpoint,
    token: await target.mint(identity),
    managementUrl: target.outputs.ManagementUrl,
    outbox: memoryOutbox(),
    // Its staff reads every message.
    apply: () => {},
    WebSocket,
  });
  client.on('applied', ({ update }) => options.onApplied?.(update, identity.storeId));
  return client;
}
