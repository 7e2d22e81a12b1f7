/** "Route selection expressions": the property of a JSON message whose value is the route key. */
export type RouteSelection = (message: string) => string | undefined;

/**
 * Reads `$request.body.PATH`, also written `${request.body.PATH}`.
 * @throws Error for an expression of another form, such as one that joins several values.
 */
export function parseRouteSelection(expression: string): RouteSelection {
  const path = /^\$(?:\{request\.body\.([\w.-]+)\}|request\.body\.([\w.-]+))$/.exec(expression);
  if (!path) {
    throw new Error(
      `route selection expression ${expression} is not supported, only $request.body.PROPERTY: choose routes by one property of the message`,
    );
  }
  const properties = (path[1] ?? path[2] ?? '').split('.');
  return message => routeKeyOf(parseJson(message), properties);
}

function routeKeyOf(message: unknown, properties: string[]): string | undefined {
  let value = message;
  for (const property of properties) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, property)) return undefined;
    value = Reflect.get(value, property);
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}

/** "Non-JSON messages are directed to a $default route": they are no error here. */
function parseJson(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}
