/** "Control access to WebSocket APIs with AWS Lambda REQUEST authorizers": who may open a connection, and under which identity. */

import { isObject } from '../../json-text.ts';
import { executeApiArn, failureReason, invokeIntegration } from '../invocation.ts';
import { evaluateInvokePolicy, type PolicyDecision } from '../invoke-policy.ts';
import type { WebSocketAuthorizer } from '../types.ts';
import type { Refusal, UpgradeRequest } from './upgrade-request.ts';
import type { ConnectionContext } from './websocket-connection.ts';
import { authorizerEvent } from './websocket-events.ts';
import { routeArn, type WebSocketState } from './websocket-state.ts';

export type AuthorizerContext = Record<string, string | number>;

/** "AWS Lambda authorizer result size". */
const maxResultBytes = 8 * 1024;

const unauthorized: Refusal = { status: 401, body: { message: 'Unauthorized' } };
const authorizerFailed: Refusal = { status: 500, body: { message: 'Internal server error' } };
const denials: Record<Exclude<PolicyDecision, 'allow'>, Refusal> = {
  deny: { status: 403, body: { Message: 'User is not authorized to access this resource' } },
  'explicit-deny': {
    status: 403,
    body: { Message: 'User is not authorized to access this resource with an explicit deny' },
  },
};

/** Asks the authorizer; the answer goes into `requestContext.authorizer` of all the connection's events. */
export async function authorize(
  state: WebSocketState,
  authorizer: WebSocketAuthorizer,
  request: UpgradeRequest,
  context: ConnectionContext,
  isClientThere: () => boolean,
): Promise<{ authorizer: AuthorizerContext } | { refusal: Refusal }> {
  if (!authorizer.identitySources.every(source => isPresent(source, request)))
    return { refusal: unauthorized };
  const { dependencies, definition } = state;
  const methodArn = routeArn(state, '$connect');
  const event = authorizerEvent(state, request, context, methodArn);
  const sourceArn = executeApiArn(dependencies, `${definition.apiId}/authorizers/${authorizer.authorizerId}`);
  const startedAt = dependencies.clock.now();
  const result = await invokeIntegration(
    dependencies,
    authorizer.functionArn,
    event,
    sourceArn,
    isClientThere,
  );
  if (!('payload' in result)) {
    // The one error that is an answer: an authorizer refuses with 401 by failing with exactly this message.
    if ('functionError' in result && result.functionError.errorMessage === 'Unauthorized') {
      return { refusal: unauthorized };
    }
    dependencies.log(`the authorizer of ${definition.apiId} failed: ${failureReason(result)}`);
    return { refusal: authorizerFailed };
  }
  try {
    const decision = evaluateInvokePolicy(policyOf(result.payload), methodArn);
    if (decision !== 'allow') return { refusal: denials[decision] };
    const integrationLatency = dependencies.clock.now() - startedAt;
    return { authorizer: { ...readContext(result.payload), integrationLatency } };
  } catch (error) {
    dependencies.log(`the authorizer of ${definition.apiId} gave a malformed answer: ${error}`);
    return { refusal: authorizerFailed };
  }
}

/** Headers match in any case, query parameters exactly; an empty value is an absent one. */
function isPresent(source: string, request: UpgradeRequest): boolean {
  const [, kind, name = ''] = /^route\.request\.(header|querystring)\.(.+)$/.exec(source) ?? [];
  if (kind === 'querystring') return Boolean(request.queryStringParameters[name]);
  if (kind !== 'header') return false;
  const headers = Object.entries(request.headers);
  return headers.some(([header, value]) => header.toLowerCase() === name.toLowerCase() && value !== '');
}

function policyOf(payload: unknown): unknown {
  if (!isObject(payload)) throw new Error('it is not an object');
  if (JSON.stringify(payload).length > maxResultBytes) throw new Error('it is larger than 8 KB');
  return payload.policyDocument;
}

/** "Output from an API Gateway Lambda authorizer": strings, numbers and booleans, which arrive as strings. */
function readContext(payload: unknown): AuthorizerContext {
  const { principalId, context = {} } = isObject(payload) ? payload : {};
  if (typeof principalId !== 'string') throw new Error('principalId is missing');
  if (!isObject(context)) throw new Error('context is not an object');
  const values = Object.entries(context).map(([key, value]) => {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      return [key, String(value)];
    }
    throw new Error(`context value ${key} is not a string, number or boolean`);
  });
  return { ...Object.fromEntries(values), principalId };
}
