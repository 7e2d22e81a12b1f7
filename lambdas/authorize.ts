/**
 * Decides who may open a line. Runs once a handshake, before `$connect`; what it answers in `context` comes with
 * every later message of that line.
 *
 * Trigger: the WebSocket API's REQUEST authorizer. A repeated handshake is simply judged again.
 * API Gateway's rule: the error message `Unauthorized`, to the letter, becomes 401; a policy that denies, 403.
 */
import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { type AuthorizerContext, type Identity, toAuthorizerContext } from '../domain/identity.ts';
import { lazily } from './shared/environment.ts';
import { bearerToken } from './shared/handshake.ts';
import { log } from './shared/log.ts';
import { rosterFromEnvironment } from './shared/roster.ts';
import { InvalidTokenError, verifierFromEnvironment } from './shared/token-verifier.ts';

const runtime = lazily(() => ({
  tokens: verifierFromEnvironment(),
  roster: rosterFromEnvironment(),
}));

export const handler = async (event: APIGatewayRequestAuthorizerEvent): Promise<AuthorizerAnswer> => {
  const identity = await identify(bearerToken(event.headers));
  const name = identity.role === 'store' ? identity.storeId : identity.name;
  const effect = (await mayOpenLine(identity)) ? 'Allow' : 'Deny';
  if (effect === 'Deny') log.warn('handshake forbidden', { role: identity.role, name });
  return {
    principalId: name,
    policyDocument: policy(effect, event.methodArn),
    context: toAuthorizerContext(identity),
  };
};

/** A publisher publishes over EventBridge or HTTP: there is no line for it. Nor for a store that is revoked. */
async function mayOpenLine(identity: Identity): Promise<boolean> {
  if (identity.role !== 'store') return identity.role === 'manager';
  return (await runtime().roster.revokedAt(identity.storeId)) === undefined;
}

async function identify(token: string | undefined): Promise<Identity> {
  try {
    return await runtime().tokens.verify(token);
  } catch (error) {
    if (!(error instanceof InvalidTokenError)) throw error;
    log.warn('handshake unauthorized', { reason: error.message });
    throw new Error('Unauthorized', { cause: error });
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
