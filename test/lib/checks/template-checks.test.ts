/** For each check a control: one deliberate fault in a sound template turns that check red, and no other. */
import { describe, expect, it } from 'vitest';
import type { Properties } from '../../../lib/checks/template.ts';
import { checks } from '../../../lib/checks/template-checks.ts';
import { type EditableTemplate, soundTemplate } from './sound-template.ts';

type Fault = [title: string, logicalId: string, damage: (properties: Properties, resource: Resource) => void];
type Resource = EditableTemplate['Resources'][string];

const set = (changes: Properties) => (properties: Properties) => void Object.assign(properties, changes);
const dimensions = (values: Record<string, unknown>) =>
  set({ Dimensions: Object.entries(values).map(([Name, Value]) => ({ Name, Value })) });
const statement = (changes: Properties) => (properties: Properties) =>
  void Object.assign(properties.PolicyDocument.Statement[0], changes);
const allow = (grant: Properties) => (properties: Properties) =>
  void properties.PolicyDocument.Statement.push({ Effect: 'Allow', ...grant });
const table = { 'Fn::GetAtt': ['Table', 'Arn'] };
const stream = { 'Fn::GetAtt': ['Table', 'StreamArn'] };
const queueUrl = { Ref: 'DeadLetters' };

const faults: Record<keyof typeof checks, Fault[]> = {
  alarms: [
    ['a metric that there is not', 'Errors', set({ MetricName: 'Error' })],
    ['a namespace that there is not', 'Errors', set({ Namespace: 'AWS/Lambdas' })],
    ['dimensions by which nothing is written', 'Errors', dimensions({ Function: 'f' })],
    ['no dimensions', 'Errors', set({ Dimensions: [] })],
    [
      'a function’s ARN for its name',
      'Errors',
      dimensions({ FunctionName: { 'Fn::GetAtt': ['Function', 'Arn'] } }),
    ],
    ['a queue’s URL for its name', 'Waiting', dimensions({ QueueName: queueUrl })],
    [
      'a rule’s Ref, which is BUS|RULE',
      'Lost',
      dimensions({ EventBusName: { Ref: 'Bus' }, RuleName: { Ref: 'Rule' } }),
    ],
    [
      'a rule of another bus without it',
      'Lost',
      dimensions({ RuleName: { 'Fn::Select': [1, { 'Fn::Split': ['|', { Ref: 'Rule' }] }] } }),
    ],
    [
      'a wrong metric within an expression',
      'Ratio',
      properties => void Object.assign(properties.Metrics[0].MetricStat.Metric, { MetricName: '4XXError' }),
    ],
  ],
  'api-gateway': [
    ['a protocol that there is not', 'HttpApi', set({ ProtocolType: 'WS' })],
    ['a selection expression of nothing', 'Api', set({ RouteSelectionExpression: 'request.body.action' })],
    ['an authorizer of a REST API', 'Authorizer', set({ AuthorizerType: 'TOKEN' })],
    [
      'an identity source of a REST API',
      'Authorizer',
      set({ IdentitySource: ['method.request.header.Authorization'] }),
    ],
    [
      'an identity source of an HTTP API',
      'Authorizer',
      set({ IdentitySource: ['$request.header.Authorization'] }),
    ],
    ['an integration that there is not', 'Integration', set({ IntegrationType: 'LAMBDA' })],
    ['an HTTP API’s payload on a WebSocket API', 'Integration', set({ PayloadFormatVersion: '2.0' })],
    ['a WebSocket API’s integration on an HTTP API', 'HttpIntegration', set({ IntegrationType: 'MOCK' })],
    ['an authorization that there is not', 'Default', set({ AuthorizationType: 'LAMBDA' })],
    ['an authorization without its authorizer', 'Connect', set({ AuthorizerId: undefined })],
    [
      'an authorizer elsewhere than at $connect',
      'Default',
      set({ AuthorizationType: 'CUSTOM', AuthorizerId: { Ref: 'Authorizer' } }),
    ],
    [
      'a $connect for everybody',
      'Connect',
      properties => {
        delete properties.AuthorizationType;
        delete properties.AuthorizerId;
      },
    ],
  ],
  arns: [
    ['a role by its name', 'Function', set({ Role: { Ref: 'Role' } })],
    ['an event source by its URL', 'EventSource', set({ EventSourceArn: { Ref: 'Queue' } })],
    ['a source by its name', 'Permission', set({ SourceArn: 'Rule' })],
    [
      'a queue’s redrive by a URL',
      'Queue',
      set({ RedrivePolicy: { deadLetterTargetArn: queueUrl, maxReceiveCount: 3 } }),
    ],
    ['an address for an alarm’s action', 'Errors', set({ AlarmActions: ['ops@example.com'] })],
    [
      'a policy on a URL',
      'Policy',
      properties => void properties.PolicyDocument.Statement[1].Resource.push(queueUrl),
    ],
    [
      'a policy’s role by its ARN',
      'Policy',
      properties => void properties.Roles.push({ 'Fn::GetAtt': ['Role', 'Arn'] }),
    ],
    [
      'a queue of a policy by its ARN',
      'QueuePolicy',
      properties => void properties.Queues.push({ 'Fn::GetAtt': ['Queue', 'Arn'] }),
    ],
  ],
  'environment-variables': [
    [
      'a name of Lambda’s own',
      'Function',
      set({ Environment: { Variables: { AWS_REGION: 'eu-central-1' } } }),
    ],
    ['more than 4 KB', 'Function', set({ Environment: { Variables: { LIST: 'x'.repeat(4_093) } } })],
  ],
  'iam-actions': [
    [
      'an action that there is not',
      'Policy',
      statement({ Action: ['sqs:SendMessage', 'dynamodb:GetItems'] }),
    ],
    ['an action of another service', 'Policy', statement({ Action: ['sqs:SendMessage', 'sqs:PutEvents'] })],
    [
      'a wildcard that matches none',
      'Key',
      ({ KeyPolicy }) => void Object.assign(KeyPolicy.Statement[0], { Action: 'kms:Got*' }),
    ],
    ['a permission for no action', 'Permission', set({ Action: 'lambda:Invoke' })],
    [
      'an action of a service that there is not',
      'Policy',
      allow({ Action: 'dynamo:GetItem', Resource: table }),
    ],
    [
      'an action on what another service has',
      'Policy',
      allow({ Action: 'sqs:ReceiveMessage', Resource: table }),
    ],
    [
      'an action on the stream of a table for the table',
      'Policy',
      allow({ Action: 'dynamodb:GetRecords', Resource: [table] }),
    ],
    [
      'a wildcard of which nothing is done to the resource',
      'Policy',
      allow({ Action: 'dynamodb:*Item', Resource: stream }),
    ],
    [
      'a condition that nothing fulfils',
      'Policy',
      statement({ Condition: { StringEquals: { 'aws:SourceAcount': '1' } } }),
    ],
    [
      'a condition that the action doesn’t know',
      'Policy',
      statement({ Condition: { StringEquals: { 'kms:ViaService': 'sqs.eu-central-1.amazonaws.com' } } }),
    ],
  ],
  'lasting-data': [
    [
      'a table that is lost when it is replaced',
      'Table',
      (_, resource) => delete resource.UpdateReplacePolicy,
    ],
    ['a kept table that can’t be restored', 'Table', set({ Replicas: [{ Region: 'eu-central-1' }] })],
    [
      'a key that is lost when it is replaced',
      'Key',
      (_, resource) => (resource.UpdateReplacePolicy = 'Delete'),
    ],
  ],
  names: [
    ['a queue’s of more than 80 characters', 'DeadLetters', set({ QueueName: 'q'.repeat(81) })],
    ['a stage’s with a blank', 'Stage', set({ StageName: 'my stage' })],
    ['a table’s of two characters', 'Table', set({ TableName: 'ab' })],
    ['a policy’s of more than 128 characters', 'Policy', set({ PolicyName: 'p'.repeat(129) })],
  ],
  publishers: [
    [
      'a function that its own role lets publish and the bus doesn’t',
      'BusPolicy',
      ({ Statement }) => void Statement.Condition.ArnNotEquals['aws:PrincipalArn'].shift(),
    ],
    [
      'a Deny of everybody',
      'BusPolicy',
      ({ Statement }) => {
        delete Statement.Condition;
      },
    ],
    [
      'a bus that lets every account publish',
      'BusPolicy',
      ({ Statement }) => {
        Statement.Effect = 'Allow';
        delete Statement.Condition;
      },
    ],
  ],
  queues: [
    [
      'a rule’s dead-letter queue without a policy',
      'Rule',
      properties => {
        properties.Targets[0].DeadLetterConfig.Arn = { 'Fn::GetAtt': ['Queue', 'Arn'] };
      },
    ],
    [
      'a queue as target without a policy',
      'Rule',
      properties => void properties.Targets.push({ Id: 'Q', Arn: { 'Fn::GetAtt': ['Queue', 'Arn'] } }),
    ],
    [
      'a bus’s dead-letter queue whose policy lets in a rule alone',
      'Bus',
      set({ DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['DeadLetters', 'Arn'] } } }),
    ],
    [
      'a destination that the role may not send to',
      'InvokeConfig',
      set({ DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['Queue', 'Arn'] } } } }),
    ],
    [
      'a function’s dead-letter queue that the role may not send to',
      'Function',
      set({ DeadLetterConfig: { TargetArn: { 'Fn::GetAtt': ['Queue', 'Arn'] } } }),
    ],
  ],
  stages: [
    ['settings of a route that may not be there yet', 'Stage', (_, resource) => delete resource.DependsOn],
    ['settings of a route that there is not', 'Stage', set({ RouteSettings: { sync: {} } })],
    ['no deployment', 'Stage', set({ AutoDeploy: false })],
    ['a deployment before its routes', 'Deployment', (_, resource) => (resource.DependsOn = ['Connect'])],
  ],
};

