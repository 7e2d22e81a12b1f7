/**
 * Which IAM action on which resources an API request is: the mapping of the Service Authorization Reference, for the
 * services that run here. A request that asks for several resources needs all of them.
 */
import { busNameOf } from '../eventbridge/event-entry.ts';
import type { HttpRequest } from '../http.ts';
import { isObject, parseJsonObject } from '../json-text.ts';

export type ServiceName = 'dynamodb' | 'events' | 'sqs' | 'kms' | 'execute-api' | 'lambda';

export interface Operation {
  service: ServiceName;
  /** At least one. @throws SyntaxError unless the body is what the service reads */
  checks(): AccessCheck[];
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
  webSocketApi: { apiId: string } | undefined;
}

/** Body of a request in one of AWS's JSON protocols. */
// biome-ignore lint/suspicious/noExplicitAny: any service's input; each reader takes the members that it names
type Input = Record<string, any>;

type Resource = Omit<AccessCheck, 'action'>;

/** What each service of a JSON protocol asks for, by the prefix of `X-Amz-Target`. */
const JSON_SERVICES: ReadonlyMap<
  string,
  { service: ServiceName; resources: (operation: string, input: Input, scope: OperationScope) => Resource[] }
> = new Map([
  ['DynamoDB_20120810', { service: 'dynamodb', resources: tables }],
  ['AWSEvents', { service: 'events', resources: eventBuses }],
  ['AmazonSQS', { service: 'sqs', resources: queues }],
  ['TrentService', { service: 'kms', resources: keys }],
]);

/** What a request asks for; undefined if it is none of an AWS API that runs here. */
export function findOperation(request: HttpRequest, scope: OperationScope): Operation | undefined {
  const [, target = '', name = ''] = /^(\w+)\.([A-Z]\w*)$/.exec(request.headers['x-amz-target'] ?? '') ?? [];
  const json = JSON_SERVICES.get(target);
  if (json === undefined) return connectionsOperation(request, scope) ?? invokeOperation(request, scope);
  const action = `${json.service}:${BASE_ACTIONS.get(name) ?? name}`;
  return {
    service: json.service,
    checks() {
      const resources = json.resources(name, parseJsonObject(request.body.toString()), scope);
      // A request that names nothing asks for everything.
      const asked = resources.length > 0 ? resources : [{ resource: '*' }];
      return asked.map(resource => ({ action, ...resource }));
    },
  };
}

/** SQS's batch operations are the same actions as the single ones. */
const BASE_ACTIONS: ReadonlyMap<string, string> = new Map([
  ['SendMessageBatch', 'SendMessage'],
  ['DeleteMessageBatch', 'DeleteMessage'],
  ['ChangeMessageVisibilityBatch', 'ChangeMessageVisibility'],
]);

/**
 * Each operation is judged by the members that the service itself reads for it: another one beside them must not name
 * a resource in their place.
 */
function tables(operation: string, input: Input, scope: OperationScope): Resource[] {
  const arnOf = (name: string): string =>
    name.startsWith('arn:') ? name : arn('dynamodb', `table/${name}`, scope);
  if (operation.startsWith('Batch')) {
    const names = isObject(input.RequestItems) ? Object.keys(input.RequestItems) : [];
    return names.map(name => ({ resource: arnOf(name) }));
  }
  if (typeof input.TableName !== 'string') return [{ resource: arn('dynamodb', 'table/*', scope) }];
  const readsIndex = ['Query', 'Scan'].includes(operation) && typeof input.IndexName === 'string';
  return [{ resource: arnOf(input.TableName) + (readsIndex ? `/index/${input.IndexName}` : '') }];
}

function eventBuses(operation: string, input: Input, scope: OperationScope): Resource[] {
  if (operation !== 'PutEvents') return [];
  return entries(input).map(({ EventBusName, Source, DetailType }) => ({
    resource: arn('events', `event-bus/${busNameOf(EventBusName)}`, scope),
    context: { 'events:source': String(Source), 'events:detail-type': String(DetailType) },
  }));
}

function queues(operation: string, input: Input, scope: OperationScope): Resource[] {
  const resource = (name: string | undefined): Resource[] => [{ resource: arn('sqs', name ?? '*', scope) }];
  if (operation.endsWith('Batch')) entries(input);
  if (operation === 'ListQueues') return resource('*');
  if (operation === 'GetQueueUrl' || operation === 'CreateQueue') return resource(text(input, 'QueueName'));
  // A URL names the queue by its last segment, whatever host and port it has.
  return resource(text(input, 'QueueUrl').split('/').filter(Boolean).at(-1));
}

function keys(_: string, { KeyId }: Input, scope: OperationScope): Resource[] {
  if (typeof KeyId !== 'string') return [];
  return [{ resource: KeyId.startsWith('arn:') ? KeyId : arn('kms', `key/${KeyId}`, scope) }];
}

function entries({ Entries = [] }: Input): Input[] {
  if (Array.isArray(Entries) && Entries.every(isObject)) return Entries;
  throw new SyntaxError('Entries is no list of structures');
}

function text(input: Input, member: string): string {
  const { [member]: value = '' } = input;
  if (typeof value === 'string') return value;
  throw new SyntaxError(`${member} is no string`);
}

/** Also with another stage, or with none: the API refuses those itself. Some signers encode the `@`. */
const CONNECTIONS_PATH = /^(?:\/([^/]+))?\/(?:@|%40)connections\/(.*)$/;

function connectionsOperation(request: HttpRequest, scope: OperationScope): Operation | undefined {
  const [path, stageName = '', connectionId] = CONNECTIONS_PATH.exec(request.path) ?? [];
  if (path === undefined || scope.webSocketApi === undefined) return undefined;
  const { apiId } = scope.webSocketApi;
  const resource = `${apiId}/${stageName}/${request.method}/@connections/${connectionId}`;
  const check = { action: 'execute-api:ManageConnections', resource: arn('execute-api', resource, scope) };
  return { service: 'execute-api', checks: () => [check] };
}

function invokeOperation(request: HttpRequest, scope: OperationScope): Operation | undefined {
  const name = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(request.path)?.[1];
  if (name === undefined) return undefined;
  const decoded = decode(name);
  if (decoded === undefined) return undefined;
  const resource = decoded.startsWith('arn:') ? decoded : arn('lambda', `function:${decoded}`, scope);
  return { service: 'lambda', checks: () => [{ action: 'lambda:InvokeFunction', resource }] };
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
