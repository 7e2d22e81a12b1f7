/** An AWS API request as the edge takes it: signature, permission, service. Nothing reaches a service unverified. */
import type { Clock } from '../cloud-clock.ts';
import { type HttpRequest, type HttpResponse, jsonResponse } from '../http.ts';
import type { AccessControl, Principal } from './access-control.ts';
import {
  type AccessCheck,
  findOperation,
  type Operation,
  type OperationScope,
  type ServiceName,
} from './operations.ts';
import { parseAuthorization, SignatureError, verifySignature } from './sigv4.ts';

export type Services = Record<ServiceName, (request: HttpRequest) => HttpResponse | Promise<HttpResponse>>;

/** A request that the edge refuses, in AWS's words. */
class RefusedRequestError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export interface AwsRequestsOptions {
  access: AccessControl;
  services: Services;
  scope: OperationScope;
  clock: Clock;
}

export class AwsRequests {
  readonly #options: AwsRequestsOptions;

  constructor(options: AwsRequestsOptions) {
    this.#options = options;
  }

  /** The answer; undefined if the request is not of an AWS API. */
  async handle(request: HttpRequest): Promise<HttpResponse | undefined> {
    const operation = findOperation(request, this.#options.scope);
    if (operation === undefined) return isSigned(request) ? unknownOperation(request) : undefined;
    const response = await this.#answer(request, operation);
    return {
      ...response,
      headers: { ...response.headers, date: new Date(this.#clockOf(request)).toUTCString() },
    };
  }

  async #answer(request: HttpRequest, operation: Operation): Promise<HttpResponse> {
    try {
      this.#authorize(this.#authenticate(request), operation);
    } catch (error) {
      if (error instanceof RefusedRequestError || error instanceof SignatureError) {
        return refusal(operation.service, error.code, error.message);
      }
      throw error;
    }
    return this.#options.services[operation.service](request);
  }

  /**
   * The time that a request is signed by, and answered with: Lambdas live by the cloud's clock, everybody else by the
   * machine's. The SDK corrects its own by the `Date` of each answer.
   */
  #clockOf(request: HttpRequest): number {
    const accessKeyId = /Credential=([^/,]+)/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const isLambda = this.#options.access.principal(accessKeyId)?.role !== undefined;
    return isLambda ? this.#options.clock.now() : Date.now();
  }

  #authenticate(request: HttpRequest): Principal {
    const signed = parseAuthorization(request);
    if (signed === undefined) {
      throw new RefusedRequestError(
        'MissingAuthenticationTokenException',
        'Request is missing Authentication Token',
      );
    }
    const principal = this.#options.access.principal(signed.accessKeyId);
    const { role } = principal ?? {};
    if (principal === undefined || (role && request.headers['x-amz-security-token'] !== role.sessionToken)) {
      throw new RefusedRequestError(
        'UnrecognizedClientException',
        'The security token included in the request is invalid.',
      );
    }
    verifySignature(request, signed, principal.secretAccessKey, this.#clockOf(request));
    return principal;
  }

  #authorize(principal: Principal, operation: Operation): void {
    for (const check of checksOf(operation)) {
      const reason = this.#options.access.refusal(principal, check);
      if (reason !== undefined) throw new RefusedRequestError('AccessDeniedException', reason);
    }
  }
}

function checksOf(operation: Operation): AccessCheck[] {
  try {
    return operation.checks();
  } catch (error) {
    if (error instanceof SyntaxError) throw new RefusedRequestError('SerializationException', error.message);
    throw error;
  }
}

function isSigned(request: HttpRequest): boolean {
  return request.headers.authorization?.startsWith('AWS4-') ?? false;
}

const UNKNOWN_OPERATION =
  'the local cloud has no such operation; it speaks the JSON protocols of the services in the template ' +
  '(an AWS CLI before 2.15, or a boto3 before 1.34, speaks another one to SQS)';

function unknownOperation(request: HttpRequest): HttpResponse {
  // Older clients of SQS and others read errors as XML.
  if (request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
    const error = `<Error><Type>Sender</Type><Code>UnknownOperation</Code><Message>${UNKNOWN_OPERATION}</Message></Error>`;
    const body = `<ErrorResponse>${error}<RequestId>local</RequestId></ErrorResponse>`;
    return { status: 400, headers: { 'content-type': 'text/xml' }, body };
  }
  return jsonResponse(404, { __type: 'UnknownOperationException', message: UNKNOWN_OPERATION });
}

/** Each service has its own form of a refusal; REST APIs answer 403 and name the error in a header. */
function refusal(service: ServiceName, code: string, message: string): HttpResponse {
  if (service === 'execute-api' || service === 'lambda') {
    return jsonResponse(403, { message }, { 'x-amzn-ErrorType': code });
  }
  const contentType = `application/x-amz-json-1.${service === 'events' || service === 'kms' ? 1 : 0}`;
  return jsonResponse(400, { __type: code, message, Message: message }, { 'content-type': contentType });
}
