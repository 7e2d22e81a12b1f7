/** The event of an HTTP API: "Create AWS Lambda proxy integrations for HTTP APIs", payload format version 2.0. */
import type { HttpRequest } from '../../http.ts';
import { createGatewayId, requestTime, traceId } from '../identifiers.ts';
import type { GatewayDependencies, HttpApiDefinition } from '../types.ts';
import { decodePath, type MatchedRoute } from './http-routes.ts';

const textTypes = /^(?:text\/|application\/(?:json|xml|javascript)\b|application\/[\w.+-]+\+(?:json|xml)\b)/i;

export function httpEvent(
  definition: HttpApiDefinition,
  dependencies: GatewayDependencies,
  request: HttpRequest,
  route: MatchedRoute,
): object {
  const { cookie, ...headers } = request.headers;
  const query = queryParameters(request.query);
  const hasPathParameters = Object.keys(route.pathParameters).length > 0;
  const now = dependencies.clock.now();
  return {
    version: '2.0',
    routeKey: route.routeKey,
    // Raw by name only.
    rawPath: decodePath(request.path),
    rawQueryString: request.query,
    ...(cookie === undefined ? {} : { cookies: cookie.split(/;\s*/) }),
    headers: {
      ...headers,
      'x-amzn-trace-id': traceId(now),
      'x-forwarded-for': request.sourceIp,
      'x-forwarded-proto': 'http',
    },
    ...(query ? { queryStringParameters: query } : {}),
    requestContext: requestContext(definition, dependencies, request, route, now),
    ...(hasPathParameters ? { pathParameters: route.pathParameters } : {}),
    ...eventBody(request),
  };
}

function requestContext(
  definition: HttpApiDefinition,
  { accountId }: GatewayDependencies,
  request: HttpRequest,
  { routeKey }: MatchedRoute,
  now: number,
): object {
  const { apiId, domainName, stageName } = definition;
  return {
    accountId,
    apiId,
    domainName,
    domainPrefix: domainName.split('.', 1)[0],
    http: {
      method: request.method,
      path: decodePath(request.path),
      protocol: 'HTTP/1.1',
      sourceIp: request.sourceIp,
      userAgent: request.headers['user-agent'] ?? '',
    },
    requestId: createGatewayId(),
    routeKey,
    stage: stageName,
    time: requestTime(now),
    timeEpoch: now,
  };
}

/** "Duplicate query strings are combined with commas"; undefined when there is none. */
function queryParameters(query: string): Record<string, string> | undefined {
  const values = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    const earlier = values.get(name);
    values.set(name, earlier === undefined ? value : `${earlier},${value}`);
  }
  return values.size > 0 ? Object.fromEntries(values) : undefined;
}

/** Anything that is not known to be text arrives in base64, a form's fields among it. */
function eventBody({ body, headers }: HttpRequest): { body?: string; isBase64Encoded: boolean } {
  if (body.length === 0) return { isBase64Encoded: false };
  const isText = textTypes.test(headers['content-type'] ?? '');
  return { body: body.toString(isText ? 'utf8' : 'base64'), isBase64Encoded: !isText };
}
