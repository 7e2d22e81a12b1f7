/** The details of the bus's events in EventBridge's schema registry, from which publishers make code for their events. */
import * as eventschemas from 'aws-cdk-lib/aws-eventschemas';
import { Construct } from 'constructs';
import OfferPublished from '../docs/contracts/events/OfferPublished.json' with { type: 'json' };
import OfferWithdrawn from '../docs/contracts/events/OfferWithdrawn.json' with { type: 'json' };
import PriceChanged from '../docs/contracts/events/PriceChanged.json' with { type: 'json' };
import PriceWithdrawn from '../docs/contracts/events/PriceWithdrawn.json' with { type: 'json' };
import type { DetailType } from '../domain/updates/published-events.ts';
import { EVENT_SOURCE } from '../domain/updates/published-events.ts';

/** One for each: whoever adds an event adds its schema. */
const documents: Record<DetailType, object> = {
  OfferPublished,
  OfferWithdrawn,
  PriceChanged,
  PriceWithdrawn,
};

export class EventSchemas extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const registry = new eventschemas.CfnRegistry(this, 'Registry', {
      description: 'What head office publishes to its stores',
    });
    for (const [type, document] of Object.entries(documents))
      new eventschemas.CfnSchema(this, type, {
        registryName: registry.attrRegistryName,
        // As EventBridge names what it discovers.
        schemaName: `${EVENT_SOURCE}@${type}`,
        type: 'OpenApi3',
        content: JSON.stringify(document),
      });
  }
}
