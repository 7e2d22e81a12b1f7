/** The list of what was published, newest first: items of the `updates` table, ordered by time. */
import { Environment } from '../../domain/names.ts';
import type { Update, UpdateSummary } from '../../domain/updates/update.ts';
import { dynamoDb } from '../aws/direct/direct-requests.ts';
import { required, requiredNumber } from '../aws/environment.ts';
import { expression } from '../aws/expression.ts';
import { Table, type TableOptions } from '../aws/table.ts';
import { listing } from './update-items.ts';

/** The partition of the list. No channel has this name. */
const PUBLISHED = 'published';
const DAY_MS = 86_400_000;

export function publishedListFromEnvironment(): PublishedList {
  return new PublishedList({
    client: dynamoDb(),
    table: required(Environment.updatesTable),
    retentionDays: requiredNumber(Environment.retentionDays),
  });
}

export class PublishedList {
  readonly #table: Table<typeof listing>;
  readonly #retentionMs: number;

  constructor(options: TableOptions & { retentionDays: number }) {
    this.#table = new Table(options, listing);
    this.#retentionMs = options.retentionDays * DAY_MS;
  }

  /** Enters an update; a repetition finds its entry and changes nothing. */
  async enter({ data: _, ...update }: Update, now: number): Promise<void> {
    const expiresAt = now + this.#retentionMs;
    for (let position = Date.parse(update.publishedAt); ; position += 1) {
      const key = { channel: PUBLISHED, position };
      if (await this.#table.insert({ ...key, updateId: update.id, update, expiresAt })) return;
      if ((await this.#table.get(key))?.updateId === update.id) return;
    }
  }

  /**
   * What was published, newest first. A page may end before its limit, since DynamoDB reads 1 MB at once: `hasMore` alone
   * says whether it is the last.
   *
   * @param before the `place` of the last one of the page before
   */
  async page(
    limit: number,
    before?: number,
  ): Promise<{ found: { update: UpdateSummary; place: number }[]; hasMore: boolean }> {
    const { channel, position } = listing.attributes;
    const end = position.value(before ?? Number.MAX_SAFE_INTEGER);
    const { items, hasMore } = await this.#table.page({
      where: expression`${channel.is(PUBLISHED)} AND ${position} < ${end}`,
      isEventual: true,
      isDescending: true,
      limit,
    });
    const listed = items.map(item => listing.decode(item));
    return { found: listed.map(({ position: place, update }) => ({ place, update })), hasMore };
  }
}
