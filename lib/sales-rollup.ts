/** Rolls up the hours of the sales: a function on a schedule. What fails is done by the next run; nothing is kept of it. */
import { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { HandlerFunction } from './handler-function.ts';
import type { Tables } from './tables.ts';

export interface SalesRollupProps {
  readonly tables: Tables;
}

export class SalesRollup extends Construct {
  readonly rollup: lambda.Function;
  readonly rule: events.Rule;

  constructor(scope: Construct, id: string, { tables }: SalesRollupProps) {
    super(scope, id);
    const rollup = new HandlerFunction(this, 'Function', {
      handler: 'rollup',
      description: 'Rolls up the hours of the sales that have ended',
      timeout: Duration.minutes(3),
      memorySize: 1_769,
    });
    this.rollup = rollup;
    tables.sales.grantTo(rollup, 'Query');
    tables.hours.grantTo(rollup, 'GetItem', 'Query', 'PutItem', 'DeleteItem');
    this.rule = new events.Rule(this, 'Rule', {
      description: 'Looks for hours to roll up',
      schedule: events.Schedule.rate(Duration.minutes(5)),
      targets: [new targets.LambdaFunction(rollup)],
    });
  }
}
