/** Where a client keeps the sales that the chain has not accepted. */
import type { Sale } from '../../domain/sales/sale.ts';

/** What the chain said of a sale that it will never take as it is. */
export interface Refusal {
  saleId: string;
  /** Of the sale, where it names one. */
  till?: string | undefined;
  code: string;
  message: string;
}

/** A sale that was appended and not settled; with `refusal`, it is kept for an operator and not sent again. */
export interface StoredSale {
  sale: Sale;
  refusal?: Refusal;
}

/** What tells the sales of an outbox apart: tills of a store may number alike. A name holds no slash. */
export function saleKey({ saleId, till }: { saleId: string; till?: string | undefined }): string {
  return till === undefined ? saleId : `${till}/${saleId}`;
}

/** A message of the store, as it goes over the line. */
export interface OutgoingMessage {
  messageId: string;
  topic: string;
  /** JSON. */
  data: unknown;
  inReplyTo?: string;
}

/** Keeps the messages that the chain has not accepted, as an outbox keeps sales, and as durable. */
export interface MessageStorage {
  /** What is in it, in the order of its appending. Comes after the outbox's own `load`. */
  load(): Promise<OutgoingMessage[]>;
  append(message: OutgoingMessage): Promise<void>;
  /** An id that it doesn't hold is ignored. */
  remove(messageId: string): Promise<void>;
}

/**
 * Another process, or another tab, uses the outbox. The one that gets this stores nothing; it tries again, and takes
 * the outbox over once the other one is gone.
 */
export class OutboxInUseError extends Error {
  override readonly name = 'OutboxInUseError';
}

/** Each change is durable once its promise resolves; changes take effect, and resolve, in the order of the calls. */
export interface OutboxStorage {
  /**
   * What is in it, in the order of its appending. Comes before anything else; after a failure it may come again.
   *
   * @param failed told of what couldn't be read, and where it is kept
   * @throws OutboxInUseError while somebody else uses it
   */
  load(failed: (error: Error) => void): Promise<StoredSale[]>;
  /** One that it holds as refused is no longer refused; its place may be the old one or the last. */
  append(sale: Sale): Promise<void>;
  /** Forgets the sales with these keys ({@link saleKey}), and marks those that were refused. What it doesn't hold is ignored. */
  settle(keys: readonly string[], refused: readonly Refusal[]): Promise<void>;
  /** @default none: then `sendMessage` throws, and a till that sends no messages needs none */
  readonly messages?: MessageStorage | undefined;
  /** Comes once, after everything else has resolved. */
  close?(): Promise<void>;
}

/** Forgets with the process: a sale that the chain has not accepted by then is lost. */
export function memoryOutbox(): OutboxStorage {
  const stored = new Map<string, StoredSale>();
  return {
    load: async () => [...stored.values()],
    append: async sale => {
      stored.set(saleKey(sale), { sale });
    },
    settle: async (keys, refused) => settleIn(stored, keys, refused),
    messages: memoryMessages(),
  };
}

function memoryMessages(): MessageStorage {
  const held = new Map<string, OutgoingMessage>();
  return {
    load: async () => [...held.values()],
    append: async message => {
      held.set(message.messageId, message);
    },
    remove: async messageId => {
      held.delete(messageId);
    },
  };
}

/** What `settle` does to sales held in memory. */
export function settleIn(
  stored: Map<string, StoredSale>,
  keys: readonly string[],
  refused: readonly Refusal[],
): void {
  for (const key of keys) stored.delete(key);
  for (const refusal of refused) {
    const held = stored.get(saleKey(refusal));
    if (held !== undefined) stored.set(saleKey(refusal), { sale: held.sale, refusal });
  }
}
