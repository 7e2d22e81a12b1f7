/**
 * IAM takes a policy with an action that there is not, and denies the real one. The names are those of AWS's "Service
 * Authorization Reference", of the services that this stack uses; what a new grant needs is added here, from there.
 */
import { actionsOf, statementsOf } from './policies.ts';
import { type Finding, resourcesOf, type Template } from './template.ts';

const names: Readonly<Record<string, readonly string[]>> = {
  cloudwatch: ['GetMetricData', 'PutMetricData'],
  dynamodb: [
    ...[
      'BatchGetItem',
      'BatchWriteItem',
      'ConditionCheckItem',
      'DeleteItem',
      'DescribeStream',
      'DescribeTable',
    ],
    ...['DescribeTimeToLive', 'GetItem', 'GetRecords', 'GetShardIterator', 'ListStreams', 'PutItem', 'Query'],
    ...['Scan', 'UpdateItem'],
  ],
  events: ['PutEvents'],
  'execute-api': ['InvalidateCache', 'Invoke', 'ManageConnections'],
  kms: [
    ...[
      'CreateGrant',
      'Decrypt',
      'DescribeKey',
      'Encrypt',
      'GenerateDataKey',
      'GetPublicKey',
      'ReEncryptFrom',
    ],
    ...['ReEncryptTo', 'Sign', 'Verify'],
  ],
  lambda: ['GetFunction', 'InvokeFunction', 'InvokeFunctionUrl'],
  logs: [
    ...['CreateLogGroup', 'CreateLogStream', 'DescribeLogGroups', 'DescribeLogStreams', 'FilterLogEvents'],
    ...['GetLogEvents', 'PutLogEvents'],
  ],
  scheduler: ['CreateSchedule', 'DeleteSchedule', 'GetSchedule'],
  sns: ['Publish', 'Subscribe'],
  sqs: [
    ...['ChangeMessageVisibility', 'DeleteMessage', 'GetQueueAttributes', 'GetQueueUrl', 'PurgeQueue'],
    ...['ReceiveMessage', 'SendMessage'],
  ],
  sts: ['AssumeRole', 'AssumeRoleWithWebIdentity', 'TagSession'],
  xray: ['PutTelemetryRecords', 'PutTraceSegments'],
};

/** All of them, as policies write them. */
export const knownActions = Object.entries(names).flatMap(([service, actions]) =>
  actions.map(action => `${service}:${action}`),
);

export function iamActions(template: Template): Finding[] {
  const inPolicies = statementsOf(template).flatMap(({ statement, ...place }) =>
    actionsOf(statement).map(action => ({ ...place, action })),
  );
  const inPermissions = resourcesOf(template, 'AWS::Lambda::Permission').map(({ logicalId, properties }) => ({
    logicalId,
    at: 'Properties.Action',
    action: String(properties.Action),
  }));
  return [...inPolicies, ...inPermissions]
    .filter(({ action }) => !exists(action))
    .map(({ logicalId, at, action }) => ({
      logicalId,
      at,
      problem: `there is no action ${action} that this project knows: correct it, or add it to lib/checks/iam-actions.ts from AWS's Service Authorization Reference`,
    }));
}

function exists(action: string): boolean {
  const pattern = new RegExp(`^${action.replaceAll('*', '.*').replaceAll('?', '.')}$`);
  return knownActions.some(known => pattern.test(known));
}
