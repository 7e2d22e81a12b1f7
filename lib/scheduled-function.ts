/** A handler that a schedule calls. A run that fails is not repeated: the next one does its work. */
import type { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { HandlerFunction, type HandlerFunctionProps } from './handler-function.ts';

export interface ScheduledFunctionProps extends HandlerFunctionProps {
  /** From one run to the next. */
  readonly every: Duration;
}

export class ScheduledFunction extends Construct {
  readonly handler: HandlerFunction;
  readonly rule: events.Rule;

  constructor(scope: Construct, id: string, { every, ...handler }: ScheduledFunctionProps) {
    super(scope, id);
    this.handler = new HandlerFunction(this, 'Function', handler);
    this.rule = new events.Rule(this, 'Rule', {
      description: handler.description,
      schedule: events.Schedule.rate(every),
      targets: [new targets.LambdaFunction(this.handler)],
    });
  }
}
