/** Which route of an HTTP API a request takes: "Create routes for HTTP APIs in API Gateway", "Routing API requests". */
export interface MatchedRoute {
  routeKey: string;
  functionArn: string;
  /** As the route names them, decoded. */
  pathParameters: Record<string, string>;
}

interface Route {
  routeKey: string;
  functionArn: string;
  method: string;
  segments: string[];
}

export type RouteTable = (method: string, path: string) => MatchedRoute | undefined;

/**
 * Sorts the routes by precedence once: a literal segment before `{name}` before `{name+}`, then a method before `ANY`,
 * and `$default` last.
 * @throws Error for a route key that is none.
 */
export function createRouteTable(definitions: Record<string, { functionArn: string }>): RouteTable {
  const routes = Object.entries(definitions)
    .filter(([routeKey]) => routeKey !== '$default')
    .map(([routeKey, { functionArn }]) => parseRoute(routeKey, functionArn))
    .sort(bySpecificity);
  const fallback = definitions.$default;
  return (method, path) => {
    const segments = path.split('/').slice(1);
    for (const route of routes) {
      const pathParameters = matchRoute(route, method, segments);
      if (pathParameters) return { routeKey: route.routeKey, functionArn: route.functionArn, pathParameters };
    }
    return fallback && { routeKey: '$default', functionArn: fallback.functionArn, pathParameters: {} };
  };
}

function parseRoute(routeKey: string, functionArn: string): Route {
  const [, method, path] = /^([A-Z]+) \/(\S*)$/.exec(routeKey) ?? [];
  if (method === undefined || path === undefined) {
    throw new Error(`route key ${routeKey} is not supported: write it as METHOD /path or $default`);
  }
  return { routeKey, functionArn, method, segments: path.split('/') };
}

function bySpecificity(a: Route, b: Route): number {
  const length = Math.max(a.segments.length, b.segments.length);
  for (let index = 0; index < length; index += 1) {
    const difference = rank(a.segments[index]) - rank(b.segments[index]);
    if (difference !== 0) return difference;
  }
  return Number(a.method === 'ANY') - Number(b.method === 'ANY');
}

function rank(segment: string | undefined): number {
  if (segment === undefined || !segment.startsWith('{')) return 0;
  return segment.endsWith('+}') ? 2 : 1;
}

function matchRoute(route: Route, method: string, segments: string[]): Record<string, string> | undefined {
  if (route.method !== 'ANY' && route.method !== method) return undefined;
  const isGreedy = route.segments.at(-1)?.endsWith('+}') ?? false;
  const fits = isGreedy
    ? segments.length >= route.segments.length
    : segments.length === route.segments.length;
  if (!fits) return undefined;
  const parameters: [string, string][] = [];
  for (const [index, pattern] of route.segments.entries()) {
    const kind = rank(pattern);
    const value = kind === 2 ? segments.slice(index).join('/') : (segments[index] ?? '');
    if (kind === 0 ? value !== pattern : value === '') return undefined;
    if (kind > 0) parameters.push([pattern.replace(/^\{|\+?\}$/g, ''), decodePath(value)]);
  }
  return Object.fromEntries(parameters);
}

/** What is not well encoded is passed on as it came. */
export function decodePath(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
