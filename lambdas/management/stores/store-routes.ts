/** Stores as head office sees them: who is on the line, since when, and how far behind. */
import * as v from 'valibot';
import { describeIssues } from '../../../domain/issues.ts';
import type { PongFrame } from '../../../domain/protocol/chain-frames.ts';
import type { Page, Store } from '../../../domain/protocol/http-api.ts';
import { PlacementChange } from '../../../domain/protocol/http-bodies.ts';
import { storeChannels } from '../../../domain/updates/channels.ts';
import type { Positions } from '../../../domain/updates/update.ts';
import { log as logger } from '../../aws/log.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import type { ConnectedStore } from '../../registry/connection-items.ts';
import type { Connections } from '../../registry/connections.ts';
import type { Roster } from '../../registry/roster.ts';
import type { RosterStore } from '../../registry/store-items.ts';
import type { CurrentState } from '../../updates/current-state.ts';
import type { UpdateLog } from '../../updates/update-log.ts';
import { type ApiRequest, parseBody } from '../api-request.ts';
import { HttpProblem } from '../http-answer.ts';
import { decodeCursor, encodeCursor, pageLimit } from '../paging.ts';

interface StoreSources {
  connections: Connections;
  current: CurrentState;
  roster: Roster;
}
type LineSources = Pick<StoreSources, 'connections' | 'roster'> & { gateway: Gateway };

/** Reads the stores of the page, and no more of the fleet than their ids. */
export async function listStores(
  { now, query }: ApiRequest,
  { connections, current, roster }: StoreSources,
): Promise<Page<Store>> {
  const limit = pageLimit(query);
  const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
  const ids = await roster.list.idsAfter(after, limit);
  const shown = ids.slice(0, limit);
  const [first, last] = [shown[0], shown.at(-1)];
  if (first === undefined || last === undefined) return { items: [] };
  const [stores, lines] = await Promise.all([
    storesOf(shown, roster),
    connections.connectedBetween(first, last, now),
  ]);
  const newest = await current.newest([...stores.values()].flatMap(storeChannels));
  return {
    // One may have been retired since the list has named it.
    items: shown.flatMap(id => {
      const store = stores.get(id);
      return store === undefined ? [] : [describe(store, lines.get(id), newest)];
    }),
    ...(ids.length > limit ? { cursor: encodeCursor(last) } : {}),
  };
}

export async function getStore(
  { now, parameters }: ApiRequest,
  { connections, current, roster }: StoreSources,
): Promise<Store> {
  const store = await knownStore(parameters, roster);
  const [line, newest] = await Promise.all([
    connections.store(store.storeId, now),
    current.newest(storeChannels(store)),
  ]);
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

/**
 * `PUT /stores/{id}`: says where a store is, at once. Its line gets what the new place is sent from now on, and is told
 * by a pong that names its channels, whereupon it syncs; one that misses it hears the same in its next answer.
 */
export async function placeStore(
  { body, now, parameters }: ApiRequest,
  sources: StoreSources & { gateway: Gateway; log: UpdateLog },
): Promise<Store> {
  const { connections, current, gateway, log, roster } = sources;
  const { storeId } = await knownStore(parameters, roster);
  await roster.place(storeId, readPlacement(body));
  const store = await knownStore(parameters, roster);
  // After the roster: a line that registers later finds it there.
  const line = await connections.store(storeId, now);
  if (line !== undefined) {
    await connections.place(line, { ...store, role: 'store' });
    await tellPlacement(store, line.connectionId, { gateway, log, now });
  }
  return describe(store, line, await current.newest(storeChannels(store)));
}

async function tellPlacement(
  store: RosterStore,
  connectionId: string,
  { gateway, log, now }: { gateway: Gateway; log: UpdateLog; now: number },
): Promise<void> {
  const positions = await log.newest(storeChannels(store));
  const serverTime = new Date(now).toISOString();
  const { storeId, timeZone = 'UTC' } = store;
  const frame: PongFrame = { type: 'pong', positions, timeZone, serverTime };
  try {
    await gateway.tell(connectionId, frame);
  } catch (error) {
    logger.error('a store could not be told where it is', error, { storeId });
  }
}

function readPlacement(body: string): PlacementChange {
  const parsed = v.safeParse(PlacementChange, parseBody(body));
  if (parsed.success) return parsed.output;
  throw new HttpProblem(400, describeIssues(parsed.issues, 'the placement'));
}

/** @throws HttpProblem 404 */
export async function knownStore(
  { id = '' }: ApiRequest['parameters'],
  roster: Roster,
): Promise<RosterStore> {
  const store = await roster.find(id);
  if (store === undefined) throw new HttpProblem(404, `store ${id} was never on the line`);
  return store;
}

async function storesOf(ids: readonly string[], roster: Roster): Promise<Map<string, RosterStore>> {
  const stores = new Map<string, RosterStore>();
  // A read of one item is a unit: of so many of them, half of that.
  for await (const page of roster.findEach(ids, { isEventual: true }))
    for (const store of page) stores.set(store.storeId, store);
  return stores;
}

function describe(store: RosterStore, line: ConnectedStore | undefined, newest: Positions): Store {
  const since = line?.connectedAt ?? store.wentOffAt;
  return {
    storeId: store.storeId,
    region: store.region ?? null,
    groups: [...store.groups].sort(),
    ...(store.timeZone === undefined ? {} : { timeZone: store.timeZone }),
    ...(store.name === undefined ? {} : { name: store.name }),
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
