/**
 * The HTTP API of head office, and its page.
 *
 * Trigger: every request to the HTTP API (`$default` route, payload format 2.0). It verifies the token itself: an
 * HTTP API's own authorizer can't word its refusal. A repeated request reads again, or closes what is closed.
 */
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { lazily } from './aws/environment.ts';
import { log } from './aws/log.ts';
import { bearerToken } from './identity/handshake-headers.ts';
import { InvalidTokenError, type VerifiedToken, verifierFromEnvironment } from './identity/token-verifier.ts';
import { collaboratorsFromEnvironment } from './management/collaborators.ts';
import { crossOriginHeaders, originsFromEnvironment, preflightAnswer } from './management/cross-origin.ts';
import { type HttpAnswer, HttpProblem, jsonAnswer, problemAnswer } from './management/http-answer.ts';
import { checkQuery, findRoute, type GuardedRoute } from './management/routes.ts';

const runtime = lazily(() => ({
  tokens: verifierFromEnvironment(),
  collaborators: collaboratorsFromEnvironment(),
}));
/** By itself: the page is for anyone, and needs no more. */
const allowedOrigins = lazily(originsFromEnvironment);

export const handler = async (event: APIGatewayProxyEventV2): Promise<HttpAnswer> => {
  const origins = allowedOrigins();
  const { method } = event.requestContext.http;
  const called = { path: event.rawPath, headers: event.headers };
  const preflight = method === 'OPTIONS' ? preflightAnswer(called, origins) : undefined;
  const { body, ...head } = preflight ?? (await answerTo(event));
  const headers = { ...head.headers, ...crossOriginHeaders(called, origins) };
  return { ...head, headers, ...(method === 'HEAD' || body === undefined ? {} : { body }) };
};

async function answerTo(event: APIGatewayProxyEventV2): Promise<HttpAnswer> {
  let place: string | undefined;
  try {
    const { route, parameters } = findRoute(event.requestContext.http.method, event.rawPath);
    // Not the path itself: a caller may have put a token in it.
    place = `${route.method} ${route.path}`;
    if (route.roles !== 'anyone') return await answerGuarded(route, parameters, event);
    checkQuery(route, event.queryStringParameters ?? {});
    return await route.respond({ parameters, headers: event.headers });
  } catch (error) {
    if (error instanceof HttpProblem) return problemAnswer(error);
    log.error('a request failed', error, { place });
    return problemAnswer(new HttpProblem(500, 'the request failed; it can be sent again'));
  }
}

async function answerGuarded(
  route: GuardedRoute,
  parameters: Record<string, string>,
  event: APIGatewayProxyEventV2,
): Promise<HttpAnswer> {
  const { headers, queryStringParameters: query = {} } = event;
  const { identity, ours } = await identify(bearerToken({ authorization: headers.authorization }));
  if (!route.roles.includes(identity.role)) {
    throw new HttpProblem(403, `this takes a token of a ${route.roles.join(' or ')}`);
  }
  checkQuery(route, query);
  const request = {
    identity,
    ourToken: ours,
    parameters,
    query,
    body: bodyOf(event),
    idempotencyKey: headers['idempotency-key'],
    now: Date.now(),
  };
  const answer = await route.respond(request, runtime().collaborators);
  return jsonAnswer(route.status, answer, route.mediaType);
}

/** Twice what an update may take, and far below the gateway's 10 MB, whose parsing takes seconds and gigabytes. */
const MOST_BODY_BYTES = 64 * 1024;

/** The gateway encodes a body whose type it doesn't take for text. @throws HttpProblem 413 past 64 KB */
function bodyOf({ body = '', isBase64Encoded }: APIGatewayProxyEventV2): string {
  const encoding = isBase64Encoded ? 'base64' : 'utf8';
  if (Buffer.byteLength(body, encoding) > MOST_BODY_BYTES)
    throw new HttpProblem(413, `the body takes more than ${MOST_BODY_BYTES} bytes`);
  return isBase64Encoded ? Buffer.from(body, encoding).toString() : body;
}

async function identify(token: string | undefined): Promise<VerifiedToken> {
  try {
    return await runtime().tokens.verify(token);
  } catch (error) {
    if (!(error instanceof InvalidTokenError)) throw error;
    throw new HttpProblem(401, 'a valid token is required: Authorization: Bearer TOKEN');
  }
}
