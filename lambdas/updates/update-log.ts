/**
 * Reads the log of each channel: positions 1, 2, 3 without gaps. log-writer.ts appends to it; the items are in
 * update-items.ts.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Environment } from '../../domain/names.ts';
import type { ChannelEntry } from '../../domain/updates/catch-up-page.ts';
import type { Positions, Update } from '../../domain/updates/update.ts';
import { clientOf } from '../aws/client-of.ts';
import { number } from '../aws/codecs.ts';
import { required } from '../aws/environment.ts';
import { expression, literal } from '../aws/expression.ts';
import { isExpired, Table, type TableOptions } from '../aws/table.ts';
import { EntryCache } from './entry-cache.ts';
import {
  isUnbroken,
  logEntry,
  publication,
  publicationKey,
  takeComplete,
  toChannelEntry,
} from './update-items.ts';

/** An update as it is known by its id. */
export interface PublishedUpdate {
  update: Update;
  /** Undefined while it is being appended. */
  positions: Positions | undefined;
}

/** Entries of one channel past a position, as far as one page reads. */
export interface LogSlice {
  entries: ChannelEntry[];
  hasMore: boolean;
  /** The log starts later than the position that was asked for. */
  isTruncated: boolean;
}

/** About as many as fit a frame. */
const SLICE_ENTRIES = 120;
const keys = logEntry.attributes;

export function updateLogFromEnvironment(): UpdateLog {
  return new UpdateLog({ client: clientOf(DynamoDBClient), table: required(Environment.updatesTable) });
}

export class UpdateLog {
  readonly #entries: Table<typeof logEntry>;
  readonly #publications: Table<typeof publication>;
  readonly #cache = new EntryCache();

  constructor(options: TableOptions) {
    this.#entries = new Table(options, logEntry);
    this.#publications = new Table(options, publication);
  }

  /** What was published under this id. */
  async find(id: string): Promise<PublishedUpdate | undefined> {
    const found = await this.#publications.get(publicationKey(id));
    return found && { update: found.update, positions: found.positions };
  }

  /** An update that is in the log of all its channels. @throws Error if it isn't, or is no longer known */
  async findAppended(id: string): Promise<{ update: Update; positions: Positions }> {
    const found = await this.find(id);
    if (found?.positions === undefined) throw new Error(`update ${id} is not in the log`);
    return { update: found.update, positions: found.positions };
  }

  /** Newest position of each channel, 0 where nothing was published; read consistently. */
  async newest(channels: readonly string[]): Promise<Positions> {
    const newest = await Promise.all(
      channels.map(async channel => [channel, await this.#newestOf(channel)] as const),
    );
    return Object.fromEntries(newest);
  }

  /** Entries of a channel past a position, in order, without a gap; read consistently. */
  async after(channel: string, position: number, now: number): Promise<LogSlice> {
    const cached = await this.#afterInCache(channel, position, now);
    if (cached !== undefined) return cached;
    const { items, hasMore } = await this.#entries.page({
      where: expression`${keys.channel.is(channel)} AND ${keys.position} > ${keys.position.value(position)}`,
      limit: SLICE_ENTRIES,
    });
    const alive = items.map(item => logEntry.decode(item)).filter(entry => !isExpired(entry, now));
    const complete = takeComplete(alive, now);
    // An entry without positions counts as it is, because its worker is gone, but it may still change.
    const settled = complete.filter(({ positions }) => positions !== undefined);
    const read = settled.map(entry => ({ entry: toChannelEntry(entry), expiresAt: entry.expiresAt }));
    this.#cache.keep(channel, read, now);
    return {
      entries: complete.map(toChannelEntry),
      hasMore: hasMore && complete.length === alive.length,
      isTruncated:
        items.length === 0 ? await this.#isLost(channel, position, now) : !isUnbroken(alive, position),
    };
  }

  /** The same from the cache, if it has all of the entries: then only the newest position is read. */
  async #afterInCache(channel: string, position: number, now: number): Promise<LogSlice | undefined> {
    if (!this.#cache.has(channel, position + 1, now)) return undefined;
    const newest = await this.#newestOf(channel);
    const end = Math.min(newest, position + SLICE_ENTRIES);
    const entries = this.#cache.run(channel, position + 1, end, now);
    return entries && { entries, hasMore: end < newest, isTruncated: false };
  }

  /** First position of the unbroken run up to the newest; undefined for a channel without a log. Reads all of it. */
  async start(channel: string, now: number): Promise<number | undefined> {
    const { expiresAt } = keys;
    const pages = this.#entries.query({
      where: keys.channel.is(channel),
      filter: expression`attribute_not_exists(${expiresAt}) OR ${expiresAt} > ${literal(number, now / 1000)}`,
      attributes: [keys.position],
    });
    let start: number | undefined;
    let last: number | undefined;
    for await (const items of pages) {
      for (const item of items) {
        const position = keys.position.of(item);
        // TTL deletes in no particular order, so a gap may lie anywhere.
        if (last === undefined || position !== last + 1) start = position;
        last = position;
      }
    }
    return start;
  }

  /** Whether the channel lacks this position itself, given that nothing lies past it. */
  async #isLost(channel: string, position: number, now: number): Promise<boolean> {
    if (position === 0) return false;
    // A channel's newest entry never expires, so a store that is up to date stands on an entry.
    const entry = await this.#entries.get({ channel, position });
    return entry === undefined || isExpired(entry, now);
  }

  async #newestOf(channel: string): Promise<number> {
    const { items } = await this.#entries.page({
      where: keys.channel.is(channel),
      attributes: [keys.position],
      isDescending: true,
      limit: 1,
    });
    const [newest] = items;
    return newest === undefined ? 0 : keys.position.of(newest);
  }
}
