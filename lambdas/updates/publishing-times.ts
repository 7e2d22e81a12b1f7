/**
 * When updates were published, to measure how long their receipts take. A receipt doesn't say, so it is read: once an
 * update and environment, for a thousand stores answer the same one.
 */
import { log } from '../aws/log.ts';
import type { UpdateLog } from './update-log.ts';

const MOST_KEPT = 1_000;

export class PublishingTimes {
  readonly #updates: Pick<UpdateLog, 'find'>;
  readonly #times = new Map<string, number>();

  constructor(options: { updates: Pick<UpdateLog, 'find'> }) {
    this.#updates = options.updates;
  }

  /** Milliseconds since the epoch; undefined if it isn't known. */
  async of(updateId: string): Promise<number | undefined> {
    return this.#times.get(updateId) ?? this.#read(updateId);
  }

  async #read(updateId: string): Promise<number | undefined> {
    try {
      const published = await this.#updates.find(updateId);
      if (published === undefined) return undefined;
      const time = Date.parse(published.update.publishedAt);
      if (this.#times.size >= MOST_KEPT) this.#times.clear();
      this.#times.set(updateId, time);
      return time;
    } catch (error) {
      // The receipt counts for more than its measure.
      log.error('a publishing time could not be read', error, { updateId });
      return undefined;
    }
  }
}
