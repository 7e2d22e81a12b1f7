/** What the parts of one WebSocket API share: its definition, its routes and its connections. */
import { EndOfTurn } from '../../end-of-turn.ts';
import { executeApiArn } from '../invocation.ts';
import { createRouteThrottle, type RouteThrottle } from '../route-throttle.ts';
import type { GatewayDependencies, WebSocketApiDefinition, WebSocketRoute } from '../types.ts';
import { parseRouteSelection, type RouteSelection } from './route-selection.ts';
import { FrameCache } from './text-frames.ts';
import type { Connection } from './websocket-connection.ts';

export interface WebSocketState {
  definition: WebSocketApiDefinition;
  dependencies: GatewayDependencies;
  /** A Map, since a client names the route: `constructor` must not be found. */
  routes: Map<string, WebSocketRoute>;
  selectRoute: RouteSelection;
  admits: RouteThrottle;
  connections: Map<string, Connection>;
  frames: FrameCache;
  endOfTurn: EndOfTurn;
}

export function createState(
  definition: WebSocketApiDefinition,
  dependencies: GatewayDependencies,
): WebSocketState {
  return {
    definition,
    dependencies,
    routes: new Map(Object.entries(definition.routes)),
    selectRoute: parseRouteSelection(definition.routeSelectionExpression),
    admits: createRouteThrottle(definition.throttle, dependencies),
    connections: new Map(),
    frames: new FrameCache(dependencies.limits.frameBytes),
    endOfTurn: new EndOfTurn(),
  };
}

/** A route's ARN: what the authorizer's policy is about and what the function's permission names as its source. */
export function routeArn({ definition, dependencies }: WebSocketState, routeKey: string): string {
  return executeApiArn(dependencies, `${definition.apiId}/${definition.stageName}/${routeKey}`);
}
