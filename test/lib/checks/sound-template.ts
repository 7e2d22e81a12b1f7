/** The smallest template in which every check has something to look at, and nothing to say. */
import type { Deployment, Template } from '../../../lib/checks/template.ts';
import { alarms, watchers } from './sound-alarms.ts';
import { apis, domains } from './sound-apis.ts';
import { allow, arnOf, type EditableTemplate, permission, stageOf } from './sound-values.ts';

export const deployment: Deployment = { stackName: 'Shop-prod', region: 'eu-central-1' };

export function soundTemplate(): EditableTemplate & Template {
  return {
    Resources: {
      ...data(),
      ...compute(),
      ...messaging(),
      ...apis(),
      ...domains(),
      ...alarms(),
      ...watchers(),
    },
  };
}

function data(): EditableTemplate['Resources'] {
  return {
    Table: {
      Type: 'AWS::DynamoDB::GlobalTable',
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        KeySchema: [{ AttributeName: 'k', KeyType: 'HASH' }],
        GlobalSecondaryIndexes: [{ IndexName: 'byDay' }],
        Replicas: [
          {
            Region: { Ref: 'AWS::Region' },
            TableClass: 'STANDARD',
            GlobalSecondaryIndexes: [{ IndexName: 'byDay' }],
            DeletionProtectionEnabled: true,
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          },
        ],
      },
    },
    PriceLists2B0F3A5C: {
      Type: 'AWS::DynamoDB::GlobalTable',
      Properties: { Replicas: [{ Region: 'eu-central-1' }, { Region: 'eu-west-1' }] },
    },
    Key: {
      Type: 'AWS::KMS::Key',
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        KeySpec: 'ECC_NIST_P256',
        KeyPolicy: allow({ Action: 'kms:*', Resource: '*', Principal: { AWS: '*' } }),
      },
    },
  };
}

function compute(): EditableTemplate['Resources'] {
  return {
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: allow({
          Action: 'sts:AssumeRole',
          Principal: { Service: 'lambda.amazonaws.com' },
        }),
      },
    },
    Policy: {
      Type: 'AWS::IAM::Policy',
      Properties: {
        PolicyName: 'RolePolicy',
        Roles: [{ Ref: 'Role' }],
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: arnOf('DeadLetters') },
            { Effect: 'Allow', Action: ['dynamodb:GetItem', 'dynamodb:Query'], Resource: [arnOf('Table')] },
            { Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: arnOf('PriceLists2B0F3A5C') },
            { Effect: 'Allow', Action: 'kms:GetPublicKey', Resource: arnOf('Key') },
            {
              Effect: 'Allow',
              Action: 'execute-api:ManageConnections',
              Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':execute-api:*']] },
            },
            { Effect: 'Allow', Action: 'events:PutEvents', Resource: arnOf('Bus') },
          ],
        },
      },
    },
    Function: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Role: arnOf('Role'),
        DeadLetterConfig: { TargetArn: arnOf('DeadLetters') },
        Timeout: 29,
        ReservedConcurrentExecutions: 900,
        Environment: {
          Variables: {
            STAGE: 'Shop-prod',
            AWS_ENDPOINT: 'not reserved',
            PRICE_LISTS_TABLE: { Ref: 'PriceLists2B0F3A5C' },
            DEAD_LETTER_QUEUE_URL: { Ref: 'DeadLetters' },
            EVENT_BUS_NAME: { Ref: 'Bus' },
            TOKEN_KEY_IDS: { 'Fn::Join': ['', [{ Ref: 'Key' }, ' elsewhere']] },
            GATEWAY_ENDPOINT: { 'Fn::Join': ['', ['https://', ...stageOf('Api')]] },
            STORE_ENDPOINT: { 'Fn::Join': ['', ['wss://', ...stageOf('Api')]] },
          },
        },
      },
    },
    Logs: { Type: 'AWS::Logs::LogGroup', Properties: { RetentionInDays: 30 } },
    InvokeConfig: {
      Type: 'AWS::Lambda::EventInvokeConfig',
      Properties: {
        FunctionName: { Ref: 'Function' },
        MaximumRetryAttempts: 2,
        DestinationConfig: { OnFailure: { Destination: arnOf('DeadLetters') } },
      },
    },
    EventSource: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        FunctionName: { Ref: 'Function' },
        EventSourceArn: arnOf('Queue'),
        FunctionResponseTypes: ['ReportBatchItemFailures'],
      },
    },
  };
}

function messaging(): EditableTemplate['Resources'] {
  return {
    DeadLetters: {
      Type: 'AWS::SQS::Queue',
      Properties: { QueueName: 'Shop-prod-DeadLetters', MessageRetentionPeriod: 1_209_600 },
    },
    // Nobody may send to it.
    Spare: { Type: 'AWS::SQS::Queue', Properties: { MessageRetentionPeriod: 1_209_600 } },
    Queue: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        VisibilityTimeout: 180,
        RedrivePolicy: { deadLetterTargetArn: arnOf('DeadLetters'), maxReceiveCount: 3 },
      },
    },
    QueuePolicy: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: {
        Queues: [{ Ref: 'DeadLetters' }],
        PolicyDocument: allow({
          Action: 'sqs:SendMessage',
          Principal: { Service: 'events.amazonaws.com' },
          Resource: arnOf('DeadLetters'),
          Condition: { ArnEquals: { 'aws:SourceArn': arnOf('Rule') } },
        }),
      },
    },
    Bus: {
      Type: 'AWS::Events::EventBus',
      Properties: { Name: 'Shop-prod-Updates', Tags: [{ Key: 'team', Value: 'prices' }] },
    },
    BusPolicy: {
      Type: 'AWS::Events::EventBusPolicy',
      Properties: {
        EventBusName: { Ref: 'Bus' },
        StatementId: 'OnlyNamedPublishers',
        Statement: {
          Effect: 'Deny',
          Principal: { AWS: '*' },
          Action: 'events:PutEvents',
          Resource: arnOf('Bus'),
          Condition: { ArnNotEquals: { 'aws:PrincipalArn': [arnOf('Role'), 'arn:aws:iam::1:role/erp'] } },
        },
      },
    },
    Rule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        EventBusName: { Ref: 'Bus' },
        EventPattern: { source: ['till'] },
        Targets: [
          {
            Id: 'T',
            Arn: arnOf('Function'),
            DeadLetterConfig: { Arn: arnOf('DeadLetters') },
            RetryPolicy: { MaximumRetryAttempts: 185 },
          },
        ],
      },
    },
    Permission: permission('events.amazonaws.com', arnOf('Rule')),
  };
}
