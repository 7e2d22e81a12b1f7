/**
 * The HTTP API of head office.
 *
 * Trigger: every request to the HTTP API (`$default` route, payload format 2.0). It verifies the token itself: an
 * HTTP API's own authorizer can't word its refusal. A repeated request reads again, or closes what is closed.
 */
import { KMSClient } from '@aws-sdk/client-kms';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { Environment } from '../domain/names.ts';
import { HttpProblem, problemResponse } from './management/problem.ts';
import { findRoute, type ManagementContext } from './management/routes.ts';
import { connectionsFromEnvironment } from './shared/connections.ts';
import { lazily, required } from './shared/environment.ts';
import { gatewayFromEnvironment } from './shared/gateway.ts';
import { bearerToken } from './shared/handshake.ts';
import { log } from './shared/log.ts';
import { InvalidTokenError, TokenVerifier } from './shared/token-verifier.ts';

const runtime = lazily(() => ({
  tokens: new TokenVerifier({ client: new KMSClient({}), keyId: required(Environment.tokenKeyId) }),
  connections: connectionsFromEnvironment(),
  gateway: gatewayFromEnvironment(),
}));

export const handler = async (event: APIGatewayProxyEventV2) => {
  try {
    const { route, parameters } = findRoute(event.requestContext.http.method, event.rawPath);
    await requireRole(event, route.roles);
    const context: ManagementContext = {
      ...runtime(),
      parameters,
      query: event.queryStringParameters ?? {},
      now: Date.now(),
    };
    return await route.answer(context);
  } catch (error) {
    if (error instanceof HttpProblem) return problemResponse(error);
    log.error('a request failed', error, { path: event.rawPath });
    return problemResponse(new HttpProblem(500, 'the request failed; it can be sent again'));
  }
};

async function requireRole(event: APIGatewayProxyEventV2, roles: readonly string[]): Promise<void> {
  const identity = await identify(bearerToken({ authorization: event.headers.authorization }));
  if (!roles.includes(identity.role)) {
    throw new HttpProblem(403, `this takes a token of a ${roles.join(' or ')}`);
  }
}

async function identify(token: string | undefined) {
  try {
    if (token === undefined) throw new InvalidTokenError('no token');
    return await runtime().tokens.verify(token);
  } catch (error) {
    if (!(error instanceof InvalidTokenError)) throw error;
    throw new HttpProblem(401, 'a valid token is required: Authorization: Bearer TOKEN');
  }
}
