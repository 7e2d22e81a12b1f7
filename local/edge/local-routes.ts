/**
 * Routes that the program which starts the local cloud adds for its own pages. They may answer what only the developer
 * of this machine should have, and any site that the developer visits can send requests to loopback. So the page must
 * be of this very origin; its browser says so in a header that no page can set.
 */
import type { LocalRoutes } from '../cloud-options.ts';
import { type HttpRequest, type HttpResponse, jsonResponse } from '../http.ts';

/** The answer; undefined if the request is for no such route. */
export async function answerLocalRoute(
  { headers, method, path }: HttpRequest,
  routes: LocalRoutes,
  outputs: Record<string, string>,
): Promise<HttpResponse | undefined> {
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (route === undefined) return undefined;
  const isOwnPage = method === 'GET' && headers['sec-fetch-site'] === 'same-origin';
  if (!isOwnPage) return jsonResponse(403, { message: 'Forbidden' });
  return jsonResponse(200, await route(outputs), { 'cache-control': 'no-store' });
}
