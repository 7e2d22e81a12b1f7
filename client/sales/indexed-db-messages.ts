/** The messages of a browser's outbox: a record for each, numbered in the order of its coming, beside the sales. */
import { DatabaseStore } from '../storage/indexed-db.ts';
import type { MessageStorage, OutgoingMessage } from './outbox-storage.ts';

export class IndexedDbMessages implements MessageStorage {
  readonly #database: DatabaseStore;
  readonly #numbers = new Map<string, number>();
  #last = 0;

  /** @param name of the outbox's database */
  constructor(name: string) {
    this.#database = new DatabaseStore(name, 'messages');
  }

  async load(): Promise<OutgoingMessage[]> {
    const [numbers, all] = await this.#database.read<[unknown[], unknown[]]>(messages => [
      messages.getAllKeys(),
      messages.getAll(),
    ]);
    const held = all as OutgoingMessage[];
    for (const [index, { messageId }] of held.entries()) {
      this.#last = Number(numbers[index]);
      this.#numbers.set(messageId, this.#last);
    }
    return held;
  }

  async append(message: OutgoingMessage): Promise<void> {
    this.#last += 1;
    const number = this.#last;
    await this.#database.write(messages => void messages.put(message, number));
    this.#numbers.set(message.messageId, number);
  }

  async remove(messageId: string): Promise<void> {
    const number = this.#numbers.get(messageId);
    if (number === undefined) return;
    await this.#database.write(messages => void messages.delete(number));
    this.#numbers.delete(messageId);
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}
