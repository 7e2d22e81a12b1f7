/** Stores as head office sees them: who is on the line, since when, and how far behind. */
import * as v from 'valibot';
import { Name } from '../../domain/names.ts';
import { storeChannels } from '../../domain/updates/channels.ts';
import type { Positions } from '../../domain/updates/update.ts';
import type { ConnectedStore } from '../registry/connection-items.ts';
import type { RosterStore } from '../registry/roster.ts';
import type { HttpAnswer, ManagementContext } from './context.ts';
import { json, paged } from './http-answers.ts';
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

/** Takes a store off the roster and ends its line; its receipts stay, and so does its revocation. */
export async function retireStore(context: ManagementContext): Promise<HttpAnswer> {
  const { storeId } = await knownStore(context);
  const line = await context.connections.store(storeId, context.now);
  if (line !== undefined) await context.gateway.disconnect(line.connectionId);
  await context.roster.retire(storeId);
  return { statusCode: 204 };
}

/**
 * `PUT /stores/{id}/revocation`: ends a store's line at once and lets it open none. It need not have been seen: a token
 * that was stolen before it was ever used is revoked all the same.
 */
export async function revokeStore(context: ManagementContext): Promise<HttpAnswer> {
  const { connections, gateway, now, roster } = context;
  const storeId = namedStore(context);
  await roster.revoke(storeId, now);
  // After the mark: a line that registers later finds it.
  const line = await connections.store(storeId, now);
  if (line !== undefined) await gateway.close(line.connectionId, 'revoked');
  return { statusCode: 204 };
}

/** `GET /stores/{id}/revocation` */
export async function getRevocation(context: ManagementContext): Promise<HttpAnswer> {
  const storeId = namedStore(context);
  const revokedAt = await context.roster.revokedAt(storeId);
  if (revokedAt === undefined) throw new HttpProblem(404, `store ${storeId} is not revoked`);
  return json(200, { storeId, revokedAt: new Date(revokedAt).toISOString() });
}

/** `DELETE /stores/{id}/revocation`: the store may open a line again, with the token that it has. */
export async function restoreStore(context: ManagementContext): Promise<HttpAnswer> {
  const storeId = namedStore(context);
  if (await context.roster.restore(storeId)) return { statusCode: 204 };
  throw new HttpProblem(404, `store ${storeId} is not revoked`);
}

function namedStore({ parameters }: ManagementContext): string {
  const parsed = v.safeParse(Name, parameters.id);
  if (!parsed.success) throw new HttpProblem(400, `the store id ${parsed.issues[0].message}`);
  return parsed.output;
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
