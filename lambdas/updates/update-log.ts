/**
 * The `updates` table: one log per channel, with positions 1, 2, 3 and no gaps, claimed by conditional puts on the next
 * number. An item per update id makes publishing idempotent. The keys and the shapes of its items are in
 * update-items.ts.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { chunks } from '../../domain/chunks.ts';
import { Environment } from '../../domain/names.ts';
import type { ChannelEntry } from '../../domain/updates/catch-up-page.ts';
import { audienceChannels } from '../../domain/updates/channels.ts';
import type { Positions, Update, UpdateSummary } from '../../domain/updates/update.ts';
import { required, requiredNumber } from '../aws/environment.ts';
import { expiryOf, type Item, isExpired, Table } from '../aws/table.ts';
import { leaseEnd, leaseFor, takeLease } from '../fan-out/lease.ts';
import type { Checkpoint, Extent } from '../fan-out/progress.ts';
import { EntryCache } from './entry-cache.ts';
import {
  extentOf,
  fromMap,
  idChannel,
  isUnbroken,
  keyOf,
  parseUpdate,
  takeComplete,
  toEntry,
  toMap,
} from './update-items.ts';

/** What `begin` says of an update id: go on with it, or leave it, since another works on it or it is done. */
export type Beginning = { status: 'begun'; work: UpdateWork } | { status: 'held' } | { status: 'done' };

/** An update on its way into the log, as its id item knows it. */
export interface UpdateWork {
  update: Update;
  /** Newest position of each of its channels before the first attempt. */
  newestBefore: Positions;
  /** How far an earlier attempt's posts have come, and where its share ends. */
  extent: Extent;
}

/** An update as its id item knows it. */
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

/** The partition that lists what was published; its positions are milliseconds. No channel has this name. */
const PUBLISHED = 'published';
/** About as many as fit a frame. */
const SLICE_ENTRIES = 120;
const CLAIMS_AT_ONCE = 16;

export function updateLogFromEnvironment(): UpdateLog {
  return new UpdateLog({
    client: new DynamoDBClient({}),
    table: required(Environment.updatesTable),
    retentionDays: requiredNumber(Environment.retentionDays),
  });
}

export class UpdateLog {
  readonly #table: Table;
  readonly #retentionSeconds: number;
  readonly #cache = new EntryCache();

  constructor(options: { client: DynamoDBClient; table: string; retentionDays: number }) {
    this.#table = new Table(options);
    this.#retentionSeconds = options.retentionDays * 86_400;
  }

