/**
 * The HTTP API of head office, and its page.
 *
 * Trigger: every request to the HTTP API (`$default` route, payload format 2.0). It verifies the token itself: an
 * HTTP API's own authorizer can't word its refusal. A repeated request reads again, or closes what is closed.
 */
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { KMSClient } from '@aws-sdk/client-kms';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { Environment } from '../domain/names.ts';
import { lazily, required } from './aws/environment.ts';
import { log } from './aws/log.ts';
import { gatewayFromEnvironment } from './gateway/gateway.ts';
import { bearerToken } from './identity/handshake-headers.ts';
import { tokenKeyIds } from './identity/token-keys.ts';
import { kmsSigner } from './identity/token-signer.ts';
import { InvalidTokenError, type VerifiedToken, verifierFromEnvironment } from './identity/token-verifier.ts';
import type { HttpAnswer } from './management/context.ts';
import { HttpProblem, problemResponse } from './management/problem.ts';
import { findRoute } from './management/routes.ts';
import { receiptsFromEnvironment } from './receipts/receipts.ts';
import { connectionsFromEnvironment } from './registry/connections.ts';
import { rosterFromEnvironment } from './registry/roster.ts';
import { salesBookFromEnvironment } from './sales/sales-book.ts';
import { salesHoursFromEnvironment } from './sales/sales-hours.ts';
import { salesIndexFromEnvironment } from './sales/sales-index.ts';
import { SalesTotals } from './sales/span-totals.ts';
import { currentStateFromEnvironment } from './updates/current-state.ts';
import { updateLogFromEnvironment } from './updates/update-log.ts';

const runtime = lazily(() => {
  const kms = new KMSClient({});
  const { newest: tokenKeyId } = tokenKeyIds();
  return {
    tokens: verifierFromEnvironment(),
    connections: connectionsFromEnvironment(),
    current: currentStateFromEnvironment(),
    events: new EventBridgeClient({}),
    busName: required(Environment.eventBusName),
    gateway: gatewayFromEnvironment(),
    log: updateLogFromEnvironment(),
    receipts: receiptsFromEnvironment(),
    roster: rosterFromEnvironment(),
    sales: salesBookFromEnvironment(),
    totals: new SalesTotals({ hours: salesHoursFromEnvironment(), index: salesIndexFromEnvironment() }),
    sign: kmsSigner(kms, tokenKeyId),
    tokenKeyId,
  };
});

export const handler = async (event: APIGatewayProxyEventV2): Promise<HttpAnswer> => {
  let place: string | undefined;
  try {
    const { route, parameters } = findRoute(event.requestContext.http.method, event.rawPath);
    // Not the path itself, in which a slip may leave a token.
    place = `${route.method} ${route.path}`;
    if (route.roles === 'anyone') return await route.answer({ parameters, headers: event.headers });
    const { identity, isOurs } = await identify(bearerToken({ authorization: event.headers.authorization }));
    if (!route.roles.includes(identity.role)) {
      throw new HttpProblem(403, `this takes a token of a ${route.roles.join(' or ')}`);
    }
    return await route.answer({
      ...runtime(),
      identity,
      hasOurToken: isOurs,
      caller: identity.role === 'store' ? identity.storeId : identity.name,
      parameters,
      query: event.queryStringParameters ?? {},
      body: bodyOf(event),
      idempotencyKey: event.headers['idempotency-key'],
      now: Date.now(),
    });
  } catch (error) {
    if (error instanceof HttpProblem) return problemResponse(error);
    log.error('a request failed', error, { place });
    return problemResponse(new HttpProblem(500, 'the request failed; it can be sent again'));
  }
};

/** The gateway encodes a body whose type it doesn't take for text. */
function bodyOf({ body = '', isBase64Encoded }: APIGatewayProxyEventV2): string {
  return isBase64Encoded ? Buffer.from(body, 'base64').toString() : body;
}

async function identify(token: string | undefined): Promise<VerifiedToken> {
  try {
    return await runtime().tokens.verify(token);
  } catch (error) {
    if (!(error instanceof InvalidTokenError)) throw error;
    throw new HttpProblem(401, 'a valid token is required: Authorization: Bearer TOKEN');
  }
}
