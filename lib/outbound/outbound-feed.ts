/** From the tables' streams to the outbound bus: sales, deliveries, stores that come and go; and where failures end. */
import { Duration, Validations } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { Environment } from '../../domain/names.ts';
import type { OutboundType } from '../../domain/outbound/outbound-events.ts';
import { HandlerFunction } from '../handler-function.ts';
import type { Tables } from '../tables.ts';
import type { OutboundBus } from './outbound-bus.ts';

export interface OutboundFeedProps {
  readonly tables: Tables;
  readonly bus: OutboundBus;
  /** Which events it puts; a stream of which none of them tells is not read, and costs nothing. */
  readonly types: readonly OutboundType[];
  /** How long changes gather. */
  readonly gatherSeconds: number;
}

export class OutboundFeed extends Construct {
  readonly feed: lambda.Function;
  /** Events that the bus didn't take, and changes that the function has given up. */
  readonly deadLetters: sqs.Queue;

  constructor(scope: Construct, id: string, { bus, gatherSeconds, tables, types }: OutboundFeedProps) {
    super(scope, id);
    this.deadLetters = new sqs.Queue(this, 'DeadLetters', {
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    Validations.of(this.deadLetters).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is a dead-letter queue, of a function and its streams: cdk-nag knows those of queues only',
    });
    const feed = new HandlerFunction(this, 'Function', {
      handler: 'outbound',
      description: "Tells the chain's other systems what happens, on the outbound bus",
      timeout: Duration.minutes(1),
      memorySize: 512,
    });
    this.feed = feed;
    bus.grantPut(feed);
    this.deadLetters.grant(feed, 'sqs:SendMessage');
    feed.addEnvironment(Environment.outboundDeadLetterQueueUrl, this.deadLetters.queueUrl);
    feed.addEnvironment(Environment.outboundEvents, types.join(' '));
    tables.feedOutbound(feed, types, {
      gather: Duration.seconds(gatherSeconds),
      givenUp: this.deadLetters,
    });
  }
}
