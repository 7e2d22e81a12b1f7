/** The HTTP API of head office as an OpenAPI 3.1 document, off its operations and the table of its routes. */
import { type Operation, operations } from '../domain/protocol/http-api.ts';
import { GROUPINGS } from '../domain/sales/sales-sums.ts';
import { type GuardedRoute, routes } from '../lambdas/management/routes.ts';
import { AUDITED_BY } from '../lambdas/sales/regional-sums.ts';
import { answerName, bodyName } from './named-schemas.ts';
import type { JsonSchema } from './said-by-hand.ts';
import { closure, type Library, placed } from './schema-library.ts';

const summaries: Record<keyof typeof operations, string> = {
  listStores: 'All stores that were ever on the line.',
  getStore: 'One store.',
  placeStore: 'Says where a store is: what is left out stays, null falls back to what its token says.',
  retireStore: 'Forgets a store, and closes its line. A revocation outlives it.',
  closeConnection: 'Closes the line of a store, which comes back.',
  getRevocation: 'Since when a store is revoked; 404 if it is not.',
  revokeStore: 'Shuts a store out: no token that was signed before now holds again.',
  restoreStore: 'Lets a store in again, by tokens that are signed later.',
  storePrices:
    'What is, was or will be in force in a store: of every SKU where none is named. A moment behind what is published.',
  storeSales: 'What a store has sold.',
  salesGaps: 'Which running numbers of a day are missing, till by till.',
  salesTotals: 'What was sold, added up.',
  salesAudit:
    'How the lines of sales compare with the prices that the stores had listed, by store or by SKU.',
  listDrift:
    'Stores whose price book is not what it should be; of a named store, what its book should be now.',
  listUpdates: 'What was published, the newest first.',
  publishUpdate: 'Publishes an update: takes the details that the event bus takes.',
  approveUpdate: 'Publishes an update that waits for a second person. Not for its author.',
  refuseUpdate: 'Refuses an update that waits. Not for its author.',
  getUpdate: 'What was published under an id.',
  getDelivery: 'Who has applied an update, who refused it and why, who is offline.',
  getEvidence:
    'The same with the update itself, signed as a flattened JWS. Where what is signed has a cursor, more stores are to be asked for by it.',
  listRollouts: 'Updates that go out in waves, the newest first.',
  getRollout: 'How far one is, wave by wave.',
  pauseRollout: 'No further wave begins, until it is resumed.',
  resumeRollout: 'Goes on with one that is paused or halted: the soak of its wave begins anew.',
  advanceRollout: 'Begins the next wave at once, whatever its figures.',
  rollBackRollout: 'Withdraws every wave that has begun, and begins no other.',
  renewToken: 'A fresh token for a store whose token still holds.',
};

const parameters: Record<string, JsonSchema> = {
  limit: { type: 'integer', minimum: 1, maximum: 1_000, default: 100, description: 'Items of a page.' },
  cursor: { type: 'string', description: 'Of the page before: the next page.' },
  from: {
    $ref: '#/$defs/Timestamp',
    description: 'Rounded down to the minute. An hour before `to` where it is left out.',
  },
  to: {
    $ref: '#/$defs/Timestamp',
    description: 'Rounded up to the minute, and not in it. Now where it is left out.',
  },
  by: { enum: [...GROUPINGS], default: 'store' },
  'by of /sales/audit': { enum: [...AUDITED_BY], default: 'store' },
  sku: { type: 'array', items: { $ref: '#/$defs/Name' }, maxItems: 100, description: 'Of these SKUs alone.' },
  at: {
    $ref: '#/$defs/Timestamp',
    description: 'Up to 30 days ago, or to come. Now where it is left out.',
  },
  store: { $ref: '#/$defs/Name', description: 'Of this store alone.' },
  region: { $ref: '#/$defs/Name', description: 'Of this region alone.' },
  live: {
    enum: ['true', 'false'],
    default: 'false',
    description: 'Somebody watches: stores report each second.',
  },
  state: {
    enum: ['waiting'],
    description: 'Those that wait for approval, in place of those that were published.',
  },
  businessDay: { $ref: '#/$defs/Date' },
};

export function httpDocument(library: Library, version: string): object {
  const guarded = routes.filter((route): route is GuardedRoute => route.roles !== 'anyone');
  const paths: Record<string, Record<string, object>> = {};
  for (const route of guarded)
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(route) };
  const named = [...JSON.stringify(paths).matchAll(/#\/\$defs\/(\w+)/g)].map(([, name = '']) => name);
  return placed(
    {
      openapi: '3.1.0',
      info: {
        title: 'storecast HTTP API',
        version,
        description:
          'What head office asks and decides. A query parameter that an operation does not have is answered 400. HEAD is answered as GET.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [
        { url: '/', description: 'The output ManagementUrl of the stack, which serves this document.' },
      ],
      paths,
      components: {
        schemas: closure(library, [...named, 'Problem']),
        responses: {
          Problem: {
            description: 'RFC 9457. The detail is for people.',
            content: { 'application/problem+json': { schema: { $ref: '#/$defs/Problem' } } },
          },
        },
        securitySchemes: {
          token: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT',
            description: 'Any one of the roles that an operation names: each of them stands by itself.',
          },
        },
      },
    },
    '#/components/schemas/',
  );
}

function operationOf(route: GuardedRoute): object {
  const name = nameOf(route);
  const { method, path, query, roles, status, body } = route;
  const idempotency = method === 'POST' && body !== undefined;
  return {
    operationId: name,
    summary: summaries[name],
    security: roles.map(role => ({ token: [role] })),
    parameters: [
      ...[...path.matchAll(/\{(\w+)\}/g)].map(([, part = '']) => parameter(part, 'path')),
      ...query.map(part => parameter(part, 'query', path)),
      ...(idempotency ? [{ name: 'Idempotency-Key', in: 'header', schema: { type: 'string' } }] : []),
    ],
    ...(body === undefined ? {} : { requestBody: { required: true, content: json(bodyName(name)) } }),
    responses: {
      [status]:
        status === 204
          ? { description: 'Done.' }
          : { description: 'The answer.', content: json(answerName(name), route.mediaType) },
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

/** @throws Error for a route that is no operation: it would be missing from the document */
function nameOf(route: Pick<Operation, 'method' | 'path'>): keyof typeof operations {
  const found = Object.entries(operations).find(
    ([, { method, path }]) => method === route.method && path === route.path,
  );
  if (found === undefined) throw new Error(`${route.method} ${route.path} is no operation of http-api.ts`);
  return found[0] as keyof typeof operations;
}

/** @throws Error for a query parameter that nothing is said of */
function parameter(name: string, place: 'path' | 'query', path?: string): object {
  if (place === 'path') return { name, in: place, required: true, schema: { $ref: '#/$defs/Name' } };
  const said = parameters[`${name} of ${path}`] ?? parameters[name];
  if (said === undefined) throw new Error(`nothing is said of the query parameter ${name}`);
  const { description, ...schema } = said;
  return { name, in: place, ...(description === undefined ? {} : { description }), schema };
}

function json(name: string, mediaType = 'application/json'): object {
  return { [mediaType]: { schema: { $ref: `#/$defs/${name}` } } };
}
