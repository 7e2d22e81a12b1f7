/** Access logs of the two APIs: who came when and what became of it; no header, no token, no body. */
import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { CfnAccount } from 'aws-cdk-lib/aws-apigateway';
import type { CfnStage, IStage } from 'aws-cdk-lib/aws-apigatewayv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Configuration } from './settings/configuration.ts';

const FORMAT = {
  requestId: '$context.requestId',
  time: '$context.requestTime',
  routeKey: '$context.routeKey',
  status: '$context.status',
  ip: '$context.identity.sourceIp',
};
/** Of a line: which one, and what happened to it. */
const LINE_FORMAT = {
  ...FORMAT,
  eventType: '$context.eventType',
  connectionId: '$context.connectionId',
  error: '$context.authorizer.error',
};

/** Gives each stage a log group of its own, and the account the role that writes it, as far as the settings want it. */
export function recordAccess(
  scope: Construct,
  stages: { readonly line: Construct & IStage; readonly http: Construct & IStage },
  settings: Pick<Configuration, 'accessLogs' | 'apiGatewayAccount'>,
): void {
  if (settings.accessLogs) {
    writeAccessLog(stages.line, LINE_FORMAT);
    writeAccessLog(stages.http, FORMAT);
  } else {
    Object.values(stages).forEach(acknowledgeNoAccessLog);
  }
  if (settings.apiGatewayAccount) {
    // Without the role, API Gateway refuses the stage of a WebSocket API that has a log.
    stages.line.node.addDependency(new LoggingAccount(scope, 'LoggingAccount'));
  }
}

function writeAccessLog(stage: Construct & IStage, format: Record<string, string>): void {
  const logGroup = new logs.LogGroup(stage, 'AccessLogs', {
    removalPolicy: RemovalPolicy.DESTROY,
  });
  // The default stage of an HTTP API takes no settings in CDK's own way.
  const resource = stage.node.defaultChild as CfnStage;
  resource.accessLogSettings = {
    destinationArn: logGroup.logGroupRef.logGroupArn,
    format: JSON.stringify(format),
  };
}

function acknowledgeNoAccessLog(stage: Construct & IStage): void {
  Validations.of(stage).acknowledge({
    id: 'AwsSolutions-APIG1',
    reason: 'Access logs need a role that is one for the whole account: the setting accessLogs turns them on',
  });
}

/**
 * The role by which API Gateway writes the logs of every WebSocket and REST API of the account in this Region. There is
 * one: setting it replaces that of others, so at most one stack may, and it stays when the stack goes.
 */
class LoggingAccount extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('apigateway.amazonaws.com'),
      description: 'Lets API Gateway write the logs of all APIs of the account',
      // As AmazonAPIGatewayPushToCloudWatchLogs has it: API Gateway refuses a role that may do less.
      inlinePolicies: {
        Logs: new iam.PolicyDocument({
          statements: [
            new iam.PolicyStatement({
              actions: [
                ...['CreateLogGroup', 'CreateLogStream', 'DescribeLogGroups', 'DescribeLogStreams'],
                ...['PutLogEvents', 'GetLogEvents', 'FilterLogEvents'],
              ].map(action => `logs:${action}`),
              resources: ['*'],
            }),
          ],
        }),
      },
    });
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason:
        'API Gateway writes the logs of all APIs of the account by this role, whatever their log groups are',
    });
    role.applyRemovalPolicy(RemovalPolicy.RETAIN);
    const account = new CfnAccount(this, 'Account', { cloudWatchRoleArn: role.roleArn });
    account.applyRemovalPolicy(RemovalPolicy.RETAIN);
  }
}
