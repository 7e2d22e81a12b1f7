/** Stores as head office sees them: who is on the line, since when, and how far behind. */
import { storeChannels } from '../../domain/channels.ts';
import type { Positions } from '../../domain/update.ts';
import type { ConnectedStore } from '../shared/connections.ts';
import type { RosterStore } from '../shared/roster.ts';
import { json, paged } from './answers.ts';
import type { HttpAnswer, ManagementContext } from './context.ts';
import { HttpProblem } from './problem.ts';

export async function listStores(context: ManagementContext): Promise<HttpAnswer> {
  const [stores, lines, newest] = await Promise.all([
    allStores(context),
    openLines(context),
    context.current.newest(),
  ]);
  const page = paged(stores, ({ storeId }) => storeId, context.query);
  return json(200, {
    ...page,
    items: page.items.map(store => describe(store, lines.get(store.storeId), newest)),
  });
}

export async function getStore(context: ManagementContext): Promise<HttpAnswer> {
  const store = await knownStore(context);
  const [line, newest] = await Promise.all([
    context.connections.store(store.storeId, context.now),
    context.current.newest(),
  ]);
  return json(200, describe(store, line, newest));
}

/** Ends a store's line; its client connects again by itself. */
export async function closeConnection(context: ManagementContext): Promise<HttpAnswer> {
  const { storeId } = await knownStore(context);
  const line = await context.connections.store(storeId, context.now);
  if (line === undefined) throw new HttpProblem(404, `store ${storeId} is not connected`);
  await context.gateway.disconnect(line.connectionId);
  return { statusCode: 204 };
}

/** Takes a store off the roster and ends its line; its receipts stay. */
export async function retireStore(context: ManagementContext): Promise<HttpAnswer> {
  const { storeId } = await knownStore(context);
  const line = await context.connections.store(storeId, context.now);
  if (line !== undefined) await context.gateway.disconnect(line.connectionId);
  await context.roster.retire(storeId);
  return { statusCode: 204 };
}

async function knownStore({ parameters, roster }: ManagementContext): Promise<RosterStore> {
  const { id = '' } = parameters;
  const store = await roster.find(id);
  if (store === undefined) throw new HttpProblem(404, `store ${id} was never on the line`);
  return store;
}

async function allStores({ roster }: ManagementContext): Promise<RosterStore[]> {
  const stores: RosterStore[] = [];
  for await (const page of roster.all()) stores.push(...page);
  return stores.sort((a, b) => (a.storeId < b.storeId ? -1 : 1));
}

async function openLines({ connections, now }: ManagementContext): Promise<Map<string, ConnectedStore>> {
  const lines = new Map<string, ConnectedStore>();
  for await (const page of connections.stores(now)) for (const line of page) lines.set(line.storeId, line);
  return lines;
}

function describe(store: RosterStore, line: ConnectedStore | undefined, newest: Positions) {
  const since = line?.connectedAt ?? store.wentOffAt;
  return {
    storeId: store.storeId,
    region: store.region ?? null,
    groups: [...store.groups].sort(),
    connected: line !== undefined,
    since: since === undefined ? null : new Date(since).toISOString(),
    lastSeenAt: new Date(store.lastSeenAt).toISOString(),
    behind: behind(store, newest),
  };
}

/** Updates in the store's channels past where it said it stands. */
function behind(store: RosterStore, newest: Positions): number {
  return storeChannels(store).reduce(
    (sum, channel) => sum + Math.max(0, (newest[channel] ?? 0) - Math.max(0, store.positions[channel] ?? 0)),
    0,
  );
}
