/** A handshake from its first byte to the decision: the limits, the authorizer, then the `$connect` integration. */
import { STATUS_CODES } from 'node:http';
import { isObject } from '../../json-text.ts';
import { createGatewayId } from '../identifiers.ts';
import { failureReason, type IntegrationResult, invokeIntegration } from '../invocation.ts';
import { readProxyStatus } from '../proxy-result.ts';
import { authorize } from './authorizer.ts';
import type { Refusal, UpgradeRequest } from './upgrade-request.ts';
import type { ConnectionContext } from './websocket-connection.ts';
import { connectEvent } from './websocket-events.ts';
import { routeArn, type WebSocketState } from './websocket-state.ts';

export interface Admission {
  context: ConnectionContext;
  /** The subprotocol that `$connect` selected. */
  protocol: string | undefined;
}

/** Decides about a handshake; with an admission `$connect` has succeeded, so `$disconnect` must follow some day. */
export async function admit(
  state: WebSocketState,
  request: UpgradeRequest,
  isClientThere: () => boolean,
): Promise<Admission | { refusal: Refusal }> {
  const { clock } = state.dependencies;
  const { sourceIp, userAgent } = request;
  const context: ConnectionContext = {
    connectionId: createGatewayId(),
    connectedAt: clock.now(),
    identity: userAgent === undefined ? { sourceIp } : { sourceIp, userAgent },
  };
  const route = state.routes.get('$connect');
  if (!route) return { context, protocol: undefined };
  if (route.authorizer) {
    const answer = await authorize(state, route.authorizer, request, context, isClientThere);
    if ('refusal' in answer) return answer;
    context.authorizer = answer.authorizer;
  }
  const event = connectEvent(state, request, context);
  const result = await invokeIntegration(
    state.dependencies,
    route.functionArn,
    event,
    routeArn(state, '$connect'),
    isClientThere,
  );
  const status = connectStatus(result);
  if (status >= 200 && status < 300) return { context, protocol: selectedProtocol(result) };
  if (!('payload' in result)) state.dependencies.log(`$connect failed: ${failureReason(result)}`);
  return { refusal: integrationRefusal(status, context.connectionId) };
}

/**
 * "Handling Lambda errors with an API Gateway API": 500 when Lambda rejects the invocation, 502 when the function fails
 * or answers in a wrong format; 504 is the default of the gateway response INTEGRATION_TIMEOUT.
 */
function connectStatus(result: IntegrationResult): number {
  if ('payload' in result) return readProxyStatus(result.payload) ?? 502;
  if ('functionError' in result) return 502;
  return 'throttled' in result ? 500 : 504;
}

function integrationRefusal(status: number, connectionId: string): Refusal {
  const message = status >= 500 ? 'Internal server error' : (STATUS_CODES[status] ?? 'Unknown');
  return { status, body: { message, connectionId, requestId: createGatewayId() } };
}

/** "Set up a $connect route that requires a WebSocket subprotocol": the integration's response names it. */
function selectedProtocol(result: IntegrationResult): string | undefined {
  if (!('payload' in result) || !isObject(result.payload) || !isObject(result.payload.headers)) {
    return undefined;
  }
  const header = Object.entries(result.payload.headers).find(
    ([name]) => name.toLowerCase() === 'sec-websocket-protocol',
  );
  return typeof header?.[1] === 'string' ? header[1] : undefined;
}
