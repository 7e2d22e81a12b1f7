/** Updates that go out in waves: what decides about them, each minute and whenever somebody acts on one. */
import { Duration } from 'aws-cdk-lib';
import type { EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import { Environment } from '../domain/names.ts';
import type { HandlerFunction } from './handler-function.ts';
import { ScheduledFunction } from './scheduled-function.ts';
import type { Tables } from './tables.ts';

export interface StagedRolloutsProps {
  readonly tables: Tables;
  /** Where it publishes the waves. */
  readonly bus: EventBus;
}

export class StagedRollouts extends Construct {
  readonly handler: HandlerFunction;
  readonly rule: Rule;
  /** The role that it publishes by. */
  readonly roleArn: string;

  constructor(scope: Construct, id: string, { bus, tables }: StagedRolloutsProps) {
    super(scope, id);
    const { handler, rule } = new ScheduledFunction(this, 'Decisions', {
      handler: 'rollouts',
      description: 'Begins the waves of rollouts, judges them, and takes them back',
      every: Duration.minutes(1),
      timeout: Duration.minutes(1),
      memorySize: 512,
    });
    tables.staged.grantTo(handler, 'GetItem', 'PutItem', 'UpdateItem', 'Query');
    tables.feedRollouts(handler);
    tables.grantUpdates(handler, 'GetItem', 'PutItem');
    tables.stores.grantTo(handler, 'BatchGetItem');
    tables.grantReports(handler);
    bus.grantPutEventsTo(handler);
    handler.addEnvironment(Environment.eventBusName, bus.eventBusName);
    this.handler = handler;
    this.rule = rule;
    this.roleArn = handler.handlerRole.roleArn;
  }
}
