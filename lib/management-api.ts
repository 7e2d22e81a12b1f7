/** The HTTP API of head office. One function answers every route: it verifies tokens and words its own refusals. */
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Construct } from 'constructs';
import type { ConnectionsTable } from './connections-table.ts';
import { HandlerFunction } from './handler-function.ts';
import type { StoreApi } from './store-api.ts';
import type { TokenKey } from './token-key.ts';

export interface ManagementApiProps {
  readonly connections: ConnectionsTable;
  readonly stores: StoreApi;
  readonly tokenKey: TokenKey;
}

export class ManagementApi extends Construct {
  readonly api: apigateway.HttpApi;

  constructor(scope: Construct, id: string, props: ManagementApiProps) {
    super(scope, id);
    const management = new HandlerFunction(this, 'Function', {
      handler: 'management',
      description: 'Answers the HTTP API of head office',
    });
    props.tokenKey.grantVerify(management);
    props.connections.grantTo(management, 'GetItem', 'Query');
    props.stores.grantClose(management);
    this.api = new apigateway.HttpApi(this, 'Api', {
      description: 'Live figures and control for head office',
      defaultIntegration: new HttpLambdaIntegration('Integration', management),
    });
  }
}
