/** Counts the stores on the line: a function on a schedule, for dashboard and alarm. What fails leaves a minute without its figure. */
import { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { HandlerFunction } from './handler-function.ts';
import type { Tables } from './tables.ts';

export interface GaugeProps {
  readonly tables: Tables;
}

export class Gauge extends Construct {
  readonly gauge: lambda.Function;
  readonly rule: events.Rule;

  constructor(scope: Construct, id: string, { tables }: GaugeProps) {
    super(scope, id);
    const gauge = new HandlerFunction(this, 'Function', {
      handler: 'gauge',
      description: 'Counts the connected stores',
      timeout: Duration.seconds(30),
    });
    this.gauge = gauge;
    tables.grantConnections(gauge, 'Query');
    this.rule = new events.Rule(this, 'Rule', {
      description: 'Has the connected stores counted',
      schedule: events.Schedule.rate(Duration.minutes(1)),
      targets: [new targets.LambdaFunction(gauge)],
    });
  }
}
