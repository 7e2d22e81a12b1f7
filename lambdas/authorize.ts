/**
 * Decides who may open a line. It runs once for each handshake, before `$connect`; the gateway passes its `context` on
 * with every later message of that line.
 *
 * Trigger: the WebSocket API's REQUEST authorizer. A repeated handshake is decided again. API Gateway turns the exact
 * error message `Unauthorized` into 401, and a policy that denies into 403.
 */
import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { type AuthorizerContext, type Identity, toAuthorizerContext } from '../domain/identity/identity.ts';
import { Environment } from '../domain/names.ts';
import { lazily, required } from './aws/environment.ts';
import { log } from './aws/log.ts';
import {
  bearerToken,
  comesFromAllowedOrigin,
  handshakeHeaders,
  lineName,
} from './identity/handshake-headers.ts';
import { InvalidTokenError, verifierFromEnvironment } from './identity/token-verifier.ts';
import { lineContext, ownerOf } from './registry/line-of-event.ts';
import { rosterFromEnvironment } from './registry/roster.ts';

const runtime = lazily(() => ({
  allowedOrigins: required(Environment.allowedOrigins).split(' '),
  tokens: verifierFromEnvironment(),
  roster: rosterFromEnvironment(),
}));

export const handler = async (event: APIGatewayRequestAuthorizerEvent): Promise<AuthorizerAnswer> => {
  try {
    return await decide(event);
  } catch (error) {
    // A handshake without a good token is an error to Lambda as well, and none to anybody who is called at night.
    if (!(error instanceof UnauthorizedError))
      log.error('a handshake could not be judged', error, {}, { HandshakesFailed: 1 });
    throw error;
  }
};

/** @throws UnauthorizedError without a valid token */
async function decide(event: APIGatewayRequestAuthorizerEvent): Promise<AuthorizerAnswer> {
  const headers = handshakeHeaders(event);
  const identity = await identify(bearerToken(headers));
  const name = identity.role === 'store' ? identity.storeId : identity.name;
  const reason = await refusal(identity, headers);
  if (reason !== undefined) {
    log.warn('handshake forbidden', { owner: ownerOf({ identity }), reason }, { HandshakesForbidden: 1 });
  }
  const effect = reason === undefined ? 'Allow' : 'Deny';
  return {
    principalId: name,
    policyDocument: policy(effect, event.methodArn),
    context: { ...toAuthorizerContext(identity), ...lineContext(lineName(headers)) },
  };
}

/** Why the owner of a valid token may not open a line; undefined if nothing speaks against it. */
async function refusal(
  identity: Identity,
  headers: ReturnType<typeof handshakeHeaders>,
): Promise<string | undefined> {
  if (!comesFromAllowedOrigin(headers, runtime().allowedOrigins)) return 'origin not allowed';
  if (identity.role !== 'store') return undefined;
  return (await runtime().roster.takesTokenOf(identity)) ? undefined : 'revoked';
}

async function identify(token: string | undefined): Promise<Identity> {
  try {
    return (await runtime().tokens.verify(token)).identity;
  } catch (error) {
    if (!(error instanceof InvalidTokenError)) throw error;
    log.warn('handshake unauthorized', { reason: error.message }, { HandshakesUnauthorized: 1 });
    // Without a cause: Lambda logs what a handler throws, and the error of one claim carries all claims.
    throw new UnauthorizedError();
  }
}

/** API Gateway turns an error of this very message into 401; its name stays that of any error. */
class UnauthorizedError extends Error {
  constructor() {
    super('Unauthorized');
  }
}

interface AuthorizerAnswer {
  principalId: string;
  policyDocument: ReturnType<typeof policy>;
  context: AuthorizerContext;
}

function policy(Effect: 'Allow' | 'Deny', Resource: string) {
  return { Version: '2012-10-17', Statement: [{ Action: 'execute-api:Invoke', Effect, Resource }] };
}
