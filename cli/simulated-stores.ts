/** Stores that behave as real ones do, by the same client library: they connect, catch up and send receipts. */
import { WebSocket } from 'ws';
import { createStoreClient, type StoreClient } from '../client/node.ts';
import type { StoreIdentity } from '../domain/identity.ts';
import type { UpdateFrame } from '../domain/update.ts';
import type { Target } from './target.ts';

export interface SimulatedStores {
  /** Stores that are on the line now. */
  readonly connected: number;
  close(): Promise<void>;
}

export interface SimulatedStoresOptions {
  count: number;
  /** A store has applied an update. */
  onApplied?: (update: UpdateFrame, storeId: string) => void;
}

const REGIONS = ['north', 'east', 'south', 'west'];
const GROUPS = ['city', 'mall', 'drive-in'];
/** Half of the new connections a second that API Gateway takes: real stores want in, too. */
const CONNECTIONS_PER_SECOND = 250;

/** Store `0001` and its followers: regions and groups go round, so that every audience has somebody in it. */
export function simulatedStore(index: number): StoreIdentity {
  return {
    role: 'store',
    storeId: String(index + 1).padStart(4, '0'),
    region: REGIONS[index % REGIONS.length],
    groups: [GROUPS[index % GROUPS.length] ?? ''],
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
  for (let index = 0; index < options.count; index += 1) {
    const client = await connectOne(target, simulatedStore(index), options);
    clients.push(client);
    opened.push(new Promise(resolve => client.on('open', () => resolve())));
    const ahead = (index / CONNECTIONS_PER_SECOND) * 1000 - (performance.now() - startedAt);
    if (ahead > 0) await new Promise(resolve => setTimeout(resolve, ahead));
  }
  await Promise.all(opened);
  return {
    get connected() {
      return clients.filter(client => client.connected).length;
    },
    close: async () => {
      await Promise.all(clients.map(client => client.close()));
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
    WebSocket,
  });
  client.on('applied', ({ update }) => options.onApplied?.(update, identity.storeId));
  return client;
}
