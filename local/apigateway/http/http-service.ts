/** An HTTP API of API Gateway: it finds the route, asks the Lambda behind it and answers. */
import type { HttpRequest } from '../../http.ts';
import { blocks } from '../../usage.ts';
import { executeApiArn, failureReason, type IntegrationResult, invokeIntegration } from '../invocation.ts';
import { createRouteThrottle } from '../route-throttle.ts';
import type { GatewayDependencies, HttpApi, HttpApiDefinition, HttpApiResponse } from '../types.ts';
import { httpEvent } from './http-event.ts';
import { httpResponse } from './http-result.ts';
import { createRouteTable, type MatchedRoute } from './http-routes.ts';

/** "Quotas for configuring and running an HTTP API": payload size. */
const maxPayloadBytes = 10 * 1024 * 1024;
/** "Amazon API Gateway pricing": HTTP APIs are metered in increments of 512 KB; here by the larger of request and response. */
const BLOCK_BYTES = 512 * 1024;

/**
 * Serves one HTTP API.
 * @throws Error when a route key is not of a form that is emulated.
 */
export function createHttpApi(definition: HttpApiDefinition, dependencies: GatewayDependencies): HttpApi {
  const findRoute = createRouteTable(definition.routes);
  const admits = createRouteThrottle(definition.throttle, dependencies);
  return {
    async handle(request) {
      const path = pathInStage(definition.stageName, request.path);
      const route = path === undefined ? undefined : findRoute(request.method, path);
      if (!admits(route?.routeKey ?? '')) return gatewayResponse(429, 'Too Many Requests');
      const response = await answer(request, route, definition, dependencies);
      const bytes = Math.max(request.body.length, Buffer.byteLength(response.body));
      dependencies.usage?.add('httpRequest', blocks(bytes, BLOCK_BYTES));
      dependencies.usage?.add('sentByte', sentBytes(response));
      return response;
    },
  };
}

/** Body and headers as text; without the lines that the gateway itself adds. */
function sentBytes({ body, headers }: HttpApiResponse): number {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.byteLength(body) + Buffer.byteLength(lines.join(''));
}

async function answer(
  request: HttpRequest,
  route: MatchedRoute | undefined,
  definition: HttpApiDefinition,
  dependencies: GatewayDependencies,
): Promise<HttpApiResponse> {
  if (!route) return gatewayResponse(404, 'Not Found');
  if (request.body.length > maxPayloadBytes) return gatewayResponse(413, 'Request Entity Too Large');
  const event = httpEvent(definition, dependencies, request, route);
  const sourceArn = executeApiArn(dependencies, callerResource(definition, request, route));
  const result = await invokeIntegration(dependencies, route.functionArn, event, sourceArn);
  return responseTo(result, route, dependencies);
}

function pathInStage(stageName: string, path: string): string | undefined {
  if (stageName === '$default') return path;
  if (path === `/${stageName}`) return '/';
  return path.startsWith(`/${stageName}/`) ? path.slice(stageName.length + 1) : undefined;
}

/** Permissions name `API/STAGE/METHOD/path`, the method being the request's, and `API/STAGE/$default`. */
function callerResource(
  { apiId, stageName }: HttpApiDefinition,
  request: HttpRequest,
  { routeKey }: MatchedRoute,
): string {
  const path = routeKey.split(' ')[1];
  return `${apiId}/${stageName}/${path === undefined ? routeKey : `${request.method}${path}`}`;
}

function responseTo(
  result: IntegrationResult,
  { routeKey }: MatchedRoute,
  { log }: GatewayDependencies,
): HttpApiResponse {
  if ('payload' in result) {
    const response = httpResponse(result.payload);
    if (response) return response;
    log(`route ${routeKey} gave a malformed answer`);
    return gatewayResponse(500, 'Internal Server Error');
  }
  log(`route ${routeKey} failed: ${failureReason(result)}`);
  return 'functionError' in result
    ? gatewayResponse(500, 'Internal Server Error')
    : gatewayResponse(503, 'Service Unavailable');
}

function gatewayResponse(status: number, message: string): HttpApiResponse {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    cookies: [],
    body: JSON.stringify({ message }),
  };
}
