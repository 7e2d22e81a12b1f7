/** From an event on the update bus to every line: the rule, the broadcast, its second attempts, and where failures end. */
import { Duration, Lazy, Validations } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { Environment } from '../domain/names.ts';
import { HandlerFunction, type HandlerFunctionProps } from './handler-function.ts';
import { deploymentName } from './naming/deployment-name.ts';
import type { StoreApi } from './store-api.ts';
import type { Tables } from './tables.ts';

export interface BroadcastProps {
  readonly tables: Tables;
  readonly stores: StoreApi;
  /** Posts a second: leaves the rest of the account's throttle to sales and receipts. */
  readonly postsPerSecond: number;
  /** Posts at once after a pause. */
  readonly postBurst: number;
  /** Stores that one worker posts to. */
  readonly membersPerWorker: number;
  /** Between the reports of a store: while somebody watches, of which it tells them, and else. */
  readonly watchedReportMs: number;
  readonly restingReportSeconds: number;
  /** The topics that messages may have. */
  readonly messageTopics: string;
  /** What is kept free for its workers. */
  readonly reserved: Pick<HandlerFunctionProps, 'reservedConcurrentExecutions'>;
}

const BROADCAST_TIMEOUT = Duration.minutes(2);
const REDELIVER_TIMEOUT = Duration.minutes(1);

export class Broadcast extends Construct {
  readonly bus: events.EventBus;
  /** Events that reached nobody. */
  readonly deadLetters: sqs.Queue;
  /** Posts that are tried again. */
  readonly redelivery: sqs.Queue;
  /** Posts that were given up. */
  readonly redeliveryDeadLetters: sqs.Queue;
  /** Hands the bus's events to the broadcast. */
  readonly rule: events.Rule;
  readonly broadcast: lambda.Function;
  readonly redeliver: lambda.Function;
  /** ARNs that the bus's policy exempts. */
  readonly #publishers: string[] = [];

