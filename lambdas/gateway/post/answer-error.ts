/**
 * A refusal of the gateway as the SDK's own exceptions: callers distinguish them by `instanceof`, whichever path a post
 * took.
 */
import {
  ApiGatewayManagementApiServiceException,
  ForbiddenException,
  GoneException,
  LimitExceededException,
  PayloadTooLargeException,
} from '@aws-sdk/client-apigatewaymanagementapi';
import type { ResponseMetadata } from '@smithy/types';
import type { Answer } from './answer-parser.ts';

/** With their statuses in the service's model, for an answer that names no error. */
const MODELED = [
  { name: 'ForbiddenException', status: 403, Exception: ForbiddenException },
  { name: 'GoneException', status: 410, Exception: GoneException },
  { name: 'LimitExceededException', status: 429, Exception: LimitExceededException },
  { name: 'PayloadTooLargeException', status: 413, Exception: PayloadTooLargeException },
];

export function metadataOf({ status, headers }: Answer): ResponseMetadata {
  const requestId = headers.get('x-amzn-requestid');
  return {
    httpStatusCode: status,
    ...(requestId === undefined ? {} : { requestId }),
    attempts: 1,
    totalRetryDelay: 0,
  };
}

export function answerError(answer: Answer): ApiGatewayManagementApiServiceException {
  const { message, type } = readBody(answer);
  // `GoneException:http://internal.amazon.com/…`, or behind a namespace and `#`.
  const name = (answer.headers.get('x-amzn-errortype') ?? type)?.split(/[,:]/)[0]?.split('#').at(-1);
  const modeled = MODELED.find(error => (name ? error.name === name : error.status === answer.status));
  const details = { $metadata: metadataOf(answer), message };
  if (modeled !== undefined) return new modeled.Exception(details);
  const $fault = answer.status < 500 ? 'client' : 'server';
  return new ApiGatewayManagementApiServiceException({ name: name ?? 'UnknownError', $fault, ...details });
}

/** A body that is not JSON, such as a load balancer's, adds nothing to the status. */
function readBody({ body, status }: Answer): { message: string; type: string | undefined } {
  const unknown = { message: `the gateway answered ${status}`, type: undefined };
  if (!body.startsWith('{')) return unknown;
  try {
    const content: Record<string, unknown> = JSON.parse(Buffer.from(body, 'latin1').toString());
    const message = content.message ?? content.Message ?? unknown.message;
    const type = content.__type ?? content.code;
    return { message: String(message), type: type === undefined ? undefined : String(type) };
  } catch (error) {
    if (error instanceof SyntaxError) return unknown;
    throw error;
  }
}
