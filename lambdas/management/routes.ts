/** The routes of the HTTP API: who may call each, what it works with, and what answers. */
import type { Identity } from '../../domain/identity/identity.ts';
import { type AnswerOf, operations as api, type Operation } from '../../domain/protocol/http-api.ts';
import type { ApiRequest, PublicRequest } from './api-request.ts';
import type { Collaborators } from './collaborators.ts';
import { type HttpAnswer, HttpProblem } from './http-answer.ts';
import { salesGaps } from './sales-gaps-route.ts';
import { salesAudit, salesTotals, storeSales } from './sales-routes.ts';
import { getAsset, getOpenApi, getPage } from './served-page.ts';
import { listDrift } from './stores/drift-route.ts';
import { storePrices } from './stores/price-route.ts';
import { getRevocation, restoreStore, revokeStore } from './stores/revocation-routes.ts';
import { closeConnection, getStore, listStores, placeStore, retireStore } from './stores/store-routes.ts';
import { renewToken } from './token-routes.ts';
import { approveUpdate, refuseUpdate } from './updates/approval-routes.ts';
import { publishUpdate } from './updates/publish-route.ts';
import { actOn, getRollout, listRollouts } from './updates/rollout-routes.ts';
import { getDelivery, getEvidence, getUpdate, listUpdates } from './updates/update-routes.ts';

type Place = Pick<Operation, 'method' | 'path' | 'query'>;

export interface GuardedRoute extends Operation {
  /** A token of any of these roles is taken. */
  roles: readonly Identity['role'][];
  respond: (request: ApiRequest, collaborators: Collaborators) => Promise<unknown>;
}

/** Needs no token. */
export interface PublicRoute extends Place {
  roles: 'anyone';
  respond: (request: PublicRequest) => Promise<HttpAnswer>;
}

export type Route = GuardedRoute | PublicRoute;

/** A route that is given the collaborators which it names, and answers as the contract of its operation says. */
function route<O extends Operation, K extends keyof Collaborators>(
  operation: O,
  roles: readonly Identity['role'][],
  uses: readonly K[],
  respond: (request: ApiRequest, uses: Pick<Collaborators, K>) => Promise<AnswerOf<O>>,
): GuardedRoute {
  return {
    ...operation,
    roles,
    respond(request, collaborators) {
      const used = Object.fromEntries(uses.map(name => [name, collaborators[name]]));
      return respond(request, used as Pick<Collaborators, K>);
    },
  };
}

function publicRoute(path: string, respond: PublicRoute['respond']): PublicRoute {
  return { method: 'GET', path, query: [], roles: 'anyone', respond };
}

const READERS = ['manager', 'publisher'] as const;
const PUBLISHER = ['publisher'] as const;
const STORE = ['store'] as const;
const DELIVERY_SOURCES = ['connections', 'log', 'receipts', 'rollouts', 'roster'] as const;
const ROLLOUT_SOURCES = ['connections', 'receipts', 'rollouts', 'roster'] as const;

export const routes: readonly Route[] = [
  publicRoute('/', getPage),
  publicRoute('/assets/{name}', getAsset),
  publicRoute('/openapi.json', getOpenApi),
  route(api.listStores, READERS, ['connections', 'current', 'roster'], listStores),
  route(api.getStore, READERS, ['connections', 'current', 'roster'], getStore),
  route(api.placeStore, PUBLISHER, ['connections', 'current', 'gateway', 'log', 'roster'], placeStore),
  route(api.retireStore, PUBLISHER, ['connections', 'gateway', 'roster'], retireStore),
  route(api.closeConnection, PUBLISHER, ['connections', 'gateway', 'roster'], closeConnection),
  route(api.getRevocation, READERS, ['roster'], getRevocation),
  route(api.revokeStore, PUBLISHER, ['connections', 'gateway', 'roster'], revokeStore),
  route(api.restoreStore, PUBLISHER, ['roster'], restoreStore),
  route(api.storePrices, READERS, ['current', 'roster'], storePrices),
  route(api.storeSales, READERS, ['sales'], storeSales),
  route(api.salesGaps, READERS, ['sales'], salesGaps),
  route(api.salesTotals, READERS, ['pace', 'totals'], salesTotals),
  route(api.salesAudit, READERS, ['totals'], salesAudit),
  route(api.listDrift, READERS, ['current', 'log', 'roster'], listDrift),
  route(api.listUpdates, READERS, ['held', 'published'], listUpdates),
  route(api.publishUpdate, PUBLISHER, ['admitted', 'guard', 'held', 'ids', 'log'], publishUpdate),
  route(api.approveUpdate, PUBLISHER, ['admitted', 'held'], approveUpdate),
  route(api.refuseUpdate, PUBLISHER, ['held'], refuseUpdate),
  route(api.getUpdate, READERS, ['held', 'log', 'rollouts'], getUpdate),
  route(api.getDelivery, READERS, [...DELIVERY_SOURCES, 'pace'], getDelivery),
  route(api.getEvidence, READERS, [...DELIVERY_SOURCES, 'evidence'], getEvidence),
  route(api.listRollouts, READERS, ROLLOUT_SOURCES, listRollouts),
  route(api.getRollout, READERS, ROLLOUT_SOURCES, getRollout),
  route(api.pauseRollout, PUBLISHER, ROLLOUT_SOURCES, actOn('pause')),
  route(api.resumeRollout, PUBLISHER, ROLLOUT_SOURCES, actOn('resume')),
  route(api.advanceRollout, PUBLISHER, ROLLOUT_SOURCES, actOn('advance')),
  route(api.rollBackRollout, PUBLISHER, ROLLOUT_SOURCES, actOn('rollback')),
  route(api.renewToken, STORE, ['mint', 'roster'], renewToken),
];

/**
 * The route of a request. HEAD is answered as GET.
 *
 * @throws HttpProblem 404 where no route has this path, 405 where it has other methods
 */
export function findRoute(
  method: string,
  path: string,
): { route: Route; parameters: Record<string, string> } {
  const matching = routes.flatMap(candidate => {
    const parameters = matchPath(candidate.path, path);
    return parameters === undefined ? [] : [{ route: candidate, parameters }];
  });
  const wanted = method === 'HEAD' ? 'GET' : method;
  const found = matching.find(match => match.route.method === wanted);
  if (found !== undefined) return found;
  if (matching.length === 0) throw new HttpProblem(404, `there is nothing at ${path.slice(0, 200)}`);
  const methods = matching.map(match => match.route.method);
  const allow = methods.flatMap(name => (name === 'GET' ? ['GET', 'HEAD'] : [name])).join(', ');
  throw new HttpProblem(405, `${path} takes ${methods.join(', ')}`, { allow });
}

/** @throws HttpProblem 400 for a query parameter that the route doesn't take: ignored, it would widen the answer */
export function checkQuery({ method, path, query }: Route, given: ApiRequest['query']): void {
  const unknown = Object.keys(given).find(name => !query.includes(name));
  if (unknown === undefined) return;
  const takes = query.length === 0 ? 'none' : query.join(', ');
  throw new HttpProblem(
    400,
    `${method} ${path} takes no query parameter '${unknown.slice(0, 64)}'; those that it takes: ${takes}`,
  );
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
    if (part.startsWith('{') && value !== '') parameters[part.slice(1, -1)] = value;
    else if (part !== value) return undefined;
  }
  return parameters;
}
