/** The line that an event of the WebSocket API belongs to, as the gateway and the authorizer describe it. */
import { fromAuthorizerContext } from '../../domain/identity/identity.ts';
import type { Line } from './connections.ts';

/** What every event of the WebSocket API carries; the types of `aws-lambda` lack the authorizer in some of them. */
export interface WebSocketEvent {
  headers?: Record<string, string | undefined> | null;
  multiValueHeaders?: Record<string, string[] | undefined> | null;
  body?: string | null;
  requestContext: {
    connectionId: string;
    connectedAt: number;
    authorizer?: Record<string, unknown> | null;
  };
}

/** What the authorizer adds of the line to the identity; it comes with every later event. */
export function lineContext(name: string | undefined): Record<string, string> {
  return name === undefined ? {} : { line: name };
}

export function lineOf(event: WebSocketEvent): Line {
  const { connectionId, connectedAt, authorizer } = event.requestContext;
  const name = authorizer?.line;
  return {
    identity: fromAuthorizerContext(authorizer),
    connectionId,
    connectedAt,
    ...(typeof name === 'string' ? { name } : {}),
  };
}

/** Whose line it is, for the logs: the store's id, or a person's role, since no log holds a person's name. */
export function ownerOf({ identity }: Pick<Line, 'identity'>): string {
  return identity.role === 'store' ? identity.storeId : identity.role;
}
