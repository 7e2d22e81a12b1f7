/**
 * Least privilege, function by function. A new function needs a row in `permissions`; a new kind of resource needs
 * one in `types`. Whatever is not listed must be denied.
 */
import { describe, expect, it } from 'vitest';
import { iamActionsOf } from '../../lib/checks/iam-data.ts';
import { apiArn, mayDo, policiesOf, roleOf, statementsOf } from './access.ts';
import { type NamedResource, rawTemplate, resourceAt, resourcesOf, stack } from './template.ts';

const post = 'execute-api:ManageConnections POST @connections';
const close = 'execute-api:ManageConnections DELETE @connections';

const table = (name: string, ...actions: string[]) =>
  actions.map(action => `dynamodb:${action} Tables/${name}/Table`);
const index = (name: string, table: string) => `dynamodb:Query ${name} of Tables/${table}/Table`;

const stream = (name: string) =>
  ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map(
    action => `dynamodb:${action} stream of Tables/${name}/Table`,
  );

/** All that each function may do, besides writing its own log. */
const permissions: Record<string, string[]> = {
  'Stores/Authorize': ['kms:GetPublicKey TokenKey/Key', ...table('Stores', 'GetItem')],
  'Stores/Connect': [
    ...table('Connections', 'PutItem', 'UpdateItem', 'DeleteItem'),
    ...table('Stores', 'GetItem', 'UpdateItem'),
  ],
  'Stores/Disconnect': [...table('Connections', 'DeleteItem'), ...table('Stores', 'UpdateItem')],
  'Stores/Default': [
    ...table('Connections', 'GetItem', 'PutItem', 'UpdateItem'),
    ...table('Updates', 'BatchGetItem', 'GetItem', 'Query'),
    ...table('Current', 'GetItem', 'Query'),
    index('byPosition', 'Current'),
    ...table('Stores', 'BatchGetItem', 'GetItem', 'UpdateItem'),
    ...table('Inbox', 'PutItem'),
    ...table('Sales', 'GetItem', 'PutItem', 'UpdateItem', 'Query'),
    index('byBucket', 'Sales'),
    ...table('Hours', 'UpdateItem'),
    // Messages of stores.
    'events:PutEvents Outbound/Bus',
    post,
    close,
  ],
  'Broadcast/Function': [
    ...table('Connections', 'BatchGetItem', 'DeleteItem', 'Query'),
    ...table('Updates', 'GetItem', 'PutItem', 'Query', 'UpdateItem'),
    ...table('Current', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'),
    index('byPosition', 'Current'),
    ...table('Staged', 'PutItem'),
    post,
    'sqs:SendMessage Broadcast/DeadLetters',
    // CDK's SqsDestination adds these two to SendMessage; both only read.
    'sqs:GetQueueAttributes Broadcast/DeadLetters',
    'sqs:GetQueueUrl Broadcast/DeadLetters',
    'sqs:SendMessage Broadcast/Redelivery',
    // What is beyond one worker's share.
    'lambda:InvokeFunction Broadcast/Function',
    // The pace at which stores report.
    ...stream('Stores'),
  ],
  'Broadcast/Redeliver': [
    ...table('Connections', 'DeleteItem'),
    ...table('Updates', 'GetItem', 'UpdateItem'),
    post,
    // Lambda polls the queue in the function's name.
    ...[
      'ChangeMessageVisibility',
      'DeleteMessage',
      'GetQueueAttributes',
      'GetQueueUrl',
      'ReceiveMessage',
    ].map(name => `sqs:${name} Broadcast/Redelivery`),
    'sqs:SendMessage Broadcast/Redelivery',
    'sqs:SendMessage Broadcast/RedeliveryDeadLetters',
  ],
  'Live/Function': [
    ...table('Connections', 'BatchGetItem', 'DeleteItem', 'Query'),
    ...table('Updates', 'GetItem'),
    ...table('Stores', 'UpdateItem'),
    index('list', 'Stores'),
    ...table('Inbox', 'GetItem', 'Query'),
    ...table('Receipts', 'Query'),
    post,
    close,
    // Whether the newer line is open.
    'execute-api:ManageConnections GET @connections',
    // Lambda reads the streams in the function's name; of the sales it is told nothing else.
    ...['Connections', 'Inbox', 'Sales', 'Updates'].flatMap(stream),
  ],
  'Management/Function': [
    ...table('Connections', 'BatchGetItem', 'GetItem', 'Query', 'UpdateItem'),
    ...table('Updates', 'BatchGetItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'),
    ...table('Current', 'GetItem', 'Query'),
    index('byPosition', 'Current'),
    ...table('Stores', 'BatchGetItem', 'GetItem', 'UpdateItem', 'DeleteItem'),
    index('list', 'Stores'),
    ...table('Inbox', 'GetItem', 'Query'),
    ...table('Receipts', 'Query'),
    ...table('Sales', 'Query'),
    index('byBucket', 'Sales'),
    ...table('Hours', 'Query'),
    ...table('Staged', 'GetItem', 'PutItem', 'Query', 'UpdateItem'),
    index('open', 'Staged'),
    'events:PutEvents Broadcast/Bus',
    'kms:GetPublicKey TokenKey/Key',
    'kms:Sign TokenKey/Key',
    post,
    close,
  ],
  'SalesRollup/Function': [
    ...table('Sales', 'Query'),
    index('byBucket', 'Sales'),
    ...table('Hours', 'GetItem', 'PutItem', 'UpdateItem', 'Query', 'DeleteItem'),
  ],
  'Gauge/Function': table('Connections', 'Query'),
  'OutboundFeed/Function': [
    ...table('Connections', 'BatchGetItem', 'Query'),
    ...table('Updates', 'GetItem', 'Query'),
    index('list', 'Stores'),
    ...table('Inbox', 'GetItem', 'Query'),
    ...table('Receipts', 'Query'),
    'events:PutEvents Outbound/Bus',
    'sqs:SendMessage OutboundFeed/DeadLetters',
    // CDK's SqsDlq adds these two to SendMessage; both only read.
    'sqs:GetQueueAttributes OutboundFeed/DeadLetters',
    'sqs:GetQueueUrl OutboundFeed/DeadLetters',
    ...['Connections', 'Inbox', 'Sales', 'Staged', 'Updates'].flatMap(stream),
  ],
  'DriftFinder/Function': [
    ...table('Stores', 'Scan', 'UpdateItem'),
    ...table('Updates', 'BatchGetItem', 'GetItem', 'Query'),
    ...table('Current', 'GetItem', 'Query'),
    index('byPosition', 'Current'),
  ],
  'ReceiptGatherer/Function': [
    ...table('Inbox', 'GetItem', 'Query', 'UpdateItem'),
    ...table('Receipts', 'PutItem'),
  ],
  'Rollouts/Decisions/Function': [
    ...table('Staged', 'GetItem', 'PutItem', 'Query', 'UpdateItem'),
    index('open', 'Staged'),
    ...stream('Staged'),
    ...table('Connections', 'BatchGetItem', 'Query'),
    ...table('Updates', 'GetItem', 'PutItem'),
    ...table('Stores', 'BatchGetItem'),
    index('list', 'Stores'),
    ...table('Inbox', 'GetItem', 'Query'),
    ...table('Receipts', 'Query'),
    'events:PutEvents Broadcast/Bus',
  ],
};

/** Every type of resource in the stack that has an ARN: each function tries on it all that its service has. */
const types = [
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::DynamoDB::GlobalTable',
  'AWS::Events::EventBus',
  'AWS::Events::Rule',
  'AWS::IAM::Role',
  'AWS::KMS::Key',
  'AWS::Lambda::Function',
  'AWS::Logs::LogGroup',
  'AWS::SQS::Queue',
];

const functions = resourcesOf('AWS::Lambda::Function');
const named = functions.map(handler => [handler.path, handler] as const);

/** Every resource that a function could reach, by a name for the table above. */
const targets = new Map<string, { arn: string; service: string }>();
for (const type of types) {
  for (const { path, arn, properties } of resourcesOf(type)) {
    const service = arn.split(':')[2] ?? '';
    for (const { IndexName } of properties.GlobalSecondaryIndexes ?? []) {
      targets.set(`${IndexName} of ${path}`, { arn: `${arn}/index/${IndexName}`, service });
    }
    // A log group's ARN ends in a wildcard for its streams.
    const [name, stream] = arn.endsWith(':*') ? [arn.slice(0, -2), ':log-stream:s'] : [arn, ''];
    targets.set(path, { arn: `${name}${stream}`, service });
    // These two show a wildcard at the end of an ARN, and a permission on all of a table's indexes.
    targets.set(`beside ${path}`, { arn: `${name}2${stream}`, service });
    targets.set(`below ${path}`, { arn: `${name}/index/any${stream}`, service });
  }
}
for (const { logicalId, path, properties } of resourcesOf('AWS::DynamoDB::GlobalTable')) {
  if (properties.StreamSpecification === undefined) continue;
  const arn = stack.attribute(logicalId, 'StreamArn');
  targets.set(`stream of ${path}`, { arn, service: 'dynamodb' });
  targets.set(`beside the stream of ${path}`, { arn: `${arn}2`, service: 'dynamodb' });
}
const stores = resourceAt('AWS::ApiGatewayV2::Api', 'Stores/Api').ref;
const management = resourceAt('AWS::ApiGatewayV2::Api', 'Management/Api').ref;
for (const [name, path] of [
  ...['POST', 'GET', 'DELETE'].map(method => [`${method} @connections`, `prod/${method}/@connections/c=`]),
  ['POST @connections of another stage', 'dev/POST/@connections/c='],
  ['GET route', 'prod/GET/route'],
] as [string, string][]) {
  targets.set(name, { arn: apiArn(stores, path), service: 'execute-api' });
  targets.set(`${name} of another API`, { arn: apiArn(management, path), service: 'execute-api' });
}

function allowedTo(handler: NamedResource): string[] {
  return [...targets]
    .flatMap(([name, { arn, service }]) =>
      actionsOf(service)
        .filter(action => mayDo(handler, action, arn))
        .map(action => `${action} ${name}`),
    )
    .sort();
}

/** All that can be done to what a service has. */
function actionsOf(service: string): string[] {
  // A role is IAM's, and is assumed at STS.
  const services = service === 'iam' ? ['iam', 'sts'] : [service];
  return services.flatMap(iamActionsOf).map(({ name }) => name);
}

it('covers every function of the stack', () => {
  expect(functions.map(({ path }) => path).sort()).toEqual(Object.keys(permissions).sort());
});

it('tries something on every type of resource that has an ARN', () => {
  const found = new Set(Object.values(rawTemplate.Resources).map(({ Type }) => Type));
  const reachable = [...found].filter(type => resourcesOf(type).some(({ arn }) => arn !== ''));
  expect(types).toEqual(expect.arrayContaining(reachable));
});

describe.each(named)('%s', (path, handler) => {
  it('may do what its table says, and nothing else', () => {
    const log = `${path}Logs`;
    const own = [`logs:CreateLogStream ${log}`, `logs:PutLogEvents ${log}`];
    expect(allowedTo(handler)).toEqual([...(permissions[path] ?? []), ...own].sort());
  });

  it('names each action and each resource of the stack in full', () => {
    const known = [...targets.values()].map(({ arn }) => arn);
    for (const statement of statementsOf(handler)) {
      expect(Object.keys(statement).sort()).toEqual(['Action', 'Effect', 'Resource']);
      for (const action of [statement.Action ?? []].flat())
        expect(action).toMatch(/^[a-z0-9-]+:[A-Za-z0-9]+$/);
      for (const resource of [statement.Resource ?? []].flat()) {
        // Connection ids are not known in advance, log streams neither.
        const fixed = resource.replace(/\/@connections\/\*$/, '').replace(/:log-group:([^:]+):\*$/, '');
        expect(fixed).not.toMatch(/[*?]/);
        // What no target stands for, the test above could not try.
        expect(known.filter(arn => arn.startsWith(fixed))).not.toEqual([]);
      }
    }
  });

  it('has a role of its own, without managed policies, that only Lambda assumes', () => {
    const role = roleOf(handler);
    expect(functions.filter(other => other.properties.Role === role.arn)).toHaveLength(1);
    expect(role.properties.ManagedPolicyArns ?? []).toEqual([]);
    expect(role.properties.AssumeRolePolicyDocument.Statement).toEqual([
      { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } },
    ]);
    expect(policiesOf(handler).length).toBeGreaterThan(0);
  });
});

it('gives no policy to two roles', () => {
  for (const { properties } of resourcesOf('AWS::IAM::Policy')) expect(properties.Roles).toHaveLength(1);
});
