/** The smallest template in which every check has something to look at, and nothing to say. */
import type { Properties, Template } from '../../../lib/checks/template.ts';

export type EditableTemplate = {
  Resources: Record<string, { Type: string; Properties: Properties; [attribute: string]: unknown }>;
};

const arnOf = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
const allow = (statement: Properties) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', ...statement }],
});

export function soundTemplate(): EditableTemplate & Template {
  return { Resources: { ...data(), ...compute(), ...messaging(), ...apis(), ...alarms() } };
}

function data(): EditableTemplate['Resources'] {
  return {
    Table: {
      Type: 'AWS::DynamoDB::GlobalTable',
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        KeySchema: [{ AttributeName: 'k', KeyType: 'HASH' }],
        Replicas: [
          {
            Region: { Ref: 'AWS::Region' },
            DeletionProtectionEnabled: true,
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          },
        ],
      },
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
        Environment: { Variables: { TABLE: { Ref: 'Table' }, AWS_ENDPOINT: 'not reserved' } },
      },
    },
    InvokeConfig: {
      Type: 'AWS::Lambda::EventInvokeConfig',
      Properties: {
        FunctionName: { Ref: 'Function' },
        DestinationConfig: { OnFailure: { Destination: arnOf('DeadLetters') } },
      },
    },
    EventSource: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: { FunctionName: { Ref: 'Function' }, EventSourceArn: arnOf('Queue') },
    },
  };
}

function messaging(): EditableTemplate['Resources'] {
  return {
    DeadLetters: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead-letters' } },
    Queue: {
      Type: 'AWS::SQS::Queue',
      Properties: { RedrivePolicy: { deadLetterTargetArn: arnOf('DeadLetters'), maxReceiveCount: 3 } },
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
    Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'bus' } },
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
        Targets: [{ Id: 'T', Arn: arnOf('Function'), DeadLetterConfig: { Arn: arnOf('DeadLetters') } }],
      },
    },
    Permission: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        Action: 'lambda:InvokeFunction',
        FunctionName: arnOf('Function'),
        Principal: 'events.amazonaws.com',
        SourceArn: arnOf('Rule'),
      },
    },
  };
}

function apis(): EditableTemplate['Resources'] {
  const api = { ApiId: { Ref: 'Api' } };
  const httpApi = { ApiId: { Ref: 'HttpApi' } };
  return {
    Api: {
      Type: 'AWS::ApiGatewayV2::Api',
      Properties: { ProtocolType: 'WEBSOCKET', RouteSelectionExpression: '$request.body.action' },
    },
    Authorizer: {
      Type: 'AWS::ApiGatewayV2::Authorizer',
      Properties: {
        ...api,
        AuthorizerType: 'REQUEST',
        IdentitySource: ['route.request.header.Authorization'],
      },
    },
    Integration: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: { ...api, IntegrationType: 'AWS_PROXY' },
    },
    Connect: {
      Type: 'AWS::ApiGatewayV2::Route',
      Properties: {
        ...api,
        RouteKey: '$connect',
        AuthorizationType: 'CUSTOM',
        AuthorizerId: { Ref: 'Authorizer' },
      },
    },
    Default: { Type: 'AWS::ApiGatewayV2::Route', Properties: { ...api, RouteKey: '$default' } },
    Deployment: {
      Type: 'AWS::ApiGatewayV2::Deployment',
      DependsOn: ['Connect', 'Default'],
      Properties: api,
    },
    Stage: {
      Type: 'AWS::ApiGatewayV2::Stage',
      DependsOn: ['Connect'],
      Properties: {
        ...api,
        StageName: 'prod',
        AutoDeploy: true,
        RouteSettings: { $connect: { ThrottlingRateLimit: 500 } },
      },
    },
    HttpApi: { Type: 'AWS::ApiGatewayV2::Api', Properties: { ProtocolType: 'HTTP' } },
    HttpIntegration: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: { ...httpApi, IntegrationType: 'AWS_PROXY', PayloadFormatVersion: '2.0' },
    },
  };
}

function alarms(): EditableTemplate['Resources'] {
  const metric = (Namespace: string, MetricName: string, dimensions: Record<string, unknown>) => ({
    Namespace,
    MetricName,
    Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
  });
  const alarm = (properties: Properties) => ({
    Type: 'AWS::CloudWatch::Alarm',
    Properties: { AlarmActions: [{ Ref: 'Topic' }], ...properties },
  });
  const ruleName = { 'Fn::Select': [1, { 'Fn::Split': ['|', { Ref: 'Rule' }] }] };
  return {
    Topic: { Type: 'AWS::SNS::Topic', Properties: {} },
    Errors: alarm(metric('AWS/Lambda', 'Errors', { FunctionName: { Ref: 'Function' } })),
    Waiting: alarm(
      metric('AWS/SQS', 'ApproximateNumberOfMessagesVisible', {
        QueueName: { 'Fn::GetAtt': ['DeadLetters', 'QueueName'] },
      }),
    ),
    Lost: alarm(
      metric('AWS/Events', 'FailedInvocations', { EventBusName: { Ref: 'Bus' }, RuleName: ruleName }),
    ),
    Own: alarm(metric('storecast', 'FanOutLag', { service: 'broadcast' })),
    Ratio: alarm({
      Metrics: [
        {
          Id: 'refused',
          MetricStat: {
            Metric: metric('AWS/ApiGateway', 'ClientError', { ApiId: { Ref: 'Api' }, Stage: 'prod' }),
          },
        },
      ],
    }),
  };
}
