/** The details of the events of both buses in EventBridge's schema registry, from which publishers make code for their events. */
import * as eventschemas from 'aws-cdk-lib/aws-eventschemas';
import { Construct } from 'constructs';
import MessagePublished from '../docs/contracts/events/MessagePublished.json' with { type: 'json' };
import OfferPublished from '../docs/contracts/events/OfferPublished.json' with { type: 'json' };
import OfferWithdrawn from '../docs/contracts/events/OfferWithdrawn.json' with { type: 'json' };
import PriceChanged from '../docs/contracts/events/PriceChanged.json' with { type: 'json' };
import PriceWithdrawn from '../docs/contracts/events/PriceWithdrawn.json' with { type: 'json' };
import RolloutFinished from '../docs/contracts/events/RolloutFinished.json' with { type: 'json' };
import RolloutHalted from '../docs/contracts/events/RolloutHalted.json' with { type: 'json' };
import SalesRecorded from '../docs/contracts/events/SalesRecorded.json' with { type: 'json' };
import StoreConnected from '../docs/contracts/events/StoreConnected.json' with { type: 'json' };
import StoreDisconnected from '../docs/contracts/events/StoreDisconnected.json' with { type: 'json' };
import StoreMessage from '../docs/contracts/events/StoreMessage.json' with { type: 'json' };
import UpdateDelivered from '../docs/contracts/events/UpdateDelivered.json' with { type: 'json' };
import type { OutboundType } from '../domain/outbound/outbound-events.ts';
import type { DetailType } from '../domain/updates/published-events.ts';
import { EVENT_SOURCE } from '../domain/updates/published-events.ts';

/** One for each: whoever adds an event adds its schema. */
const documents: Record<DetailType | OutboundType, object> = {
  MessagePublished,
  OfferPublished,
  OfferWithdrawn,
  PriceChanged,
  PriceWithdrawn,
  RolloutFinished,
  RolloutHalted,
  SalesRecorded,
  StoreConnected,
  StoreDisconnected,
  StoreMessage,
  UpdateDelivered,
};

export class EventSchemas extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const registry = new eventschemas.CfnRegistry(this, 'Registry', {
      description: 'What head office publishes to its stores, and what happens in them',
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
