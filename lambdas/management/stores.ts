/** Stores as head office sees them. Until the roster is kept, these are the connected ones. */
import type { ConnectedStore } from '../shared/connections.ts';
import { HttpProblem } from './problem.ts';
import type { HttpAnswer, ManagementContext } from './routes.ts';

export async function listStores({ connections, now }: ManagementContext): Promise<HttpAnswer> {
  const stores: ConnectedStore[] = [];
  for await (const page of connections.stores(now)) stores.push(...page);
  stores.sort((a, b) => (a.storeId < b.storeId ? -1 : 1));
  return json(200, { items: stores.map(describe) });
}

export async function getStore(context: ManagementContext): Promise<HttpAnswer> {
  return json(200, describe(await connectedStore(context)));
}

/** Ends a store's line; its client connects again by itself. */
export async function closeConnection(context: ManagementContext): Promise<HttpAnswer> {
  const { connectionId } = await connectedStore(context);
  await context.gateway.disconnect(connectionId);
  return { statusCode: 204 };
}

async function connectedStore({ connections, parameters, now }: ManagementContext): Promise<ConnectedStore> {
  const { id = '' } = parameters;
  const store = await connections.store(id, now);
  if (store === undefined) throw new HttpProblem(404, `store ${id} is not connected`);
  return store;
}

function describe({ storeId, region, groups, connectedAt }: ConnectedStore) {
  return {
    storeId,
    region: region ?? null,
    groups: [...groups].sort(),
    connected: true,
    since: new Date(connectedAt).toISOString(),
  };
}

function json(statusCode: number, body: unknown): HttpAnswer {
  return { statusCode, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