function redChecks(template: EditableTemplate): Record<string, string[]> {
  const results = Object.entries(checks).map(([name, check]) => [name, check(template)] as const);
  return Object.fromEntries(
    results
      .filter(([, findings]) => findings.length > 0)
      .map(([name, findings]) => [name, [...new Set(findings.map(({ logicalId }) => logicalId))]]),
  );
}

it('has nothing to say of a sound template', () => {
  expect(redChecks(soundTemplate())).toEqual({});
});

it('has a control for each check', () => {
  expect(Object.keys(faults).sort()).toEqual(Object.keys(checks).sort());
});

describe.each(Object.entries(faults))('%s', (check, controls) => {
  it.each(controls)('finds %s', (_title, logicalId, damage) => {
    const template = soundTemplate();
    const resource = template.Resources[logicalId];
    if (resource === undefined) throw new Error(`the sound template has no ${logicalId}`);
    damage(resource.Properties, resource);
    expect(redChecks(template)).toEqual({ [check]: [logicalId] });
  });
});

it.each<[string, Properties]>([
  ['in any case of its letters', { Action: 'SQS:receivemessage', Resource: '*' }],
  ['by wildcards', { Action: ['sqs:Rec*', 'sqs:?eceiveMessage', '*'], Resource: '*' }],
  ['for one resource of several', { Action: 'dynamodb:GetRecords', Resource: [table, stream] }],
  ['for no one resource, which CDK grants on a stream', { Action: 'dynamodb:ListStreams', Resource: stream }],
  [
    'on conditions that every action knows',
    {
      Action: 'sqs:ReceiveMessage',
      Resource: '*',
      Condition: { Null: { 'aws:PrincipalTag/team': 'false', 'AWS:securetransport': 'false' } },
    },
  ],
  [
    'on conditions of its own and of its resource',
    {
      Action: 'dynamodb:Query',
      Resource: table,
      Condition: { StringEquals: { 'aws:ResourceTag/team': 'prices', 'dynamodb:Select': 'COUNT' } },
    },
  ],
  [
    'on conditions of an identity provider',
    {
      Action: 'sts:AssumeRoleWithWebIdentity',
      Resource: '*',
      Condition: { StringEquals: { 'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com' } },
    },
  ],
])('has nothing to say of an action %s', (_title, grant) => {
  const template = soundTemplate();
  allow(grant)(template.Resources.Policy?.Properties ?? {});
  expect(redChecks(template)).toEqual({});
});

it('finds a rule that its function doesn’t let in', () => {
  const template = soundTemplate();
  delete template.Resources.Permission;
  expect(redChecks(template)).toEqual({ queues: ['Rule'] });
});

it('finds the queue policy that CDK doesn’t write', () => {
  const template = soundTemplate();
  delete template.Resources.QueuePolicy;
  expect(redChecks(template)).toEqual({ queues: ['Rule'] });
});
