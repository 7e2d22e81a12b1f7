/**
 * What rings, and when. Each alarm has its entry in docs/operating.md, "When an alarm rings", under its name here; a test
 * holds the two together.
 */
import { Duration, Fn } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { EventBus, Rule } from 'aws-cdk-lib/aws-events';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { OwnMetrics } from './own-metrics.ts';

export interface AlarmDefinition {
  readonly metric: cloudwatch.IMetric;
  /** Rings at this value and above. */
  readonly threshold: number;
  /** In words, for the message; ASCII, for CloudFormation replaces what isn't. */
  readonly means: string;
  /** Whether somebody has to look at once: prices don't reach stores, or sales don't come in. */
  readonly pages: boolean;
}

/** By the alarm's name. */
export type AlarmDefinitions = Record<string, AlarmDefinition>;

export const PERIOD = Duration.minutes(5);
export const sumOf = { statistic: cloudwatch.Stats.SUM, period: PERIOD };

/** Below so many posts within the period a ratio says nothing: one store of five is a fifth. */
const FEWEST_POSTS = 100;
export function fanOutAlarms(own: OwnMetrics): AlarmDefinitions {
  const lag = own.metric('FanOutLag', { statistic: cloudwatch.Stats.percentile(99), period: PERIOD });
  return {
    FanOutLag: {
      metric: lag,
      threshold: 10_000,
      means: 'The slowest broadcasts took ten seconds or more to their last post',
      pages: true,
    },
    FailedRatio: {
      metric: ratioOf(own, 'Failed'),
      threshold: 1,
      means: 'One post in a hundred or more failed in spite of its retries',
      pages: true,
    },
    GoneRatio: {
      metric: ratioOf(own, 'Gone'),
      threshold: 10,
      means: 'One line in ten or more was not there any more',
      pages: false,
    },
  };
}

/** A rollout waits for somebody: until then no further store gets it. */
export function rolloutAlarms(own: OwnMetrics): AlarmDefinitions {
  return {
    RolloutsHalted: {
      metric: own.metric('RolloutsHalted', sumOf),
      threshold: 1,
      means: 'A rollout has halted: too many stores refused it, or too few have answered',
      pages: false,
    },
  };
}

/** In percent of all that a post was tried for. */
function ratioOf(own: OwnMetrics, name: 'Failed' | 'Gone'): cloudwatch.IMetric {
  const [part, ...others] = [name, 'Posts', name === 'Failed' ? 'Gone' : 'Failed'] as const;
  const all = [part, ...others].map(metric => metric.toLowerCase()).join('+');
  return new cloudwatch.MathExpression({
    expression: `IF(${all} >= ${FEWEST_POSTS}, 100 * ${part.toLowerCase()} / (${all}), 0)`,
    usingMetrics: Object.fromEntries(
      [part, ...others].map(metric => [metric.toLowerCase(), own.metric(metric, sumOf)]),
    ),
    label: `${name}, %`,
    period: PERIOD,
  });
}

/** What tills charge, and what they charge it by. */
export function auditAlarms(own: OwnMetrics): AlarmDefinitions {
  return {
    StoresOffPrice: {
      // A roll-up counts each hour of a store once.
      metric: own.metric('StoresOffPrice', sumOf),
      threshold: 1,
      means: "Stores have charged more than 2 % of an hour's lines at other prices than they list",
      pages: false,
    },
    StoresAdrift: {
      metric: own.metric('StoresAdrift', { statistic: cloudwatch.Stats.MAXIMUM, period: PERIOD }),
      threshold: 1,
      means: 'Stores have another price book than they should',
      pages: false,
    },
  };
}

/**
 * @param waiting messages in it are lost until somebody looks
 * @param pages whether they are so to stores
 */
export function deadLetterAlarm(queue: Queue, waiting: string, pages = true): AlarmDefinition {
  return {
    metric: queue.metricApproximateNumberOfMessagesVisible({
      statistic: cloudwatch.Stats.MAXIMUM,
      period: PERIOD,
    }),
    threshold: 1,
    means: waiting,
    pages,
  };
}

export function redeliveryAlarm(queue: Queue): AlarmDefinition {
  return {
    metric: queue.metricApproximateAgeOfOldestMessage({
      statistic: cloudwatch.Stats.MAXIMUM,
      period: PERIOD,
    }),
    // Messages come back after six minutes, and are dead after three attempts: the second one has failed as well.
    threshold: Duration.minutes(10).toSeconds(),
    means: 'Posts wait in the redelivery queue for ten minutes: second attempts fail, too',
    pages: true,
  };
}

/** Failures that reached no dead-letter queue: nothing else tells of them. @param asynchronous ends in a queue */
export function lostFailureAlarms(asynchronous: LambdaFunction, rule: Rule, bus: EventBus): AlarmDefinitions {
  const means = 'An event that failed could not even be sent to the dead-letter queue';
  return {
    UpdateRuleLost: {
      metric: ruleMetric('InvocationsFailedToBeSentToDlq', rule, bus),
      threshold: 1,
      means,
      pages: true,
    },
    BroadcastLost: {
      metric: asynchronous.metric('DestinationDeliveryFailures', sumOf),
      threshold: 1,
      means,
      pages: true,
    },
  };
}

/** The oldest change that the function has not handled: where it falls behind, events come late, and are lost after a day. */
export function outboundAgeAlarm(handler: LambdaFunction): AlarmDefinition {
  return {
    metric: handler.metric('IteratorAge', { statistic: cloudwatch.Stats.MAXIMUM, period: PERIOD }),
    threshold: Duration.minutes(15).toMilliseconds(),
    means: 'What happened a quarter of an hour ago is not on the outbound bus',
    pages: false,
  };
}

/** @param pages whether stores feel its failures */
export function functionAlarms(name: string, handler: LambdaFunction, pages: boolean): AlarmDefinitions {
  return {
    [`${name}Errors`]: {
      metric: handler.metricErrors(sumOf),
      threshold: 1,
      means: `The function ${name} has thrown, timed out or run out of memory`,
      pages,
    },
    [`${name}Throttles`]: {
      metric: handler.metricThrottles(sumOf),
      threshold: 1,
      means: `The function ${name} was refused for want of concurrency`,
      pages,
    },
  };
}

/** @param bus the rule's, unless that is the default bus */
export function ruleAlarm(rule: Rule, pages: boolean, bus?: EventBus): AlarmDefinition {
  return {
    metric: ruleMetric('FailedInvocations', rule, bus),
    threshold: 1,
    means: 'EventBridge has given up calling the function of a rule',
    pages,
  };
}

function ruleMetric(metricName: string, rule: Rule, bus: EventBus | undefined): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/Events',
    metricName,
    dimensionsMap:
      bus === undefined
        ? { RuleName: rule.ruleName }
        : { EventBusName: bus.eventBusName, RuleName: nameOnBus(rule) },
    ...sumOf,
  });
}

/** Ref of a rule on its own bus answers BUS|RULE, and CDK takes it for the name. */
function nameOnBus(rule: Rule): string {
  return Fn.select(1, Fn.split('|', rule.ruleName));
}
