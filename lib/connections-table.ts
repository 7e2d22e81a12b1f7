/** The registry of open lines: one item per store, so that a newer line takes the older one's place. */
import { RemovalPolicy } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { Environment } from '../domain/names.ts';

export interface ConnectionsTableProps {
  /**
   * Partitions that the stores are spread over: 1 up to 10,000 stores, 8 at 100,000, 16 at a million. Changing it
   * moves every store to another key; connected stores enter themselves anew with their next ping.
   */
  readonly shards: number;
}

/** What a handler may do with the registry: DynamoDB's own action names. */
export type ConnectionsAction = 'GetItem' | 'BatchGetItem' | 'Query' | 'PutItem' | 'DeleteItem';

export class ConnectionsTable extends Construct {
  readonly table: dynamodb.TableV2;
  readonly #shards: number;

  constructor(scope: Construct, id: string, props: ConnectionsTableProps) {
    super(scope, id);
    this.#shards = props.shards;
    // The construct id is a contract: another one replaces the table. Attribute names are explained in
    // lambdas/shared/connections.ts, which alone knows them.
    this.table = new dynamodb.TableV2(this, 'Table', {
      partitionKey: { name: 's', type: dynamodb.AttributeType.NUMBER },
      sortKey: { name: 'm', type: dynamodb.AttributeType.STRING },
      timeToLiveAttribute: 'x',
      billing: dynamodb.Billing.onDemand(),
      // Every entry is written anew by its store within a heartbeat: there is nothing to restore or to keep.
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  /** Lets a function do just these things, and tells it where the registry is. */
  grantTo(handler: lambda.Function, ...actions: ConnectionsAction[]): void {
    this.table.grant(handler, ...actions.map(action => `dynamodb:${action}`));
    handler.addEnvironment(Environment.connectionsTable, this.table.tableName);
    handler.addEnvironment(Environment.connectionShards, String(this.#shards));
  }
}
