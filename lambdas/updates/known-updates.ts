/**
 * What a receipt is held against: when its update was published, whom it is for, when it is over. It is read once for
 * each update and environment, since a thousand stores send receipts for the same one.
 */
import { localTimesOf, type Validity } from '../../domain/retail/validity.ts';
import { reachedBy, type StorePlacement } from '../../domain/updates/channels.ts';
import type { UpdateLog } from './update-log.ts';

export interface KnownUpdate extends Validity {
  /** Milliseconds since the epoch. */
  publishedAt: number;
  reaches: (store: StorePlacement) => boolean;
}

const MOST_KEPT = 1_000;

export class KnownUpdates {
  readonly #updates: Pick<UpdateLog, 'find'>;
  readonly #known = new Map<string, KnownUpdate>();

  constructor(options: { updates: Pick<UpdateLog, 'find'> }) {
    this.#updates = options.updates;
  }

  /** @returns undefined where nothing is published under this id; it may be a moment later, so that is not kept */
  async of(updateId: string): Promise<KnownUpdate | undefined> {
    return this.#known.get(updateId) ?? this.#read(updateId);
  }

  async #read(updateId: string): Promise<KnownUpdate | undefined> {
    const published = await this.#updates.find(updateId);
    if (published === undefined) return undefined;
    const { audience, publishedAt, validUntil } = published.update;
    const known = {
      publishedAt: Date.parse(publishedAt),
      validUntil,
      ...localTimesOf(published.update),
      reaches: reachedBy(audience),
    };
    if (this.#known.size >= MOST_KEPT) this.#known.clear();
    this.#known.set(updateId, known);
    return known;
  }
}
