/**
 * What each update's id stands for. The first content that comes with an id keeps it, over HTTP or by the bus: the same
 * content again is a repetition, and other content is refused instead of being taken for one.
 */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../domain/json.ts';
import { Environment } from '../../domain/names.ts';
import type { Update } from '../../domain/updates/update.ts';
import { dynamoDb } from '../aws/direct/direct-requests.ts';
import { required, requiredNumber } from '../aws/environment.ts';
import { Table, type TableOptions } from '../aws/table.ts';
import { idContent, idContentKey } from './update-items.ts';
import { withdrawableUntil } from './withdrawal/replaced-prices.ts';

const DAY_MS = 86_400_000;
/** Room for what follows it in a name of 64 characters. */
const MOST_ID_LENGTH = 50;

export function updateIdsFromEnvironment(): UpdateIds {
  return new UpdateIds({
    client: dynamoDb(),
    table: required(Environment.updatesTable),
    retentionDays: requiredNumber(Environment.retentionDays),
  });
}

/**
 * Equal for equal content: whoever repeats a publication stamps it anew, so its time is no part of it, nor is its id, nor
 * whether somebody waits for the receipts.
 */
export function contentDigest({ id: _, publishedAt: __, receipts: ___, ...content }: Update): string {
  // What a withdrawal brings back is the chain's own addition.
  if (content.kind === 'price.withdrawn') return digestOf({ ...content, data: content.data.updates });
  return digestOf(content);
}

/**
 * The id of an update that the chain itself makes out of another: whoever makes it again comes to the same.
 *
 * @param suffix at most 13 characters
 */
export function derivedId(id: string, suffix: string): string {
  const stem = id.length <= MOST_ID_LENGTH ? id : createHash('sha256').update(id).digest('hex').slice(0, 32);
  return `${stem}.${suffix}`;
}

export function digestOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('base64url');
}

export class UpdateIds {
  readonly #contents: Table<typeof idContent>;
  readonly #retentionMs: number;

  constructor(options: TableOptions & { retentionDays: number }) {
    this.#contents = new Table(options, idContent);
    this.#retentionMs = options.retentionDays * DAY_MS;
  }

  /**
   * Until when an update is known by its id: long after the last possible copy of its event, and a day longer than its prices
   * can be taken back, however far ahead of their time they are published.
   */
  knownUntil(update: Update, now: number): number {
    return Math.max(now + 2 * this.#retentionMs, withdrawableUntil(update) + DAY_MS);
  }

  /** @returns false if the update's id stands for other content */
  take(update: Update, now: number): Promise<boolean> {
    return this.#put(update.id, contentDigest(update), this.knownUntil(update, now));
  }

  /** Lets an id stand for what is no update. @returns false if it stands for something else */
  reserve(id: string, digest: string, now: number): Promise<boolean> {
    return this.#put(id, digest, now + 2 * this.#retentionMs);
  }

  async #put(id: string, digest: string, expiresAt: number): Promise<boolean> {
    const key = idContentKey(id);
    if (await this.#contents.insert({ ...key, digest, expiresAt })) return true;
    return (await this.#contents.get(key))?.digest === digest;
  }
}