  /**
   * Takes up an update: the first time as it is given, a repeated time as it was first published.
   *
   * @param holder the invocation's request id
   */
  async begin(update: Update, holder: string, now: number): Promise<Beginning> {
    const newestBefore = await this.newest(audienceChannels(update.audience));
    const item = {
      ...keyOf(idChannel(update.id), 0),
      ...leaseFor(holder, now),
      u: { S: JSON.stringify(update) },
      n: toMap(newestBefore),
      // Long after the last copy of an event can come.
      x: { N: String(Math.floor(now / 1000) + 2 * this.#retentionSeconds) },
    };
    if (await this.#put(item)) return { status: 'begun', work: { update, newestBefore, extent: {} } };

    const known = await this.#get(idChannel(update.id), 0);
    if (known?.d !== undefined) return { status: 'done' };
    if (
      known === undefined ||
      !(await takeLease(this.#table, keyOf(idChannel(update.id), 0), known, holder, now))
    )
      return { status: 'held' };
    const work = { update: parseUpdate(known), newestBefore: fromMap(known.n), extent: extentOf(known) };
    return { status: 'begun', work };
  }

  /** Keeps others off while a fan-out takes its time, and notes how far it has come. */
  async renew(id: string, checkpoint: Checkpoint, now: number): Promise<void> {
    await this.#set(idChannel(id), 0, 'SET l = :l, k = :k', {
      ':l': leaseEnd(now),
      ':k': { S: JSON.stringify(checkpoint) },
    });
  }

  /** Ends the first worker's share here: others post to those behind, also after a crash. */
  async cut(id: string, end: Checkpoint): Promise<void> {
    await this.#set(idChannel(id), 0, 'SET e = :e', { ':e': { S: JSON.stringify(end) } });
  }

  /** Appends the update to its channels; a repeated attempt finds what an earlier one claimed. */
  async append({ update, newestBefore }: UpdateWork, now: number): Promise<Positions> {
    const channels = Object.keys(newestBefore);
    const positions: Positions = {};
    for (const together of chunks(channels, CLAIMS_AT_ONCE)) {
      await Promise.all(
        together.map(async channel => {
          const before = newestBefore[channel] ?? 0;
          positions[channel] = await this.#claim(update, channel, before, channels.length, now);
        }),
      );
    }
    const complete = { ':w': toMap(positions) };
    const set = (channel: string, position: number) => this.#set(channel, position, 'SET w = :w', complete);
    const claimed = Object.entries(positions);
    if (claimed.length > 1) await Promise.all(claimed.map(([channel, position]) => set(channel, position)));
    await Promise.all([
      set(idChannel(update.id), 0),
      ...claimed.map(([channel, position]) => this.#letExpire(channel, position - 1, now)),
    ]);
    return positions;
  }

  /** Enters an update in the list of what was published, ordered by time; a repeat finds its place again. */
  async list({ audience, ...update }: Update, now: number): Promise<void> {
    const { data: _, ...summary } = update;
    const expiry = { N: String(Math.floor(now / 1000) + this.#retentionSeconds) };
    for (let place = Date.parse(update.publishedAt); ; place += 1) {
      const item = {
        ...keyOf(PUBLISHED, place),
        i: { S: update.id },
        u: { S: JSON.stringify({ ...summary, audience }) },
        x: expiry,
      };
      if ((await this.#put(item)) || (await this.#get(PUBLISHED, place))?.i?.S === update.id) return;
    }
  }

  /**
   * What was published, newest first; `place` of the last one is where the next page goes on. A page may end before its
   * limit, since DynamoDB reads 1 MB at once: `hasMore` alone says whether it is the last.
   */
  async published(
    limit: number,
    before?: number,
  ): Promise<{ found: { update: UpdateSummary; place: number }[]; hasMore: boolean }> {
    const { items, hasMore } = await this.#table.page({
      KeyConditionExpression: 'c = :c AND p < :before',
      ExpressionAttributeValues: {
        ':c': { S: PUBLISHED },
        ':before': { N: String(before ?? Number.MAX_SAFE_INTEGER) },
      },
      ScanIndexForward: false,
      Limit: limit,
    });
    const found = items.map(item => ({ update: parseUpdate(item), place: Number(item.p?.N) }));
    return { found, hasMore };
  }

  /** The update is in the log and all its posts are done or handed over: another copy of its event changes nothing. */
  async finish(id: string): Promise<void> {
    await this.#set(idChannel(id), 0, 'SET d = :d, l = :l', { ':d': { BOOL: true }, ':l': { N: '0' } });
  }

  /** What was published under this id. */
  async find(id: string): Promise<PublishedUpdate | undefined> {
    const item = await this.#get(idChannel(id), 0);
    if (item === undefined) return undefined;
    return { update: parseUpdate(item), positions: item.w === undefined ? undefined : fromMap(item.w) };
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
    const { items, hasMore } = await this.#table.page({
      KeyConditionExpression: 'c = :c AND p > :p',
      ExpressionAttributeValues: { ':c': { S: channel }, ':p': { N: String(position) } },
      ConsistentRead: true,
      Limit: SLICE_ENTRIES,
    });
    const alive = items.filter(item => !isExpired(item, now));
    const complete = takeComplete(alive, now);
    const entries = complete.map(toEntry);
    const whole = complete.flatMap((item, index) => {
      const entry = entries[index];
      // One that counts as it is, because its worker is gone, may still change.
      return entry === undefined || item.w === undefined ? [] : [{ entry, expiresAt: expiryOf(item) }];
    });
    this.#cache.keep(channel, whole, now);
    return {
      entries,
      hasMore: hasMore && complete.length === alive.length,
      isTruncated:
        items.length === 0 ? await this.#isLost(channel, position, now) : !isUnbroken(alive, position),
    };
  }

  /** The same out of the cache, where it has all of it: then only the newest position is read. */
  async #afterInCache(channel: string, position: number, now: number): Promise<LogSlice | undefined> {
    if (!this.#cache.has(channel, position + 1, now)) return undefined;
    const newest = await this.#newestOf(channel);
    const end = Math.min(newest, position + SLICE_ENTRIES);
    const entries = this.#cache.run(channel, position + 1, end, now);
    return entries && { entries, hasMore: end < newest, isTruncated: false };
  }

  /** First position of the unbroken run up to the newest; undefined for a channel without a log. Reads all of it. */
  async start(channel: string, now: number): Promise<number | undefined> {
    const pages = this.#table.query({
      KeyConditionExpression: 'c = :c',
      FilterExpression: 'attribute_not_exists(x) OR x > :now',
      ExpressionAttributeValues: { ':c': { S: channel }, ':now': { N: String(now / 1000) } },
      ProjectionExpression: 'p',
      ConsistentRead: true,
    });
    let start: number | undefined;
    let last: number | undefined;
    for await (const items of pages) {
      for (const item of items) {
        const position = Number(item.p?.N);
        // TTL deletes in no particular order, so a gap may lie anywhere.
        if (last === undefined || position !== last + 1) start = position;
        last = position;
      }
    }
    return start;
  }

  /** Where nothing lies past a position: whether the position itself is one that the channel never had. */
  async #isLost(channel: string, position: number, now: number): Promise<boolean> {
    if (position === 0) return false;
    // A channel's newest entry never expires, so a store that is up to date stands on an entry.
    const item = await this.#get(channel, position);
    return item === undefined || isExpired(item, now);
  }

  /** Puts the update on the next free position, or finds the one that an earlier attempt put it on. */
  async #claim(
    update: Update,
    channel: string,
    newestBefore: number,
    channels: number,
    now: number,
  ): Promise<number> {
    for (let position = newestBefore + 1; ; position += 1) {
      const entry = {
        ...keyOf(channel, position),
        i: { S: update.id },
        u: { S: JSON.stringify({ ...update, audience: undefined }) },
        a: { N: String(now) },
        ...(channels === 1 ? { w: toMap({ [channel]: position }) } : {}),
      };
      if ((await this.#put(entry)) || (await this.#get(channel, position))?.i?.S === update.id)
        return position;
    }
  }

  /** An entry expires only once it has a successor: the newest stays, so numbering never restarts. */
  async #letExpire(channel: string, position: number, now: number): Promise<void> {
    if (position < 1) return;
    const expiry = { N: String(Math.floor(now / 1000) + this.#retentionSeconds) };
    await this.#set(channel, position, 'SET x = if_not_exists(x, :x)', { ':x': expiry });
  }

  async #newestOf(channel: string): Promise<number> {
    const { items } = await this.#table.page({
      KeyConditionExpression: 'c = :c',
      ExpressionAttributeValues: { ':c': { S: channel } },
      ProjectionExpression: 'p',
      ConsistentRead: true,
      ScanIndexForward: false,
      Limit: 1,
    });
    return Number(items[0]?.p?.N ?? 0);
  }

  /** @returns false if there is an item of this key already */
  async #put(item: Item): Promise<boolean> {
    return (await this.#table.put(item, { expression: 'attribute_not_exists(c)' })) !== undefined;
  }

  #get(channel: string, position: number): Promise<Item | undefined> {
    return this.#table.get(keyOf(channel, position));
  }

  /** Changes an item that is there; one that has expired meanwhile is not made anew. */
  async #set(channel: string, position: number, expression: string, values: Item): Promise<void> {
    await this.#table.update(keyOf(channel, position), {
      expression,
      condition: 'attribute_exists(c)',
      values,
    });
  }
}
