/** The line that an event of the WebSocket API belongs to, as the gateway and the authorizer describe it. */
import { fromAuthorizerContext } from '../../domain/identity/identity.ts';
import type { Line } from './connections.ts';

/** What every event of the WebSocket API carries; `aws-lambda`'s own types lack the authorizer in some of them. */
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

export function lineOf(event: WebSocketEvent): Line {
  const { connectionId, connectedAt, authorizer } = event.requestContext;
  return { identity: fromAuthorizerContext(authorizer), connectionId, connectedAt };
}

/** A value for the logs that says whose line it is: the store, or in what role a person comes, whose name is not for logs. */
export function ownerOf({ identity }: Pick<Line, 'identity'>): string {
  return identity.role === 'store' ? identity.storeId : identity.role;
}
