/** Puts events on the outbound bus. Whoever puts says what becomes of one that the bus doesn't take. */
import {
  EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
  type PutEventsResultEntry,
} from '@aws-sdk/client-eventbridge';
import { Environment } from '../../domain/names.ts';
import { OUTBOUND_SOURCE, type OutboundEvent } from '../../domain/outbound/outbound-events.ts';
import { clientOf } from '../aws/client-of.ts';
import { required } from '../aws/environment.ts';

/** The bus did not take an event, which may be put again. */
export class OutboundNotTakenError extends Error {
  override readonly name = 'OutboundNotTakenError';
}

export function outboundBusFromEnvironment(): OutboundBus {
  return new OutboundBus({
    client: clientOf(EventBridgeClient),
    name: required(Environment.outboundBusName),
  });
}

export class OutboundBus {
  readonly #client: Pick<EventBridgeClient, 'send'>;
  readonly #name: string;

  constructor(options: { client: Pick<EventBridgeClient, 'send'>; name: string }) {
    this.#client = options.client;
    this.#name = options.name;
  }

  /** @throws OutboundNotTakenError */
  async put({ detail, type }: OutboundEvent): Promise<void> {
    const [result] = await this.putAll([{ type, detail: JSON.stringify(detail) }]);
    if (result?.EventId === undefined)
      throw new OutboundNotTakenError(result?.ErrorMessage ?? 'the bus gave no reason');
  }

  /**
   * Puts at most ten events in one request.
   *
   * @param events each detail is JSON
   * @returns what became of each
   */
  async putAll(events: readonly { type: string; detail: string }[]): Promise<PutEventsResultEntry[]> {
    const Entries = events.map(
      ({ detail, type }): PutEventsRequestEntry => ({
        EventBusName: this.#name,
        Source: OUTBOUND_SOURCE,
        DetailType: type,
        Detail: detail,
      }),
    );
    const { Entries: results = [] } = await this.#client.send(new PutEventsCommand({ Entries }));
    return results;
  }
}
