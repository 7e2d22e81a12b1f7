/** The HTTP API of head office and its page. One function answers every route: it verifies tokens and words its own refusals. */
import { Duration, Validations } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { Environment } from '../domain/names.ts';
import { type CustomDomain, serveByName } from './custom-domain.ts';
import { HandlerFunction } from './handler-function.ts';
import type { StoreApi } from './store-api.ts';
import type { Tables } from './tables.ts';
import type { TokenKey } from './token-key.ts';

export interface ManagementApiProps {
  readonly tables: Tables;
  readonly bus: EventBus;
  /** The topics that messages may have. */
  readonly messageTopics: string;
  readonly stores: StoreApi;
  readonly tokenKey: TokenKey;
  /** What it may have of the account's requests. */
  readonly throttle: apigateway.ThrottleSettings;
  /** Where head office calls instead of API Gateway's own name. @default - nowhere else */
  readonly domain?: CustomDomain;
}

export class ManagementApi extends Construct {
  readonly api: apigateway.HttpApi;
  readonly stage: apigateway.IHttpStage;
  /** The role that it publishes by. */
  readonly roleArn: string;
  /** What a browser sends as the `Origin` of the management page: scheme and host. */
  readonly origin: string;
  readonly management: lambda.Function;
  /** Where the DNS record of its own name must point. Undefined without such a name. */
  readonly domainTarget: string | undefined;

  constructor(scope: Construct, id: string, props: ManagementApiProps) {
    super(scope, id);
    const management = new HandlerFunction(this, 'Function', {
      handler: 'management',
      description: 'Answers the HTTP API of head office, and serves its page',
      timeout: Duration.seconds(29),
      // A whole core: totals of a day add half a million sums.
      memorySize: 1_769,
    });
    this.roleArn = management.handlerRole.roleArn;
    this.management = management;
    const { bus, tables } = props;
    props.tokenKey.grantVerify(management);
    props.tokenKey.grantSign(management);
    tables.grantConnections(management, 'GetItem', 'UpdateItem');
    tables.grantCatchUp(management);
    tables.grantUpdates(management, 'PutItem', 'UpdateItem');
    tables.stores.grantTo(management, 'GetItem', 'BatchGetItem', 'UpdateItem', 'DeleteItem');
    tables.staged.grantTo(management, 'GetItem', 'PutItem', 'Query', 'UpdateItem');
    tables.grantReports(management);
    tables.grantSales(management, 'Query');
    tables.hours.grantTo(management, 'Query');
    bus.grantPutEventsTo(management);
    management.addEnvironment(Environment.eventBusName, bus.eventBusName);
    management.addEnvironment(Environment.messageTopics, props.messageTopics);
    props.stores.grantClose(management);
    management.addEnvironment(Environment.storeEndpoint, props.stores.endpoint);
    this.api = new apigateway.HttpApi(this, 'Api', {
      description: 'Live figures and control for head office',
      defaultIntegration: new HttpLambdaIntegration('Integration', management),
    });
    Validations.of(this.api.node.findChild('DefaultRoute')).acknowledge({
      id: 'AwsSolutions-APIG4',
      reason:
        'The function verifies tokens: an authorizer here knows no ES256 and words no refusal (RFC 9457)',
    });
    if (this.api.defaultStage === undefined) throw new Error('the HTTP API has no default stage');
    this.stage = this.api.defaultStage;
    // The default stage of an HTTP API takes no settings in CDK's own way.
    const { burstLimit, rateLimit } = props.throttle;
    (this.stage.node.defaultChild as apigateway.CfnStage).defaultRouteSettings = {
      ...(burstLimit === undefined ? {} : { throttlingBurstLimit: burstLimit }),
      ...(rateLimit === undefined ? {} : { throttlingRateLimit: rateLimit }),
    };
    this.origin = props.domain === undefined ? this.api.apiEndpoint : `https://${props.domain.domainName}`;
    this.domainTarget = props.domain && serveByName(this.stage, this.api, props.domain);
  }
  /** Lets pages of these origins renew their tokens. The management page is of this very origin. */
  allowOrigins(...origins: string[]): void {
    if (origins.length > 0) this.management.addEnvironment(Environment.allowedOrigins, origins.join(' '));
  }
}
