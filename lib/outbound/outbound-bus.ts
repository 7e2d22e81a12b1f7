/** The bus on which the chain's other systems hear what happens. storecast puts events there; rules are its users'. */
import * as events from 'aws-cdk-lib/aws-events';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { Environment } from '../../domain/names.ts';
import { deploymentName } from '../naming/deployment-name.ts';

export class OutboundBus extends Construct {
  readonly bus: events.EventBus;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.bus = new events.EventBus(this, 'Bus', {
      eventBusName: `${deploymentName(this)}-Outbound`,
      description: "What happens in the stores, for the chain's other systems",
    });
  }

  /** Lets a function put events on the bus, and tells it which. */
  grantPut(handler: lambda.Function): void {
    this.bus.grantPutEventsTo(handler);
    handler.addEnvironment(Environment.outboundBusName, this.bus.eventBusName);
  }
}
