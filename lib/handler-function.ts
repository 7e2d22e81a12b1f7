/**
 * A Lambda function as every handler here gets it: its own role, its own log group, Node 24 on arm64. Lambda itself logs
 * only what went wrong: START, END and REPORT of each invocation would cost as much as its GB-seconds.
 */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { Environment } from '../domain/names.ts';
import { bundleFor } from './bundle/bundles.ts';
import { deploymentName } from './naming/deployment-name.ts';

export interface HandlerFunctionProps {
  /** File in `lambdas/`, without its ending. */
  readonly handler: string;
  readonly description: string;
  /** @default 10 seconds */
  readonly timeout?: Duration;
  /** Megabytes; Lambda gives CPU in proportion, one whole core at 1,769. @default 256 */
  readonly memorySize?: number;
  /** Concurrency that is its own, and its limit. @default - what the account has left */
  readonly reservedConcurrentExecutions?: number;
  /** Where an asynchronous event goes when it failed for good. @default - nowhere */
  readonly onFailure?: lambda.IDestination;
}

export class HandlerFunction extends lambda.Function {
  readonly handlerRole: iam.Role;

  constructor(scope: Construct, id: string, props: HandlerFunctionProps) {
    const logGroup = new logs.LogGroup(scope, `${id}Logs`, {
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // The managed policy AWSLambdaBasicExecutionRole may write to every log group of the account.
    const role = new iam.Role(scope, `${id}Role`, {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      description: props.description,
    });
    logGroup.grantWrite(role);
    super(scope, id, {
      code: lambda.Code.fromAsset(bundleFor(scope, props.handler)),
      handler: 'index.handler',
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      description: props.description,
      timeout: props.timeout ?? Duration.seconds(10),
      memorySize: props.memorySize ?? 256,
      // Two storecasts of an account and Region keep their metrics apart.
      environment: { [Environment.stage]: deploymentName(scope) },
      role,
      logGroup,
      // What our own lines are, and the only format in which Lambda's can be turned down.
      loggingFormat: lambda.LoggingFormat.JSON,
      systemLogLevelV2: lambda.SystemLogLevel.WARN,
      ...(props.reservedConcurrentExecutions === undefined
        ? {}
        : { reservedConcurrentExecutions: props.reservedConcurrentExecutions }),
      ...(props.onFailure === undefined ? {} : { onFailure: props.onFailure }),
    });
    this.handlerRole = role;
  }
}
