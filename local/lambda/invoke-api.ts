/** Lambda's Invoke operation over HTTP, with the statuses, headers and bodies of AWS's API ("Invoke"). */
import { type HttpRequest, type HttpResponse, jsonResponse } from '../http.ts';
import { parseJson } from '../json-text.ts';
import { type FunctionDefinition, FunctionNotFoundError, type InvokeResult } from './function-definition.ts';

/** "Lambda quotas", invocation payload: 6 MB synchronous, 1 MB asynchronous. */
const PAYLOAD_BYTES = { RequestResponse: 6 * 1024 * 1024, Event: 1024 * 1024, DryRun: 6 * 1024 * 1024 };

export interface Invoker {
  /** Throws FunctionNotFoundError. */
  find(nameOrArn: string): FunctionDefinition;
  invoke(definition: FunctionDefinition, payload: string): Promise<InvokeResult>;
  /** Durable when it returns. */
  invokeAsync(definition: FunctionDefinition, payload: string): void;
}

export async function handleInvoke(invoker: Invoker, request: HttpRequest): Promise<HttpResponse> {
  const [, encodedName] = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(request.path) ?? [];
  if (request.method !== 'POST' || !encodedName)
    return failure(404, 'UnknownOperationException', `no operation ${request.method} ${request.path}`);
  const qualifier = new URLSearchParams(request.query).get('Qualifier');
  const name = decodeURIComponent(encodedName) + (qualifier ? `:${qualifier}` : '');
  try {
    return await answer(invoker, invoker.find(name), request);
  } catch (error) {
    if (!(error instanceof FunctionNotFoundError)) throw error;
    return failure(404, 'ResourceNotFoundException', error.message);
  }
}

async function answer(
  invoker: Invoker,
  definition: FunctionDefinition,
  { headers, body }: HttpRequest,
): Promise<HttpResponse> {
  const type = headers['x-amz-invocation-type'] ?? 'RequestResponse';
  if (!isInvocationType(type))
    return failure(400, 'InvalidParameterValueException', `InvocationType is ${type}`);
  const limit = PAYLOAD_BYTES[type];
  if (body.length > limit)
    return failure(
      413,
      'RequestTooLargeException',
      `${body.length} byte payload is too large for the ${type} invocation type (limit ${limit} bytes)`,
    );
  // Without a payload the event is an empty object.
  const payload = body.length === 0 ? '{}' : body.toString();
  const flaw = jsonFlaw(payload);
  if (flaw)
    return failure(
      400,
      'InvalidRequestContentException',
      `Could not parse request body into json: Could not parse payload into json: ${flaw}`,
    );
  if (type === 'DryRun') return { status: 204, headers: {}, body: '' };
  if (type === 'RequestResponse')
    return resultResponse(definition, await invoker.invoke(definition, payload));
  invoker.invokeAsync(definition, payload);
  return { status: 202, headers: {}, body: '' };
}

// A function's own failure is a successful Invoke: status 200, told apart by X-Amz-Function-Error.
function resultResponse(definition: FunctionDefinition, result: InvokeResult): HttpResponse {
  if ('throttled' in result) return throttled(definition);
  const headers = { 'X-Amz-Executed-Version': '$LATEST' };
  if ('payload' in result) return jsonResponse(200, result.payload, headers);
  return jsonResponse(200, result.functionError, { ...headers, 'X-Amz-Function-Error': 'Unhandled' });
}

function throttled({ reservedConcurrency }: FunctionDefinition): HttpResponse {
  const Reason =
    reservedConcurrency === undefined
      ? 'ConcurrentInvocationLimitExceeded'
      : 'ReservedFunctionConcurrentInvocationLimitExceeded';
  return failure(429, 'TooManyRequestsException', 'Rate Exceeded.', { Reason });
}

function failure(
  status: number,
  errorType: string,
  message: string,
  fields: Record<string, string> = {},
): HttpResponse {
  return jsonResponse(status, { Type: 'User', message, ...fields }, { 'x-amzn-ErrorType': errorType });
}

function isInvocationType(type: string): type is keyof typeof PAYLOAD_BYTES {
  return Object.hasOwn(PAYLOAD_BYTES, type);
}

function jsonFlaw(text: string): string | undefined {
  try {
    parseJson(text);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
