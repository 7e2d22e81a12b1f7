/** From an event on the update bus to every line: the rule, the broadcast function, and where its failures end. */
import { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { Environment } from '../domain/names.ts';
import type { ConnectionsTable } from './connections-table.ts';
import { HandlerFunction } from './handler-function.ts';
import type { StoreApi } from './store-api.ts';

export interface BroadcastProps {
  readonly connections: ConnectionsTable;
  readonly stores: StoreApi;
  /** Posts a second: leaves the rest of the account's throttle to sales and receipts. */
  readonly postsPerSecond: number;
  /** Posts at once after a pause. */
  readonly postBurst: number;
}

export class Broadcast extends Construct {
  readonly bus: events.EventBus;
  readonly deadLetters: sqs.Queue;

  constructor(scope: Construct, id: string, props: BroadcastProps) {
    super(scope, id);
    this.bus = new events.EventBus(this, 'Bus', {
      description: 'Price changes and offers, as marketing publishes them',
    });
    this.deadLetters = new sqs.Queue(this, 'DeadLetters', {
      retentionPeriod: Duration.days(14),
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    });

    const broadcast = new HandlerFunction(this, 'Function', {
      handler: 'broadcast',
      description: 'Posts a published update to every connected store that it concerns',
      timeout: Duration.minutes(2),
      memorySize: 1_769,
      onFailure: new SqsDestination(this.deadLetters),
    });
    broadcast.addEnvironment(Environment.postsPerSecond, String(props.postsPerSecond));
    broadcast.addEnvironment(Environment.postBurst, String(props.postBurst));
    broadcast.addEnvironment(Environment.deadLetterQueueUrl, this.deadLetters.queueUrl);
    this.deadLetters.grant(broadcast, 'sqs:SendMessage');
    props.connections.grantTo(broadcast, 'Query', 'BatchGetItem', 'DeleteItem');
    props.stores.grantPost(broadcast);

    new events.Rule(this, 'Rule', {
      eventBus: this.bus,
      description: 'Every event but those of AWS itself; the function refuses unknown ones with their reason',
      eventPattern: { source: events.Match.anythingButPrefix('aws.') },
      targets: [new targets.LambdaFunction(broadcast, { deadLetterQueue: this.deadLetters })],
    });
  }
}