  constructor(scope: Construct, id: string, props: BroadcastProps) {
    super(scope, id);
    this.bus = new events.EventBus(this, 'Bus', {
      // CDK's own name for a bus is the path of its construct, which is the same in every environment.
      eventBusName: `${deploymentName(this)}-Updates`,
      description: 'Price changes and offers, as marketing publishes them',
    });
    this.deadLetters = this.#queue('DeadLetters', { retentionPeriod: Duration.days(14) });
    this.redeliveryDeadLetters = this.#queue('RedeliveryDeadLetters', { retentionPeriod: Duration.days(14) });
    this.redelivery = this.#queue('Redelivery', {
      // AWS asks for six times the function's timeout.
      visibilityTimeout: Duration.seconds(6 * REDELIVER_TIMEOUT.toSeconds()),
      deadLetterQueue: { queue: this.redeliveryDeadLetters, maxReceiveCount: 3 },
    });
    Validations.of(this.deadLetters).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is a dead-letter queue, of a rule and of a function: cdk-nag knows those of queues only',
    });

    const broadcast = new HandlerFunction(this, 'Function', {
      handler: 'broadcast',
      description:
        'Appends a published update to the log and posts it to every connected store that it concerns',
      timeout: BROADCAST_TIMEOUT,
      memorySize: 1_769,
      onFailure: new SqsDestination(this.deadLetters),
      ...props.reserved,
    });
    this.broadcast = broadcast;
    broadcast.addEnvironment(Environment.deadLetterQueueUrl, this.deadLetters.queueUrl);
    broadcast.addEnvironment(Environment.redeliveryQueueUrl, this.redelivery.queueUrl);
    this.deadLetters.grant(broadcast, 'sqs:SendMessage');
    this.redelivery.grant(broadcast, 'sqs:SendMessage');
    props.tables.grantConnections(broadcast, 'Query', 'BatchGetItem', 'DeleteItem');
    props.tables.grantUpdates(broadcast, 'GetItem', 'PutItem', 'Query', 'UpdateItem');
    props.tables.current.grantTo(broadcast, 'GetItem', 'PutItem', 'UpdateItem', 'Query', 'DeleteItem');
    props.tables.staged.grantTo(broadcast, 'PutItem');
    props.tables.feedPace(broadcast);
    this.#letPost(broadcast, props);
    broadcast.addEnvironment(Environment.messageTopics, props.messageTopics);
    broadcast.addEnvironment(Environment.membersPerWorker, String(props.membersPerWorker));
    broadcast.addEnvironment(Environment.watchedReportMs, String(props.watchedReportMs));
    broadcast.addEnvironment(Environment.restingReportSeconds, String(props.restingReportSeconds));
    // In the function's own role it would be a cycle: the function needs its role, and this statement the function.
    const invoke = { actions: ['lambda:InvokeFunction'], resources: [broadcast.functionArn] };
    broadcast.role?.attachInlinePolicy(
      new iam.Policy(this, 'InvokeItself', { statements: [new iam.PolicyStatement(invoke)] }),
    );

    const redeliver = new HandlerFunction(this, 'Redeliver', {
      handler: 'redeliver',
      description: 'Posts again what a broadcast could not',
      timeout: REDELIVER_TIMEOUT,
      memorySize: 512,
    });
    this.redeliver = redeliver;
    redeliver.addEventSource(
      new SqsEventSource(this.redelivery, { batchSize: 10, reportBatchItemFailures: true }),
    );
    // Lines that fail again come back later, and are given up at last, without the others of their message.
    redeliver.addEnvironment(Environment.redeliveryQueueUrl, this.redelivery.queueUrl);
    redeliver.addEnvironment(Environment.redeliveryDeadLetterQueueUrl, this.redeliveryDeadLetters.queueUrl);
    this.redelivery.grant(redeliver, 'sqs:SendMessage');
    this.redeliveryDeadLetters.grant(redeliver, 'sqs:SendMessage');
    props.tables.grantConnections(redeliver, 'DeleteItem');
    props.tables.grantUpdates(redeliver, 'GetItem', 'UpdateItem');
    this.#letPost(redeliver, props);

    this.rule = new events.Rule(this, 'Rule', {
      eventBus: this.bus,
      description: 'Every event but those of AWS itself; the function refuses unknown ones with their reason',
      eventPattern: { source: events.Match.anythingButPrefix('aws.') },
      targets: [new targets.LambdaFunction(broadcast, { deadLetterQueue: this.deadLetters })],
    });
  }

  /**
   * Denies publishing to everybody but these IAM roles and users, whatever the account's policies allow; administrators
   * too. An Allow in a bus policy restricts no identity of the same account. The named ones still need a policy that allows it.
   */
  denyOtherPublishers(...arns: string[]): void {
    this.#publishers.push(...arns);
    this.bus.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'OnlyNamedPublishers',
        effect: iam.Effect.DENY,
        principals: [new iam.AnyPrincipal()],
        actions: ['events:PutEvents'],
        resources: [this.bus.eventBusArn],
        // By NotPrincipal each session of a role would have to be named.
        conditions: {
          ArnNotEquals: { 'aws:PrincipalArn': Lazy.list({ produce: () => this.#publishers }) },
        },
      }),
    );
  }

  /** Exempts one more from {@link denyOtherPublishers}: a role, a user, or what acts by a role. */
  admitPublisher({ grantPrincipal }: iam.IGrantable): void {
    const { arn, roleArn, userArn } = grantPrincipal as { arn?: string; roleArn?: string; userArn?: string };
    const known = roleArn ?? userArn ?? arn;
    if (known !== undefined) this.#publishers.push(known);
  }

  #queue(id: string, props: sqs.QueueProps): sqs.Queue {
    return new sqs.Queue(this, id, {
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      ...props,
    });
  }

  #letPost(handler: lambda.Function, { stores, postsPerSecond, postBurst }: BroadcastProps): void {
    stores.grantPost(handler);
    handler.addEnvironment(Environment.postsPerSecond, String(postsPerSecond));
    handler.addEnvironment(Environment.postBurst, String(postBurst));
  }
}
