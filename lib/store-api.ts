/** The WebSocket API: one line per store, everything both ways. */

import { Stack } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { WebSocketLambdaAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { Environment } from '../domain/names.ts';
import { HandlerFunction } from './handler-function.ts';
import type { Tables } from './tables.ts';
import type { TokenKey } from './token-key.ts';

export interface StoreApiProps {
  readonly tables: Tables;
  readonly tokenKey: TokenKey;
}

const STAGE = 'prod';

export class StoreApi extends Construct {
  readonly stage: apigateway.WebSocketStage;

  constructor(scope: Construct, id: string, props: StoreApiProps) {
    super(scope, id);
    const authorize = new HandlerFunction(this, 'Authorize', {
      handler: 'authorize',
      description: 'Decides who may open a line',
    });
    const connect = new HandlerFunction(this, 'Connect', {
      handler: 'connect',
      description: 'Enters a new line in the registry and closes the one it replaces',
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
    });

    props.tokenKey.grantVerify(authorize);
    const { tables } = props;
    tables.grantConnections(connect, 'PutItem');
    tables.stores.grantTo(connect, 'UpdateItem');
    tables.grantConnections(disconnect, 'DeleteItem');
    tables.stores.grantTo(disconnect, 'UpdateItem');
    tables.grantConnections(fallback, 'GetItem', 'PutItem');
    tables.grantUpdates(fallback, 'GetItem', 'Query');
    tables.current.grantTo(fallback, 'GetItem', 'Query');
    tables.stores.grantTo(fallback, 'UpdateItem');
    tables.receipts.grantTo(fallback, 'PutItem');
    tables.sales.grantTo(fallback, 'GetItem', 'PutItem', 'UpdateItem');
    tables.hours.grantTo(fallback, 'UpdateItem');
    this.grantClose(connect);
    this.grantClose(fallback);
  }

  /** Lets a function post to every line, and tells it where. */
  grantPost(handler: lambda.Function): void {
    this.#grant(handler, 'POST');
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
  }
}
