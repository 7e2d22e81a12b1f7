/** A DynamoDB table as every one here is: on demand, with a TTL, and granted to a handler action by action. */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { DynamoEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Construct } from 'constructs';

export interface HandlerTableProps {
  readonly partitionKey: dynamodb.Attribute;
  readonly sortKey?: dynamodb.Attribute;
  readonly indexes?: dynamodb.GlobalSecondaryIndexPropsV2[];
  /** What its stream tells of a change. @default - it has no stream */
  readonly stream?: dynamodb.StreamViewType;
  /** The variable by which a handler finds the table. */
  readonly environmentVariable: string;
  /** Whether its items can't be had again: kept when the stack goes, and restorable to any second. */
  readonly mustLast: boolean;
}

/** What a handler may do with a table: DynamoDB's own action names. */
export type TableAction =
  | 'GetItem'
  | 'BatchGetItem'
  | 'Query'
  | 'Scan'
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem';

/** Every table has its expiry in the attribute `x`: seconds since the epoch. */
const EXPIRY_ATTRIBUTE = 'x';

export class HandlerTable extends Construct {
  readonly table: dynamodb.TableV2;
  readonly #environmentVariable: string;

  constructor(scope: Construct, id: string, props: HandlerTableProps) {
    super(scope, id);
    this.#environmentVariable = props.environmentVariable;
    // The construct id is a contract: another one replaces the table.
    this.table = new dynamodb.TableV2(this, 'Table', {
      partitionKey: props.partitionKey,
      ...(props.sortKey === undefined ? {} : { sortKey: props.sortKey }),
      ...(props.indexes === undefined ? {} : { globalSecondaryIndexes: props.indexes }),
      ...(props.stream === undefined ? {} : { dynamoStream: props.stream }),
      timeToLiveAttribute: EXPIRY_ATTRIBUTE,
      billing: dynamodb.Billing.onDemand(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: props.mustLast },
      removalPolicy: props.mustLast ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
  }

  /** Lets a function do just these things, and tells it where the table is. */
  grantTo(handler: lambda.Function, ...actions: TableAction[]): void {
    this.table.grant(handler, ...actions.map(action => `dynamodb:${action}`));
    handler.addEnvironment(this.#environmentVariable, this.table.tableName);
  }

  /**
   * Hands the table's changes to a function, gathered for a second, and tells it which table they are of. What it can't
   * handle is given up after a minute, for newer changes wait behind it.
   */
  feed(handler: lambda.Function): void {
    handler.addEventSource(
      // The cast is for TypeScript's exactOptionalPropertyTypes alone: the construct says itself if it has no stream.
      new DynamoEventSource(this.table as dynamodb.ITable, {
        startingPosition: lambda.StartingPosition.LATEST,
        batchSize: 1_000,
        maxBatchingWindow: Duration.seconds(1),
        retryAttempts: 2,
        maxRecordAge: Duration.minutes(1),
      }),
    );
    handler.addEnvironment(this.#environmentVariable, this.table.tableName);
  }
}
