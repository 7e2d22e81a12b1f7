/** A DynamoDB table as every one here is: on demand, with a TTL, and granted to a handler action by action. */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { DynamoEventSource, SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Configuration } from './settings/configuration.ts';

export interface HandlerTableProps {
  readonly partitionKey: dynamodb.Attribute;
  readonly sortKey?: dynamodb.Attribute;
  readonly indexes?: dynamodb.GlobalSecondaryIndexPropsV2[];
  /** Where an item has its expiry, in seconds since the epoch. @default `expiresAt` */
  readonly expiryAttribute?: string;
  /** What its stream tells of a change. @default - it has no stream */
  readonly stream?: dynamodb.StreamViewType;
  /** The variable by which a handler finds the table. */
  readonly environmentVariable: string;
  /** Whether its items can't be had again: then the protection is for them. */
  readonly mustLast: boolean;
  readonly protection: DataProtection;
}

/** How a deployment keeps the tables that must last. */
export type DataProtection = Pick<Configuration, 'keepData' | 'pointInTimeRecovery' | 'deletionProtection'>;

/** What a handler may do with a table: DynamoDB's own action names. */
export type TableAction =
  | 'GetItem'
  | 'BatchGetItem'
  | 'Query'
  | 'Scan'
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem';

export class HandlerTable extends Construct {
  readonly table: dynamodb.TableV2;
  readonly #environmentVariable: string;
  readonly #indexes: string[];
  readonly #partitionKey: dynamodb.Attribute;

  constructor(scope: Construct, id: string, props: HandlerTableProps) {
    super(scope, id);
    this.#environmentVariable = props.environmentVariable;
    this.#partitionKey = props.partitionKey;
    this.#indexes = (props.indexes ?? []).map(({ indexName }) => indexName);
    // The construct id is a contract: another one replaces the table.
    this.table = new dynamodb.TableV2(this, 'Table', {
      partitionKey: props.partitionKey,
      ...(props.sortKey === undefined ? {} : { sortKey: props.sortKey }),
      ...(props.indexes === undefined ? {} : { globalSecondaryIndexes: props.indexes }),
      ...(props.stream === undefined ? {} : { dynamoStream: props.stream }),
      timeToLiveAttribute: props.expiryAttribute ?? 'expiresAt',
      billing: dynamodb.Billing.onDemand(),
      ...protectionOf(props),
    });
  }

  /** Lets a function do just these things, and tells it where the table is. */
  grantTo(handler: lambda.Function, ...actions: TableAction[]): void {
    // Not `table.grant`: it opens all indexes to every action, and to whatever index comes later.
    this.#allow(handler, actions, [this.table.tableArn]);
    if (actions.includes('Query') && this.#indexes.length > 0) this.grantIndexesTo(handler);
    handler.addEnvironment(this.#environmentVariable, this.table.tableName);
  }

  /** Lets a function query the table's indexes, and not the table, and tells it where they are. */
  grantIndexesTo(handler: lambda.Function): void {
    const indexes = this.#indexes.map(index => `${this.table.tableArn}/index/${index}`);
    this.#allow(handler, ['Query'], indexes);
    handler.addEnvironment(this.#environmentVariable, this.table.tableName);
  }

  /**
   * Hands the table's changes to a function, gathered for a second, and tells it which table they are of. What it can't
   * handle is given up after a minute, for newer changes wait behind it.
   *
   * @param pattern what a change has that is told. @default - every change
   */
  feed(handler: lambda.Function, pattern?: Record<string, unknown>): void {
    handler.addEventSource(
      // The cast is for TypeScript's exactOptionalPropertyTypes alone: the construct says itself if it has no stream.
      new DynamoEventSource(this.table as dynamodb.ITable, {
        startingPosition: lambda.StartingPosition.LATEST,
        batchSize: 1_000,
        maxBatchingWindow: Duration.seconds(1),
        ...(pattern === undefined ? {} : { filters: [lambda.FilterCriteria.filter(pattern)] }),
        retryAttempts: 2,
        maxRecordAge: Duration.minutes(1),
      }),
    );
    handler.addEnvironment(this.#environmentVariable, this.table.tableName);
  }

  /**
   * Hands the table's changes to a function that is to miss none, from the first one on, gathered for a while. What it
   * can't handle comes again for most of the day that a stream keeps it, in ever smaller batches; a queue is told of what
   * is given up then.
   *
   * @param pattern what a change has that is told. @default - every change
   */
  feedAll(
    handler: lambda.Function,
    {
      gather,
      givenUp,
      pattern,
    }: { gather: Duration; givenUp: sqs.IQueue; pattern?: Record<string, unknown> },
  ): void {
    handler.addEventSource(
      new DynamoEventSource(this.table as dynamodb.ITable, {
        startingPosition: lambda.StartingPosition.TRIM_HORIZON,
        batchSize: 10_000,
        maxBatchingWindow: gather,
        ...(pattern === undefined ? {} : { filters: [lambda.FilterCriteria.filter(pattern)] }),
        bisectBatchOnError: true,
        maxRecordAge: Duration.hours(20),
        onFailure: new SqsDlq(givenUp),
      }),
    );
    handler.addEnvironment(this.#environmentVariable, this.table.tableName);
  }

  /** Hands the changes of one item to a function, at once. What it can't handle is given up after a minute. */
  feedItem(handler: lambda.Function, partitionKey: string): void {
    const { name } = this.#partitionKey;
    handler.addEventSource(
      new DynamoEventSource(this.table as dynamodb.ITable, {
        startingPosition: lambda.StartingPosition.LATEST,
        filters: [lambda.FilterCriteria.filter({ dynamodb: { Keys: { [name]: { S: [partitionKey] } } } })],
        retryAttempts: 2,
        maxRecordAge: Duration.minutes(1),
      }),
    );
  }

  #allow(handler: lambda.Function, actions: TableAction[], resources: string[]): void {
    const named = actions.map(action => `dynamodb:${action}`);
    handler.addToRolePolicy(new iam.PolicyStatement({ actions: named, resources }));
  }
}

/** What a first deployment that fails has made is not kept: there is nothing in it, and its names would be taken. */
function protectionOf({ mustLast, protection }: HandlerTableProps) {
  const { keepData, pointInTimeRecovery, deletionProtection } = protection;
  return {
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: mustLast && pointInTimeRecovery },
    removalPolicy: mustLast && keepData ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
    ...(mustLast && deletionProtection ? { deletionProtection } : {}),
  };
}
