/** The members whose posts have failed, until they are in the redelivery queue. */
import { isOver } from '../../domain/retail/validity.ts';
import type { Update } from '../../domain/updates/update.ts';
import type { Member } from '../registry/connection-items.ts';
import type { RedeliveryQueue } from './redelivery.ts';

export class Owed {
  readonly members: Member[] = [];
  readonly #update: Update;
  readonly #queue: RedeliveryQueue;

  constructor(update: Update, queue: RedeliveryQueue) {
    this.#update = update;
    this.#queue = queue;
  }

  /** Moves the members of this moment to the queue; an offer that is over is not redelivered. */
  async handOver(): Promise<void> {
    const members = this.members.slice();
    if (members.length > 0 && !isOver(this.#update, Date.now()))
      await this.#queue.send(this.#update.id, members);
    this.members.splice(0, members.length);
  }
}
