/**
 * Routes that whoever starts the local cloud adds for its own pages. They may hand out what only the developer of this
 * machine should have, and any site that he visits can send requests to loopback: so the page must be of this very
 * origin, which its browser vouches for, and the address a loopback one, not a name that was pointed there.
 */
import type { LocalRoutes } from '../cloud-options.ts';
import { type HttpRequest, type HttpResponse, jsonResponse } from '../http.ts';

export interface LocalRoutesOptions {
  routes: LocalRoutes;
  port: number;
  /** The stack's outputs. */
  outputs: Record<string, string>;
}

/** The answer; undefined if the request is for no such route. */
export async function answerLocalRoute(
  { headers, method, path }: HttpRequest,
  { routes, port, outputs }: LocalRoutesOptions,
): Promise<HttpResponse | undefined> {
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (route === undefined) return undefined;
  const isOwnPage =
    method === 'GET' && isLoopback(headers.host, port) && headers['sec-fetch-site'] === 'same-origin';
  if (!isOwnPage) return jsonResponse(403, { message: 'Forbidden' });
  return jsonResponse(200, await route(outputs), { 'cache-control': 'no-store' });
}

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

/** Whether a request was meant for this machine by its address, not by a name that was pointed there. */
export function isLoopback(host: string | undefined, port: number): boolean {
  return LOOPBACK.some(name => host === `${name}:${port}`);
}
