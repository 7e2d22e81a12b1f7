/** Faults of who may do what. */
import { allowing, type Faults, set, statement } from './fault.ts';
import { arnOf } from './sound-values.ts';

const table = arnOf('Table');
const stream = { 'Fn::GetAtt': ['Table', 'StreamArn'] };
const queueUrl = { Ref: 'DeadLetters' };

export const iamFaults: Faults = {
  arns: [
    ['a role by its name', 'Function', set({ Role: { Ref: 'Role' } })],
    ['an event source by its URL', 'EventSource', set({ EventSourceArn: { Ref: 'Queue' } })],
    ['a source by its name', 'Permission', set({ SourceArn: { Ref: 'Rule' } })],
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
      properties => void properties.Queues.push(arnOf('Queue')),
    ],
    [
      'the log writer’s role by its name',
      'LoggingAccount',
      set({ CloudWatchRoleArn: { Ref: 'LoggingRole' } }),
    ],
    [
      'a role that Lambda assumes as the log writer',
      'LoggingAccount',
      set({ CloudWatchRoleArn: arnOf('Role') }),
    ],
    ['a topic as the log writer', 'LoggingAccount', set({ CloudWatchRoleArn: arnOf('Queue') })],
    [
      'a role of no account as the log writer',
      'LoggingAccount',
      set({ CloudWatchRoleArn: 'arn:aws:iam::role/logs' }),
    ],
    ['a table as a dead-letter queue', 'Queue', set({ RedrivePolicy: { deadLetterTargetArn: table } })],
    ['an address for the action of a composite alarm', 'Page', set({ AlarmActions: ['ops@example.com'] })],
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
      allowing({ Action: 'dynamo:GetItem', Resource: table }),
    ],
    [
      'an action on what another service has',
      'Policy',
      allowing({ Action: 'sqs:ReceiveMessage', Resource: table }),
    ],
    [
      'an action on the stream of a table for the table',
      'Policy',
      allowing({ Action: 'dynamodb:GetRecords', Resource: [table] }),
    ],
    [
      'a wildcard of which nothing is done to the resource',
      'Policy',
      allowing({ Action: 'dynamodb:*Item', Resource: stream }),
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
};
