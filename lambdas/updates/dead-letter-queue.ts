/** Takes events that can't succeed, with the reason: retries would only delay it. */
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';

/** SQS refuses noncharacters; JSON may escape them, and everything past the basic plane. */
const BEYOND_SQS = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd]/g;

export class DeadLetters {
  readonly #client: SQSClient;
  readonly #queueUrl: string;

  constructor(options: { client: SQSClient; queueUrl: string }) {
    this.#client = options.client;
    this.#queueUrl = options.queueUrl;
  }

  /**
   * Stores `{"reason", "event"}`. The attributes have the names of EventBridge's own dead letters, so that every reason
   * of the queue is in one place.
   */
  async send(event: unknown, code: string, reason: string): Promise<void> {
    await this.#client.send(
      new SendMessageCommand({
        QueueUrl: this.#queueUrl,
        MessageBody: JSON.stringify({ reason, event }).replace(BEYOND_SQS, codeOf),
        MessageAttributes: {
          ERROR_CODE: { DataType: 'String', StringValue: code },
          ERROR_MESSAGE: { DataType: 'String', StringValue: reason.slice(0, 1_000).replace(BEYOND_SQS, '?') },
        },
      }),
    );
  }
}

function codeOf(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
