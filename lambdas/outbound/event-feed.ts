/**
 * Puts events on the outbound bus in their order, so that none is lost: what the bus takes later is put again, by the
 * stream that hands it over; what it will never take goes to the dead-letter queue with its reason.
 */
import { randomUUID } from 'node:crypto';
import type { PutEventsResultEntry } from '@aws-sdk/client-eventbridge';
import { OUTBOUND_SOURCE } from '../../domain/outbound/outbound-events.ts';
import type { DeadLetters } from '../updates/dead-letter-queue.ts';
import { type PutEvent, requestsOf } from './event-parts.ts';
import { type OutboundBus, OutboundNotTakenError } from './put-events.ts';

/** "PutEventsResultEntry": faults of the event itself. All others pass. */
const LASTING = new Set([
  ...['InvalidArgument', 'MalformedDetail', 'RedactionFailure'],
  ...['NotAuthorizedForDetailTypeException', 'NotAuthorizedForSourceException'],
]);

export interface OutboundFeedOptions {
  bus: Pick<OutboundBus, 'putAll'>;
  deadLetters: Pick<DeadLetters, 'send'>;
}

/** What became of them. */
export interface Fed {
  put: number;
  dead: number;
}

export class OutboundFeed {
  readonly #options: OutboundFeedOptions;

  constructor(options: OutboundFeedOptions) {
    this.#options = options;
  }

  /** @throws OutboundNotTakenError at the first that the bus may take later: then all are to be put again, in their order */
  async put(events: readonly PutEvent[]): Promise<Fed> {
    const fed: Fed = { put: 0, dead: 0 };
    for (const request of requestsOf(events)) {
      const results = await this.#options.bus.putAll(request);
      for (const [index, event] of request.entries()) await this.#settle(event, results[index], fed);
    }
    return fed;
  }

  /** What can't be told as an event at all. @param known what of it can be told */
  async give(type: string, known: object, error: unknown): Promise<void> {
    const reason = error instanceof Error ? error.message : String(error);
    await this.#letter(type, known, 'Unreadable', reason);
  }

  async #settle({ detail, type }: PutEvent, result: PutEventsResultEntry = {}, fed: Fed): Promise<void> {
    const { ErrorCode = 'no answer', ErrorMessage = 'the bus gave no reason', EventId } = result;
    if (EventId !== undefined) {
      fed.put += 1;
    } else if (LASTING.has(ErrorCode)) {
      await this.#letter(type, JSON.parse(detail) as object, ErrorCode, ErrorMessage);
      fed.dead += 1;
    } else {
      throw new OutboundNotTakenError(`${ErrorCode}: ${ErrorMessage}`);
    }
  }

  async #letter(type: string, detail: object, code: string, reason: string): Promise<void> {
    const event = { id: randomUUID(), source: OUTBOUND_SOURCE, 'detail-type': type, detail };
    await this.#options.deadLetters.send(event, code, reason);
  }
}
