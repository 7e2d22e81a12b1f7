/**
 * Alarms, whom they tell, and the dashboard. Those that need somebody at once are joined in one composite alarm, so that
 * one fault is one page; it and the others tell the topic, each once.
 */
import { Aws, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import * as sns from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { deploymentName } from '../naming/deployment-name.ts';
import * as alarms from './alarms.ts';
import { Dashboard } from './dashboard.ts';
import * as onLine from './line-alarms.ts';
import { type FunctionName, isFelt, type Observed } from './observed.ts';
import { OwnMetrics } from './own-metrics.ts';

export interface ObservabilityProps {
  readonly observed: Observed;
  /** Where alarms go by e-mail; the owner of the address has to confirm it. @default - to the topic alone */
  readonly alarmAddress?: string;
}

/** The alarm that pages. */
const PAGE = 'Page';

export class Observability extends Construct {
  /** What every alarm tells. */
  readonly topic: sns.Topic;
  /** The alarm that pages: rings with any that stores feel. */
  readonly page: cloudwatch.CompositeAlarm;
  /** By the names of docs/operating.md, "When an alarm rings". */
  readonly byName: Readonly<Record<string, cloudwatch.Alarm>>;

  constructor(scope: Construct, id: string, { alarmAddress, observed }: ObservabilityProps) {
    super(scope, id);
    const own = new OwnMetrics(this);
    this.topic = this.#topic(alarmAddress);
    const action = new SnsAction(this.topic);
    const byName: Record<string, cloudwatch.Alarm> = {};
    const paging: cloudwatch.IAlarm[] = [];
    const others: cloudwatch.IAlarm[] = [];
    for (const [name, definition] of Object.entries(definitionsOf(observed, own))) {
      const alarm = this.#alarm(name, definition);
      byName[name] = alarm;
      if (definition.pages) {
        paging.push(alarm);
      } else {
        alarm.addAlarmAction(action);
        others.push(alarm);
      }
    }
    const page = new cloudwatch.CompositeAlarm(this, PAGE, {
      compositeAlarmName: this.#nameOf(PAGE),
      alarmDescription: describe(
        'Stores miss prices, or sales do not come in: the alarms in it say why',
        PAGE,
      ),
      alarmRule: cloudwatch.AlarmRule.anyOf(...paging),
    });
    page.addAlarmAction(action);
    page.addOkAction(action);
    this.page = page;
    this.byName = byName;
    // A dashboard belongs to the account as a whole, all other names to a Region.
    const name = `${deploymentName(this)}-${Aws.REGION}`;
    new Dashboard(this, 'Dashboard', { name, own, observed, alarms: [page, ...paging, ...others] });
  }

  #alarm(name: string, { means, metric, threshold }: alarms.AlarmDefinition): cloudwatch.Alarm {
    return new cloudwatch.Alarm(this, name, {
      alarmName: this.#nameOf(name),
      alarmDescription: describe(means, name),
      metric,
      threshold,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      // Most are written only while something happens.
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
  }

  #nameOf(alarm: string): string {
    return `${deploymentName(this)}-${alarm}`;
  }

  #topic(alarmAddress: string | undefined): sns.Topic {
    const topic = new sns.Topic(this, 'Alarms', { displayName: 'storecast alarms', enforceSSL: true });
    // A policy of its own takes the place of the one by which all of the account may publish, alarms too.
    topic.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    if (alarmAddress !== undefined) topic.addSubscription(new EmailSubscription(alarmAddress));
    return topic;
  }
}

function definitionsOf(observed: Observed, own: OwnMetrics): alarms.AlarmDefinitions {
  const { bus, line, queues, schedules, updates } = observed;
  const functions = Object.entries(observed.functions) as [FunctionName, LambdaFunction][];
  return {
    DeadLetters: alarms.deadLetterAlarm(queues.deadLetters, 'Published events have reached no store'),
    RedeliveryDeadLetters: alarms.deadLetterAlarm(queues.redeliveryDeadLetters, 'Posts were given up'),
    OutboundDeadLetters: alarms.deadLetterAlarm(
      queues.outboundDeadLetters,
      'Outbound events have reached nobody',
      false,
    ),
    OutboundAge: alarms.outboundAgeAlarm(observed.functions.Outbound),
    RedeliveryAge: alarms.redeliveryAlarm(queues.redelivery),
    ...alarms.fanOutAlarms(own),
    ...onLine.lineAlarms(line),
    ...onLine.connectedAlarms(own),
    ...onLine.frameAlarms(own),
    ...alarms.auditAlarms(own),
    ...alarms.lostFailureAlarms(observed.functions.Broadcast, updates, bus),
    UpdateRuleFailures: alarms.ruleAlarm(updates, true, bus),
    RollupRuleFailures: alarms.ruleAlarm(schedules.Rollup, false),
    GaugeRuleFailures: alarms.ruleAlarm(schedules.Gauge, false),
    GatherRuleFailures: alarms.ruleAlarm(schedules.Gather, false),
    DriftRuleFailures: alarms.ruleAlarm(schedules.Drift, false),
    RolloutsRuleFailures: alarms.ruleAlarm(schedules.Rollouts, false),
    ...alarms.rolloutAlarms(own),
    ...Object.assign(
      {},
      ...functions.map(([name, handler]) => alarms.functionAlarms(name, handler, isFelt[name])),
    ),
    // In place of the authorizer's plain errors.
    ...onLine.handshakeAlarms(own, observed.functions.Authorize),
  };
}

function describe(means: string, name: string): string {
  return `${means}. What to do: docs/operating.md, "When an alarm rings", ${name}`;
}
