/** The WebSocket API: one line per store, everything both ways. */

import { type CfnElement, Stack, Validations } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { WebSocketLambdaAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { Environment } from '../domain/names.ts';
import { type CustomDomain, serveByName } from './custom-domain.ts';
import { HandlerFunction, type HandlerFunctionProps } from './handler-function.ts';
import type { OutboundBus } from './outbound/outbound-bus.ts';
import type { Tables } from './tables.ts';
import type { TokenKey } from './token-key.ts';

export interface StoreApiProps {
  readonly tables: Tables;
  readonly tokenKey: TokenKey;
  /** What handshakes and frames may have of the account's requests, each. */
  readonly throttle: apigateway.ThrottleSettings;
  /** What is kept free for handshakes. */
  readonly reserved: Pick<HandlerFunctionProps, 'reservedConcurrentExecutions'>;
  /** Days after which a sale is refused. */
  readonly oldestSaleDays: number;
  /** Seconds between the reports of a store while nobody watches. */
  readonly restingReportSeconds: number;
  /** Milliseconds between them while somebody watches. */
  readonly watchedReportMs: number;
  /** Where messages of stores go, and the topics that they may have. */
  readonly outbound: OutboundBus;
  readonly messageTopics: string;
  /** Where stores connect instead of API Gateway's own name. @default - nowhere else */
  readonly domain?: CustomDomain;
}

const STAGE = 'prod';

export class StoreApi extends Construct {
  readonly stage: apigateway.WebSocketStage;
  /** Where stores connect. */
  readonly endpoint: string;
  /** Where the DNS record of its own name must point. Undefined without such a name. */
  readonly domainTarget: string | undefined;
  readonly authorize: lambda.Function;
  readonly connect: lambda.Function;
  readonly disconnect: lambda.Function;
  /** Answers what stores send. */
  readonly fallback: lambda.Function;

  constructor(scope: Construct, id: string, props: StoreApiProps) {
    super(scope, id);
    const authorize = new HandlerFunction(this, 'Authorize', {
      handler: 'authorize',
      description: 'Decides who may open a line',
      ...props.reserved,
    });
    const connect = new HandlerFunction(this, 'Connect', {
      handler: 'connect',
      description: 'Enters a new line in the registry, in the place of an older one',
      ...props.reserved,
    });
    const disconnect = new HandlerFunction(this, 'Disconnect', {
      handler: 'disconnect',
      description: 'Takes a closed line off the registry',
    });
    const fallback = new HandlerFunction(this, 'Default', {
      handler: 'default',
      description: 'Answers the frames that stores send',
    });

    const api = new apigateway.WebSocketApi(this, 'Api', {
      description: 'The live line between a retail chain and its stores',
      connectRouteOptions: {
        integration: new WebSocketLambdaIntegration('ConnectIntegration', connect),
        // No identity source: a listed one must be in every handshake, and there are two ways to bring the token.
        authorizer: new WebSocketLambdaAuthorizer('Authorizer', authorize, { identitySource: [] }),
      },
      disconnectRouteOptions: {
        integration: new WebSocketLambdaIntegration('DisconnectIntegration', disconnect),
      },
      defaultRouteOptions: {
        integration: new WebSocketLambdaIntegration('DefaultIntegration', fallback),
        returnResponse: true,
      },
    });
    this.stage = new apigateway.WebSocketStage(this, 'Stage', {
      webSocketApi: api,
      stageName: STAGE,
      autoDeploy: true,
      throttle: props.throttle,
    });

    this.endpoint = props.domain === undefined ? this.stage.url : `wss://${props.domain.domainName}`;
    this.domainTarget = props.domain && serveByName(this.stage, api, props.domain);

    for (const route of ['$disconnect-Route', '$default-Route']) {
      Validations.of(api.node.findChild(route)).acknowledge({
        id: 'AwsSolutions-APIG4',
        reason: 'A WebSocket API authorizes at $connect alone: who is on the line has been let in',
      });
    }
    this.authorize = authorize;
    this.connect = connect;
    this.disconnect = disconnect;
    this.fallback = fallback;
    props.tokenKey.grantVerify(authorize);
    const { tables } = props;
    tables.stores.grantTo(authorize, 'GetItem');
    tables.grantConnections(connect, 'PutItem', 'UpdateItem', 'DeleteItem');
    tables.stores.grantTo(connect, 'GetItem', 'UpdateItem');
    tables.grantConnections(disconnect, 'DeleteItem');
    tables.stores.grantTo(disconnect, 'UpdateItem');
    tables.grantConnections(fallback, 'GetItem', 'PutItem', 'UpdateItem');
    tables.grantCatchUp(fallback);
    tables.stores.grantTo(fallback, 'BatchGetItem', 'GetItem', 'UpdateItem');
    tables.grantInbox(fallback, 'PutItem');
    // Its query is of a till's day, which the till closes.
    tables.grantSales(fallback, 'GetItem', 'PutItem', 'UpdateItem', 'Query');
    tables.hours.grantTo(fallback, 'UpdateItem');
    props.outbound.grantPut(fallback);
    fallback.addEnvironment(Environment.messageTopics, props.messageTopics);
    fallback.addEnvironment(Environment.oldestSaleDays, String(props.oldestSaleDays));
    fallback.addEnvironment(Environment.restingReportSeconds, String(props.restingReportSeconds));
    fallback.addEnvironment(Environment.watchedReportMs, String(props.watchedReportMs));
    this.grantClose(fallback);
  }

  /** Lets pages of these origins open a line. Clients other than browsers send no origin and need none. */
  allowOrigins(...origins: string[]): void {
    this.authorize.addEnvironment(Environment.allowedOrigins, origins.join(' '));
  }

  /** Lets a function post to every line, and tells it where. */
  grantPost(handler: lambda.Function): void {
    this.#grant(handler, 'POST');
  }

  /** Lets a function end a line once another one is open. */
  grantReplace(handler: lambda.Function): void {
    this.#grant(handler, 'GET', 'POST', 'DELETE');
  }

  /** Lets a function end a line and say why. */
  grantClose(handler: lambda.Function): void {
    this.#grant(handler, 'POST', 'DELETE');
  }

  #grant(handler: lambda.Function, ...methods: string[]): void {
    const resources = methods.map(method =>
      Stack.of(this).formatArn({
        service: 'execute-api',
        resource: this.stage.api.apiId,
        resourceName: `${STAGE}/${method}/@connections/*`,
      }),
    );
    handler.addToRolePolicy(
      new iam.PolicyStatement({ actions: ['execute-api:ManageConnections'], resources }),
    );
    handler.addEnvironment(Environment.gatewayEndpoint, this.stage.callbackUrl);
    this.#acknowledgeAnyConnection(handler, methods);
  }

  #acknowledgeAnyConnection(handler: lambda.Function, methods: readonly string[]): void {
    const api = Stack.of(this).getLogicalId(this.stage.api.node.defaultChild as CfnElement);
    const arn = `arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<${api}>`;
    for (const method of methods) {
      Validations.of(handler.role ?? handler).acknowledge({
        id: `AwsSolutions-IAM5[Resource::${arn}/${STAGE}/${method}/@connections/*]`,
        reason: 'Connection ids are made by API Gateway as stores connect: no policy can name them',
      });
    }
  }
}
