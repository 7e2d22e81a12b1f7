/** Takes events that can't succeed, with the reason: retries would only delay it. */
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { wellFormed } from '../../domain/text.ts';

/** SQS refuses noncharacters; JSON may escape them, and everything past the basic plane. */
const BEYOND_SQS = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd]/g;
/** A message of SQS holds 1 MB, in Regions and accounts that are behind 256 KB; its attributes count. */
const MOST_BYTES = 250_000;
/** Characters of a detail that is too large: each takes up to seven bytes. */
const CUT_DETAIL = 30_000;
const CUT_FIELD = 300;
const CUT_REASON = 4_000;

/** What a letter keeps of its event. */
interface LostEvent {
  id: string;
  detail: unknown;
}

export class DeadLetters {
  readonly #client: SQSClient;
  readonly #queueUrl: string;

  constructor(options: { client: SQSClient; queueUrl: string }) {
    this.#client = options.client;
    this.#queueUrl = options.queueUrl;
  }

  /**
   * Stores `{"reason", "event"}`; of an event that is too large for the queue, who and what it was, with the beginning of
   * its detail as text. The attributes have the names of EventBridge's own dead letters, so that every reason
   * of the queue is in one place.
   */
  async send(event: LostEvent, code: string, reason: string): Promise<void> {
    const told = wellFormed(reason, CUT_REASON);
    const whole = bodyOf(told, event);
    const isTooLarge = Buffer.byteLength(whole) > MOST_BYTES;
    await this.#client.send(
      new SendMessageCommand({
        QueueUrl: this.#queueUrl,
        MessageBody: isTooLarge ? bodyOf(told, cut(event)) : whole,
        MessageAttributes: {
          ERROR_CODE: { DataType: 'String', StringValue: code },
          ERROR_MESSAGE: { DataType: 'String', StringValue: reason.slice(0, 1_000).replace(BEYOND_SQS, '?') },
        },
      }),
    );
  }
}

function bodyOf(reason: string, event: object): string {
  return JSON.stringify({ reason, event }).replace(BEYOND_SQS, codeOf);
}

function cut({ detail, ...fields }: LostEvent): object {
  const texts = Object.entries(fields).filter(([, value]) => typeof value === 'string');
  return {
    ...Object.fromEntries(texts.map(([name, value]) => [name, wellFormed(value, CUT_FIELD)])),
    detail: wellFormed(JSON.stringify(detail), CUT_DETAIL),
  };
}

function codeOf(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
