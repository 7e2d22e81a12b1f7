/** A dead-letter queue, read to its end: what is read is kept from other readers, and given back or deleted. */
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { chunks } from '../../domain/chunks.ts';

/** Kept from others for so long; then it comes back by itself, also where this process ends early. */
const HIDDEN_SECONDS = 120;
/** A short poll asks only some of the servers that hold a queue. */
const WAIT_SECONDS = 1;
/** So many answers without news one after the other, while the queue counts more than was read: another reader has them. */
const EMPTY_ANSWERS = 3;
const RELEASES_AT_ONCE = 16;

export interface Letters {
  messages: Message[];
  /** How many the queue counts: more than `messages` where another reader has some in hand. */
  counted: number;
}

export class LetterQueue {
  readonly #client: SQSClient;
  readonly url: string;

  constructor(client: SQSClient, url: string) {
    this.#client = client;
    this.url = url;
  }

  /** Every message of the queue, once. */
  async readAll(): Promise<Letters> {
    const counted = await this.#count();
    const found = new Map<string, Message>();
    for (let empty = 0; empty < (found.size < counted ? EMPTY_ANSWERS : 1); ) {
      const messages = await this.#receive();
      // Those of a long queue come back while it is still being read.
      const hasNews = messages.some(({ MessageId = '' }) => !found.has(MessageId));
      empty = hasNews ? 0 : empty + 1;
      for (const message of messages) found.set(message.MessageId ?? '', message);
    }
    return { messages: [...found.values()], counted: Math.max(counted, found.size) };
  }

  async delete({ ReceiptHandle }: Message): Promise<void> {
    await this.#client.send(new DeleteMessageCommand({ QueueUrl: this.url, ReceiptHandle }));
  }

  /** Gives messages back to whoever reads next. */
  async release(messages: readonly Message[]): Promise<void> {
    for (const together of chunks(messages, RELEASES_AT_ONCE)) {
      // One that is gone, or back already, needs none.
      await Promise.allSettled(
        together.map(({ ReceiptHandle }) =>
          this.#client.send(
            new ChangeMessageVisibilityCommand({ QueueUrl: this.url, ReceiptHandle, VisibilityTimeout: 0 }),
          ),
        ),
      );
    }
  }

  async #receive(): Promise<Message[]> {
    const { Messages = [] } = await this.#client.send(
      new ReceiveMessageCommand({
        QueueUrl: this.url,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: WAIT_SECONDS,
        VisibilityTimeout: HIDDEN_SECONDS,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
      }),
    );
    return Messages;
  }

  /** Those that another reader has in hand are among them. */
  async #count(): Promise<number> {
    const { Attributes = {} } = await this.#client.send(
      new GetQueueAttributesCommand({
        QueueUrl: this.url,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    );
    return Object.values(Attributes).reduce((sum, figure) => sum + Number(figure), 0);
  }
}
