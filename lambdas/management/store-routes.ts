/** Stores as head office sees them: who is on the line, since when, and how far behind. */
import type { Page, Store } from '../../domain/protocol/http-api.ts';
import { storeChannels } from '../../domain/updates/channels.ts';
import type { Positions } from '../../domain/updates/update.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { ConnectedStore } from '../registry/connection-items.ts';
import type { Connections } from '../registry/connections.ts';
import type { Roster } from '../registry/roster.ts';
import type { RosterStore } from '../registry/store-items.ts';
import type { CurrentState } from '../updates/current-state.ts';
import type { ApiRequest } from './api-request.ts';
import { HttpProblem } from './http-answer.ts';
import { pageOf } from './paging.ts';

interface StoreSources {
  connections: Connections;
  current: CurrentState;
  roster: Roster;
}
type LineSources = Pick<StoreSources, 'connections' | 'roster'> & { gateway: Gateway };

export async function listStores(
  { now, query }: ApiRequest,
  { connections, current, roster }: StoreSources,
): Promise<Page<Store>> {
  const [stores, lines, newest] = await Promise.all([
    allStores(roster),
    openLines(connections, now),
    current.newest(),
  ]);
  const page = pageOf(stores, ({ storeId }) => storeId, query);
  return { ...page, items: page.items.map(store => describe(store, lines.get(store.storeId), newest)) };
}

export async function getStore(
  { now, parameters }: ApiRequest,
  { connections, current, roster }: StoreSources,
): Promise<Store> {
  const store = await knownStore(parameters, roster);
  const [line, newest] = await Promise.all([connections.store(store.storeId, now), current.newest()]);
  return describe(store, line, newest);
}

/** Ends a store's line; its client connects again by itself. */
export async function closeConnection(
  { now, parameters }: ApiRequest,
  { connections, gateway, roster }: LineSources,
): Promise<undefined> {
  const { storeId } = await knownStore(parameters, roster);
  const line = await connections.store(storeId, now);
  if (line === undefined) throw new HttpProblem(404, `store ${storeId} is not connected`);
  await gateway.disconnect(line.connectionId);
}

/** Takes a store off the roster and ends its line; its receipts stay, and so does its revocation. */
export async function retireStore(
  { now, parameters }: ApiRequest,
  { connections, gateway, roster }: LineSources,
): Promise<undefined> {
  const { storeId } = await knownStore(parameters, roster);
  const line = await connections.store(storeId, now);
  if (line !== undefined) await gateway.disconnect(line.connectionId);
  await roster.retire(storeId);
}

async function knownStore({ id = '' }: ApiRequest['parameters'], roster: Roster): Promise<RosterStore> {
  const store = await roster.find(id);
  if (store === undefined) throw new HttpProblem(404, `store ${id} was never on the line`);
  return store;
}

async function allStores(roster: Roster): Promise<RosterStore[]> {
  const stores: RosterStore[] = [];
  for await (const page of roster.all()) stores.push(...page);
  return stores.sort((a, b) => (a.storeId < b.storeId ? -1 : 1));
}

async function openLines(connections: Connections, now: number): Promise<Map<string, ConnectedStore>> {
  const lines = new Map<string, ConnectedStore>();
  for await (const page of connections.stores(now)) for (const line of page) lines.set(line.storeId, line);
  return lines;
}

function describe(store: RosterStore, line: ConnectedStore | undefined, newest: Positions): Store {
  const since = line?.connectedAt ?? store.wentOffAt;
  return {
    storeId: store.storeId,
    region: store.region ?? null,
    groups: [...store.groups].sort(),
    connected: line !== undefined,
    since: since === undefined ? null : new Date(since).toISOString(),
    lastSeenAt: new Date(store.lastSeenAt).toISOString(),
    behind: behind(store, newest),
    ...(store.revokedAt === undefined ? {} : { revokedAt: new Date(store.revokedAt).toISOString() }),
  };
}

/** Updates in the store's channels past where it said it stands. */
function behind(store: RosterStore, newest: Positions): number {
  return storeChannels(store).reduce(
    (sum, channel) => sum + Math.max(0, (newest[channel] ?? 0) - Math.max(0, store.positions[channel] ?? 0)),
    0,
  );
}
