/** The routes of the HTTP API: which there are, who may call them, and what answers. */
import type { Identity } from '../../domain/identity/identity.ts';
import type { HttpAnswer, ManagementContext, PublicRequest } from './context.ts';
import { getAsset, getPage } from './page.ts';
import { HttpProblem } from './problem.ts';
import { salesTotals, storeSales } from './sales-routes.ts';
import {
  closeConnection,
  getRevocation,
  getStore,
  listStores,
  restoreStore,
  retireStore,
  revokeStore,
} from './store-routes.ts';
import { renewToken } from './token-routes.ts';
import { getDelivery, getUpdate, listUpdates, publishUpdate } from './update-routes.ts';

interface Place {
  method: string;
  /** Parts of the path; `{name}` takes one part. */
  path: string;
}

export interface GuardedRoute extends Place {
  /** A token of any of these roles is taken. */
  roles: readonly Identity['role'][];
  answer: (context: ManagementContext) => Promise<HttpAnswer>;
}

/** Needs no token. */
export interface PublicRoute extends Place {
  roles: 'anyone';
  answer: (request: PublicRequest) => Promise<HttpAnswer>;
}

export type Route = GuardedRoute | PublicRoute;

const MANAGER = ['manager'] as const;

const routes: readonly Route[] = [
  { method: 'GET', path: '/', roles: 'anyone', answer: getPage },
  { method: 'GET', path: '/assets/{name}', roles: 'anyone', answer: getAsset },
  { method: 'GET', path: '/stores', roles: MANAGER, answer: listStores },
  { method: 'GET', path: '/stores/{id}', roles: MANAGER, answer: getStore },
  { method: 'DELETE', path: '/stores/{id}', roles: MANAGER, answer: retireStore },
  { method: 'DELETE', path: '/stores/{id}/connection', roles: MANAGER, answer: closeConnection },
  { method: 'GET', path: '/stores/{id}/revocation', roles: MANAGER, answer: getRevocation },
  { method: 'PUT', path: '/stores/{id}/revocation', roles: MANAGER, answer: revokeStore },
  { method: 'DELETE', path: '/stores/{id}/revocation', roles: MANAGER, answer: restoreStore },
  { method: 'GET', path: '/stores/{id}/sales', roles: MANAGER, answer: storeSales },
  { method: 'GET', path: '/sales/totals', roles: MANAGER, answer: salesTotals },
  { method: 'GET', path: '/updates', roles: MANAGER, answer: listUpdates },
  { method: 'POST', path: '/updates', roles: ['publisher', 'manager'], answer: publishUpdate },
  { method: 'GET', path: '/updates/{id}', roles: MANAGER, answer: getUpdate },
  { method: 'GET', path: '/updates/{id}/delivery', roles: MANAGER, answer: getDelivery },
  { method: 'POST', path: '/token', roles: ['store', 'manager', 'publisher'], answer: renewToken },
];

/** @throws HttpProblem 404 where no route has this path, 405 where it has other methods */
export function findRoute(
  method: string,
  path: string,
): { route: Route; parameters: Record<string, string> } {
  const matching = routes.flatMap(route => {
    const parameters = matchPath(route.path, path);
    return parameters === undefined ? [] : [{ route, parameters }];
  });
  const found = matching.find(({ route }) => route.method === method);
  if (found !== undefined) return found;
  if (matching.length === 0) throw new HttpProblem(404, `there is nothing at ${path.slice(0, 200)}`);
  throw new HttpProblem(405, `${path} takes ${matching.map(({ route }) => route.method).join(', ')}`);
}

/** Far above every name (domain/names.ts), and below what DynamoDB takes for a key. */
const MOST_PART_LENGTH = 256;

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const expected = pattern.split('/');
  const actual = path.split('/');
  if (expected.length !== actual.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, part] of expected.entries()) {
    const value = actual[index] ?? '';
    if (value.length > MOST_PART_LENGTH) return undefined;
    if (part.startsWith('{') && value !== '') parameters[part.slice(1, -1)] = decode(value);
    else if (part !== value) return undefined;
  }
  return parameters;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (error instanceof URIError) throw new HttpProblem(400, `'${part}' is not percent-encoded`);
    throw error;
  }
}
