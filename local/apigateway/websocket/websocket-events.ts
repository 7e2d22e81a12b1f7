/** The events of a WebSocket API: "Set up a WebSocket API integration request", "Input format of a Lambda function". */

import { createGatewayId, requestTime } from '../identifiers.ts';
import type { UpgradeRequest } from './upgrade-request.ts';
import type { Closing, ConnectionContext } from './websocket-connection.ts';
import type { WebSocketState } from './websocket-state.ts';

/** What the authorizer gets for a handshake. */
export function authorizerEvent(
  state: WebSocketState,
  request: UpgradeRequest,
  context: ConnectionContext,
  methodArn: string,
): object {
  return {
    type: 'REQUEST',
    methodArn,
    headers: request.headers,
    multiValueHeaders: request.multiValueHeaders,
    queryStringParameters: request.queryStringParameters,
    multiValueQueryStringParameters: request.multiValueQueryStringParameters,
    stageVariables: {},
    requestContext: requestContext(state, context, '$connect', 'CONNECT'),
  };
}

/** What the `$connect` integration gets; without a query the two query fields are left out. */
export function connectEvent(
  state: WebSocketState,
  request: UpgradeRequest,
  context: ConnectionContext,
): object {
  const { queryStringParameters, multiValueQueryStringParameters } = request;
  const hasQuery = Object.keys(queryStringParameters).length > 0;
  return {
    headers: request.headers,
    multiValueHeaders: request.multiValueHeaders,
    ...(hasQuery ? { queryStringParameters, multiValueQueryStringParameters } : {}),
    requestContext: requestContext(state, context, '$connect', 'CONNECT'),
    isBase64Encoded: false,
  };
}

export function messageEvent(
  state: WebSocketState,
  context: ConnectionContext,
  message: { routeKey: string; requestId: string; body: string },
): object {
  return {
    requestContext: {
      ...requestContext(state, context, message.routeKey, 'MESSAGE', message.requestId),
      messageId: createGatewayId(),
    },
    body: message.body,
    isBase64Encoded: false,
  };
}

export function disconnectEvent(state: WebSocketState, context: ConnectionContext, closing: Closing): object {
  const headers = {
    Host: state.definition.domainName,
    'x-api-key': '',
    'X-Forwarded-For': '',
    'x-restapi': '',
  };
  return {
    headers,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    requestContext: {
      ...requestContext(state, context, '$disconnect', 'DISCONNECT'),
      disconnectStatusCode: closing.code,
      disconnectReason: closing.reason,
    },
    isBase64Encoded: false,
  };
}

function requestContext(
  { definition, dependencies }: WebSocketState,
  context: ConnectionContext,
  routeKey: string,
  eventType: string,
  requestId: string = createGatewayId(),
): object {
  const now = dependencies.clock.now();
  return {
    routeKey,
    ...(context.authorizer ? { authorizer: context.authorizer } : {}),
    eventType,
    extendedRequestId: requestId,
    requestTime: requestTime(now),
    messageDirection: 'IN',
    stage: definition.stageName,
    connectedAt: context.connectedAt,
    requestTimeEpoch: now,
    identity: context.identity,
    requestId,
    domainName: definition.domainName,
    connectionId: context.connectionId,
    apiId: definition.apiId,
  };
}
