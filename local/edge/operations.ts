/**
 * Which IAM action on which resources an API request is: the mapping of the Service Authorization Reference, for the
 * services that run here. A request that asks for several resources needs all of them.
 */
import { busNameOf } from '../eventbridge/event-entry.ts';
import type { HttpRequest } from '../http.ts';

export type ServiceName = 'dynamodb' | 'events' | 'sqs' | 'kms' | 'execute-api' | 'lambda';

export interface Operation {
  service: ServiceName;
  checks: AccessCheck[];
}

export interface AccessCheck {
  /** `dynamodb:Query` */
  action: string;
  /** ARN of the resource. */
  resource: string;
  /** Condition keys of the service, if it has any. */
  context?: Record<string, string | string[]> | undefined;
}

export interface OperationScope {
  account: string;
  region: string;
  webSocketApi: { apiId: string; stageName: string } | undefined;
}

/** Body of a request in one of AWS's JSON protocols. */
// biome-ignore lint/suspicious/noExplicitAny: any service's input; each reader takes the members that it names
type Input = Record<string, any>;

const TARGETS: Record<string, ServiceName> = {
  DynamoDB_20120810: 'dynamodb',
  AWSEvents: 'events',
  AmazonSQS: 'sqs',
  TrentService: 'kms',
};

/** What a request asks for; undefined if it is none of an AWS API that runs here. */
export function findOperation(request: HttpRequest, scope: OperationScope): Operation | undefined {
  const [target = '', name = ''] = request.headers['x-amz-target']?.split('.') ?? [];
  const service = TARGETS[target];
  if (service !== undefined) return { service, checks: jsonChecks(service, name, request, scope) };
  return connectionsOperation(request, scope) ?? invokeOperation(request, scope);
}

function jsonChecks(
  service: ServiceName,
  name: string,
  request: HttpRequest,
  scope: OperationScope,
): AccessCheck[] {
  const input = parseInput(request);
  const action = `${service}:${BASE_ACTIONS[name] ?? name}`;
  const checks: Partial<Record<ServiceName, () => AccessCheck[]>> = {
    dynamodb: () => tables(input, scope).map(resource => ({ action, resource })),
    events: () => eventBuses(input, scope).map(check => ({ action, ...check })),
    sqs: () => [{ action, resource: queueArn(input, scope) }],
    kms: () => [{ action, resource: keyArn(String(input.KeyId ?? '*'), scope) }],
  };
  return checks[service]?.() ?? [];
}

/** SQS's batch operations are the same actions as the single ones. */
const BASE_ACTIONS: Record<string, string> = {
  SendMessageBatch: 'SendMessage',
  DeleteMessageBatch: 'DeleteMessage',
  ChangeMessageVisibilityBatch: 'ChangeMessageVisibility',
};

function tables(input: Input, scope: OperationScope): string[] {
  const arnOf = (name: string): string =>
    name.startsWith('arn:') ? name : arn('dynamodb', `table/${name}`, scope);
  if (typeof input.RequestItems === 'object' && input.RequestItems !== null) {
    return Object.keys(input.RequestItems).map(arnOf);
  }
  if (typeof input.TableName !== 'string') return [arn('dynamodb', 'table/*', scope)];
  const index = typeof input.IndexName === 'string' ? `/index/${input.IndexName}` : '';
  return [arnOf(input.TableName) + index];
}

function eventBuses(input: Input, scope: OperationScope): Omit<AccessCheck, 'action'>[] {
  if (!Array.isArray(input.Entries)) return [{ resource: '*', context: {} }];
  return input.Entries.map((entry: Input) => ({
    resource: arn('events', `event-bus/${busNameOf(entry?.EventBusName)}`, scope),
    context: { 'events:source': String(entry?.Source), 'events:detail-type': String(entry?.DetailType) },
  }));
}

function queueArn(input: Input, scope: OperationScope): string {
  const name = typeof input.QueueUrl === 'string' ? input.QueueUrl.split('/').at(-1) : input.QueueName;
  return arn('sqs', String(name ?? '*'), scope);
}

function keyArn(keyId: string, scope: OperationScope): string {
  return keyId.startsWith('arn:') ? keyId : arn('kms', `key/${keyId}`, scope);
}

function connectionsOperation(request: HttpRequest, scope: OperationScope): Operation | undefined {
  if (scope.webSocketApi === undefined) return undefined;
  const { apiId, stageName } = scope.webSocketApi;
  const prefix = `/${stageName}/@connections/`;
  // Some signers encode the `@`.
  if (!request.path.replace('%40', '@').startsWith(prefix)) return undefined;
  const connectionId = request.path.split('/').at(-1) ?? '';
  const path = `${apiId}/${stageName}/${request.method}/@connections/${connectionId}`;
  const check = {
    action: 'execute-api:ManageConnections',
    resource: arn('execute-api', path, scope),
  };
  return { service: 'execute-api', checks: [check] };
}

function invokeOperation(request: HttpRequest, scope: OperationScope): Operation | undefined {
  const name = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(request.path)?.[1];
  if (name === undefined) return undefined;
  const decoded = decode(name);
  if (decoded === undefined) return undefined;
  const resource = decoded.startsWith('arn:') ? decoded : arn('lambda', `function:${decoded}`, scope);
  return { service: 'lambda', checks: [{ action: 'lambda:InvokeFunction', resource }] };
}

/** Undefined for what is not percent-encoded. */
function decode(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

function arn(service: string, resource: string, { account, region }: OperationScope): string {
  return `arn:aws:${service}:${region}:${account}:${resource}`;
}

/** A body that is no JSON names no resource: the service itself will say what is wrong with it. */
function parseInput(request: HttpRequest): Input {
  try {
    const input: unknown = JSON.parse(request.body.toString());
    return typeof input === 'object' && input !== null ? (input as Input) : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
