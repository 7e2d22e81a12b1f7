/**
 * When updates were published, to measure how long their receipts take. A receipt does not say, so the time is read:
 * once for each update and environment, since a thousand stores send receipts for the same one.
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

  /** Milliseconds since the epoch; undefined if it is unknown. */
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
      // A receipt matters more than its measurement.
      log.error('a publishing time could not be read', error, { updateId });
      return undefined;
    }
  }
}
