/** Messages of a store, put together: those of the chain go to who handles their topic, its own leave through the outbox. */
import type { UpdateFrame } from '../../domain/updates/update.ts';
import type { OutboxStorage } from '../sales/outbox-storage.ts';
import { RejectUpdate } from '../updates/reject-update.ts';
import { type MessageOptions, MessageOutbox, type MessageOutboxOptions } from './message-outbox.ts';
import { MessageSender, type MessageSenderOptions } from './message-sender.ts';

/** A message of the chain. */
export interface ArrivedMessage {
  /** The update's: a message that comes twice has the same. What answers it names it as `inReplyTo`. */
  id: string;
  topic: string;
  /** Whatever the publisher wrote, unread. */
  data: unknown;
  publishedAt: string;
  /** When it is over; null is never. */
  validUntil: string | null;
}

/**
 * Takes a message. Its receipt is sent once this has resolved. If it throws `RejectUpdate`, the store refuses the message;
 * whatever else it throws is taken for a passing fault, and the message comes again after a while.
 */
export type MessageHandler = (message: ArrivedMessage) => void | Promise<void>;

export interface MessagesOptions
  extends Omit<MessageSenderOptions, 'outbox' | 'backoff'>,
    Omit<MessageOutboxOptions, 'storage' | 'stored'> {
  backoff: () => MessageSenderOptions['backoff'];
  outbox: OutboxStorage;
  /** The application's own. */
  apply: ((update: UpdateFrame) => void | Promise<void>) | undefined;
}

export class Messages {
  readonly #apply: MessagesOptions['apply'];
  readonly #handlers = new Map<string, Set<MessageHandler>>();
  readonly #outbox: MessageOutbox;
  readonly sender: MessageSender;
  readonly #failed: (error: Error) => void;

  constructor(options: MessagesOptions) {
    this.#apply = options.apply;
    this.#failed = options.failed;
    const { messages: storage } = options.outbox;
    this.#outbox = new MessageOutbox({ ...options, storage, stored: () => this.sender.wake() });
    this.sender = new MessageSender({ ...options, backoff: options.backoff(), outbox: this.#outbox });
  }

  /** Hands messages of a topic to a handler from now on; the answer ends it. */
  handle(topic: string, handler: MessageHandler): () => void {
    const handlers = this.#handlers.get(topic) ?? new Set();
    this.#handlers.set(topic, handlers);
    // Its own function, so that the same handler given twice is called, and taken away, twice.
    const own: MessageHandler = message => handler(message);
    handlers.add(own);
    return () => handlers.delete(own);
  }

  /**
   * Gives an update to the application, and a message to the handlers of its topic before.
   *
   * @throws RejectUpdate for a message that nobody takes: a receipt must not say that a recall was seen where it wasn't
   */
  async apply(update: UpdateFrame): Promise<void> {
    if (update.kind === 'message.published') {
      const isTaken = await this.#hand(update);
      if (!isTaken && this.#apply === undefined) throw new RejectUpdate('unsupported_topic');
    }
    await this.#apply?.(update);
  }

  /** @returns its id, once it is stored */
  send(topic: string, data: unknown, options?: MessageOptions): Promise<string> {
    return this.#outbox.send(topic, data, options);
  }

  /** What an earlier process left goes, too. */
  lineOpened(): void {
    this.sender.restart();
    this.#outbox.load().catch(error => {
      this.#failed(new Error('the messages of the outbox could not be loaded', { cause: error }));
    });
  }

  close(): Promise<void> {
    return this.#outbox.close();
  }

  async #hand({ data, id, publishedAt, validUntil }: UpdateFrame): Promise<boolean> {
    const message = { id, topic: String(data.topic), data: data.data, publishedAt, validUntil };
    const handlers = [...(this.#handlers.get(message.topic) ?? [])];
    for (const handler of handlers) await handler(message);
    return handlers.length > 0;
  }
}
