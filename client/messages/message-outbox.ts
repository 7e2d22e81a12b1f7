/**
 * The messages that the chain has not accepted, in the order of the calls: stored in the store's outbox before a call
 * returns, and kept until the chain has them, or will never take them.
 */
import { FrameError } from '../../domain/protocol/frame-error.ts';
import { parseStoreFrame } from '../../domain/protocol/store-frames.ts';
import type { MessageStorage, OutgoingMessage } from '../sales/outbox-storage.ts';

/** What is wrong with a message that is not stored. */
export type MessageErrorCode = 'invalid_message' | 'too_large' | 'message_id_taken';

/** The chain would never take the message as it is, or its id stands for another one. It is not stored. */
export class MessageError extends Error {
  override readonly name = 'MessageError';
  readonly code: MessageErrorCode;
  constructor(code: MessageErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export interface MessageOptions {
  /** The message that this one answers. */
  inReplyTo?: string | undefined;
  /** So that a call can be repeated where it is open whether it came through. @default a new one */
  messageId?: string | undefined;
}

export interface MessageOutboxOptions {
  /** Undefined where the outbox keeps sales alone. */
  storage: MessageStorage | undefined;
  /** Resolves once the outbox is open. */
  opened: () => Promise<void>;
  /** There is one more to send. */
  stored: () => void;
  failed: (error: Error) => void;
}

/** A frame holds 32 KB; some are left for the name of the question. */
const MOST_BYTES = 31_000;

export class MessageOutbox {
  readonly #options: MessageOutboxOptions;
  readonly #unsent = new Map<string, OutgoingMessage>();
  /** Writes under way: `close` waits for them, since their callers may not. */
  readonly #writes = new Set<Promise<void>>();
  #loading: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: MessageOutboxOptions) {
    this.#options = options;
  }

  /** The oldest. */
  get first(): OutgoingMessage | undefined {
    return this.#unsent.values().next().value;
  }

  /** Reads what the last process left; again only after a failure. */
  load(): Promise<void> {
    if (this.#loading === undefined) {
      this.#loading = this.#restore();
      this.#loading.catch(() => {
        this.#loading = undefined;
      });
    }
    return this.#loading;
  }

  /** @returns its id @throws MessageError */
  async send(topic: string, data: unknown, options: MessageOptions = {}): Promise<string> {
    const { inReplyTo, messageId = crypto.randomUUID() } = options;
    const reply = inReplyTo === undefined ? {} : { inReplyTo };
    const message = checked({ messageId, topic, data, ...reply });
    await this.load();
    const { storage, stored } = this.#options;
    if (storage === undefined) throw new TypeError('the outbox of this client keeps no messages');
    if (this.#isClosed) throw new Error(`message ${messageId} is not stored: the client is closed`);
    const held = this.#unsent.get(messageId);
    if (held === undefined) {
      await this.#tracked(storage.append(message));
      this.#unsent.set(messageId, message);
      stored();
    } else if (JSON.stringify(held) !== JSON.stringify(message)) {
      throw new MessageError('message_id_taken', `another message in the outbox is called ${messageId}`);
    }
    return messageId;
  }

  /** The chain has it, or will never take it. What a crash leaves is sent once more, under the same id. */
  settle(messageId: string): void {
    const { failed, storage } = this.#options;
    if (!this.#unsent.delete(messageId) || storage === undefined) return;
    this.#tracked(storage.remove(messageId)).catch(error => {
      failed(
        new Error(`that message ${messageId} left was not stored; after a restart it goes again`, {
          cause: error,
        }),
      );
    });
  }

  /** Waits for what is being written. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled([...this.#writes]);
  }

  async #restore(): Promise<void> {
    const { opened, storage, stored } = this.#options;
    await opened();
    const left = (await storage?.load()) ?? [];
    for (const message of left) this.#unsent.set(message.messageId, message);
    if (left.length > 0) stored();
  }

  async #tracked(write: Promise<void>): Promise<void> {
    this.#writes.add(write);
    try {
      await write;
    } finally {
      this.#writes.delete(write);
    }
  }
}

/** The message as it goes over the line: what its caller changes later is another message. */
function checked(message: OutgoingMessage): OutgoingMessage {
  const { messageId } = message;
  try {
    const text = JSON.stringify({ action: 'message', ...message });
    const bytes = new TextEncoder().encode(text).length;
    if (bytes > MOST_BYTES)
      throw new MessageError(
        'too_large',
        `message ${messageId} takes ${bytes} bytes, more than the ${MOST_BYTES} of a frame`,
      );
    parseStoreFrame(text);
    const { action: _, ...sent } = JSON.parse(text) as OutgoingMessage & { action: string };
    return sent;
  } catch (error) {
    if (error instanceof FrameError || error instanceof TypeError)
      throw new MessageError('invalid_message', `message ${messageId}: ${error.message}`);
    throw error;
  }
}
