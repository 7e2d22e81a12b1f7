/** The bus on which head office publishes. */
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { Environment } from '../../domain/names.ts';
import { EVENT_SOURCE } from '../../domain/updates/published-events.ts';
import { clientOf } from '../aws/client-of.ts';
import { required } from '../aws/environment.ts';

/** The bus did not take an event, which may be put again. */
export class EventNotTakenError extends Error {
  override readonly name = 'EventNotTakenError';
}

export function updateBusFromEnvironment(): UpdateBus {
  return new UpdateBus({ client: clientOf(EventBridgeClient), name: required(Environment.eventBusName) });
}

export class UpdateBus {
  readonly #client: EventBridgeClient;
  readonly #name: string;

  constructor(options: { client: EventBridgeClient; name: string }) {
    this.#client = options.client;
    this.#name = options.name;
  }

  /** @throws EventNotTakenError */
  async put(type: string, detail: object): Promise<void> {
    const entry = {
      EventBusName: this.#name,
      Source: EVENT_SOURCE,
      DetailType: type,
      Detail: JSON.stringify(detail),
    };
    const { Entries } = await this.#client.send(new PutEventsCommand({ Entries: [entry] }));
    if (Entries?.[0]?.EventId === undefined)
      throw new EventNotTakenError(Entries?.[0]?.ErrorMessage ?? 'the bus gave no reason');
  }
}
