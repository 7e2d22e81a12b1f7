/**
 * Reads the log of each channel: positions 1, 2, 3 without gaps. log-writer.ts appends to it; the items are in
 * update-items.ts.
 */
import { chunks } from '../../domain/chunks.ts';
import { Environment } from '../../domain/names.ts';
import type { ChannelEntry } from '../../domain/updates/catch-up-page.ts';
import type { Positions, Update } from '../../domain/updates/update.ts';
import { dynamoDb } from '../aws/direct/direct-requests.ts';
import { required } from '../aws/environment.ts';
import { expression } from '../aws/expression.ts';
import { isExpired, MOST_BESIDE, type ReadOptions, Table, type TableOptions } from '../aws/table.ts';
import { EntryCache, NextEntries, type ReadEntry } from './entry-cache.ts';
import { lostBefore, type Resolved, resolve } from './log-entries.ts';
import {
  hourStart,
  hoursOf,
  type LogEntry,
  logEntry,
  publication,
  publicationKey,
  type WithdrawalRest,
} from './update-items.ts';

/** An update as it is known by its id. */
export interface PublishedUpdate {
  update: Update;
  /** Undefined while it is being appended. */
  positions: Positions | undefined;
  /** The next part of a withdrawal that takes more than one. */
  rest?: WithdrawalRest;
}

/** An update at its position in one channel. */
export interface LatestUpdate {
  position: number;
  update: Update;
}

/** Where a store stands in a channel. */
export interface Place {
  channel: string;
  position: number;
}

/** Entries of one channel past a position, as far as one page reads. */
export interface LogSlice {
  entries: ChannelEntry[];
  hasMore: boolean;
  /** The log lacks some of what it held past the position; it is whole from this one on. Undefined if it lacks nothing. */
  lostBefore: number | undefined;
}

/** Entries past a place that an environment knows. */
interface KnownRun extends Place {
  entries: ChannelEntry[];
  /** Of their updates. */
  bytes: number;
}

/** Entries of one read for a page of so many bytes: each takes 1 KB at most. What a page can't send is not read. */
const SLICE_ENTRIES = 120;
const SLICE_BYTES = 32 * 1024;
const CONTENTS_AT_ONCE = 8;
/** Hours of a few days, which DynamoDB's TTL may leave behind. */
const HOURS_AT_ONCE = 100;
const keys = logEntry.attributes;

export function updateLogFromEnvironment(): UpdateLog {
  return new UpdateLog({ client: dynamoDb(), table: required(Environment.updatesTable) });
}

export class UpdateLog {
  readonly #entries: Table<typeof logEntry>;
  readonly #publications: Table<typeof publication>;
  readonly #hours: Table<typeof hourStart>;
  readonly #cache = new EntryCache();
  readonly #tableName: string;

  constructor(options: TableOptions) {
    this.#tableName = options.table;
    this.#entries = new Table(options, logEntry);
    this.#publications = new Table(options, publication);
    this.#hours = new Table(options, hourStart);
  }

  /** What was published under this id. */
  async find(id: string): Promise<PublishedUpdate | undefined> {
    const found = await this.#publications.get(publicationKey(id));
    if (found === undefined) return undefined;
    const { positions, rest, update } = found;
    return { update, positions, ...(rest && { rest }) };
  }

  /** An update that is in the log of all its channels. @throws Error if it isn't, or is no longer known */
  async findAppended(id: string): Promise<{ update: Update; positions: Positions }> {
    const found = await this.find(id);
    if (found?.positions === undefined) throw new Error(`update ${id} is not in the log`);
    return { update: found.update, positions: found.positions };
  }

  /** Newest position of each channel, 0 where nothing was published; read consistently. */
  async newest(channels: readonly string[], options?: ReadOptions): Promise<Positions> {
    const newest = await Promise.all(
      channels.map(async channel => [channel, await this.#newestOf(channel, options)] as const),
    );
    return Object.fromEntries(newest);
  }

  /**
   * Entries of each channel past a position, in order, without a gap; read consistently. Of entries that this environment
   * knows only what follows them is read, in one request for all channels.
   *
   * @param bytes as many as a page sends
   * @param ahead what was read already of what follows known entries
   */
  async afterAll(
    places: readonly Place[],
    now: number,
    bytes: number = SLICE_BYTES,
    ahead?: NextEntries,
  ): Promise<Map<string, LogSlice>> {
    const runs = this.known(places, bytes, now);
    const reading = this.#grown(placesBehind(runs), ahead);
    const slices = runs.map(
      async ({ bytes: knownBytes, channel, entries, position }): Promise<[string, LogSlice]> => {
        const hasMore = entries.length > 0 && (await reading).has(channel);
        const isEnough = entries.length > 0 && (!hasMore || knownBytes >= bytes);
        const slice = { entries, hasMore, lostBefore: undefined };
        return [channel, isEnough ? slice : await this.#read(channel, position, now, bytes)];
      },
    );
    return new Map(await Promise.all(slices));
  }

  async #read(channel: string, position: number, now: number, bytes: number): Promise<LogSlice> {
    const { items, hasMore } = await this.#entries.page({
      where: expression`${keys.channel.is(channel)} AND ${keys.position} > ${keys.position.value(position)}`,
      limit: Math.ceil((SLICE_ENTRIES * bytes) / SLICE_BYTES),
    });
    if (items.length === 0) {
      const isLost = await this.#isLost(channel, position, now);
      return { entries: [], hasMore: false, lostBefore: isLost ? 1 : undefined };
    }
    const alive = items.map(item => logEntry.decode(item)).filter(entry => !isExpired(entry, now));
    const lost = lostBefore(alive, position);
    if (lost !== undefined) return { entries: [], hasMore, lostBefore: lost };
    const { end, resolved } = await this.#resolveSome(alive, now, bytes);
    this.#cache.keep(
      channel,
      resolved.filter(({ isSettled }) => isSettled),
      now,
    );
    const first = alive[0];
    // The content of an update is kept for twice the log's retention, of prices even longer (`UpdateIds.knownUntil`); the newest
    // entry of a quiet channel outlasts it.
    const isGone = end === 'gone' && resolved.length === 0 && first !== undefined;
    return {
      entries: resolved.map(({ entry }) => entry),
      hasMore: end === 'incomplete' ? false : hasMore || resolved.length < alive.length,
      lostBefore: isGone ? first.position + 1 : undefined,
    };
  }

  /** Entries past each place that this environment knows, as many as a page sends: it is not read what lies behind them. */
  known(places: readonly Place[], bytes: number, now: number): KnownRun[] {
    return places.map(place => ({
      ...place,
      ...this.#cache.known(place.channel, place.position + 1, bytes, now),
    }));
  }

  /** So many updates from a channel's end, also those that are still on their way into other channels. */
  async latest(channel: string, count: number): Promise<LatestUpdate[]> {
    const { items } = await this.#entries.page({
      where: keys.channel.is(channel),
      isDescending: true,
      limit: count,
    });
    const latest: LatestUpdate[] = [];
    for (const together of chunks(
      items.map(item => logEntry.decode(item)),
      CONTENTS_AT_ONCE,
    )) {
      const found = await Promise.all(
        together.map(async ({ position, update, updateId }) => {
          const known = update ?? (await this.find(updateId))?.update;
          return known === undefined ? [] : [{ position, update: known }];
        }),
      );
      latest.push(...found.flat());
    }
    return latest;
  }

  /** Entries up to one that is not complete, or as many as a frame holds, and why they end. */
  async #resolveSome(
    entries: readonly LogEntry[],
    now: number,
    mostBytes: number,
  ): Promise<{ resolved: (ReadEntry & { isSettled: boolean })[]; end: 'incomplete' | 'gone' | undefined }> {
    const resolved: (ReadEntry & { isSettled: boolean })[] = [];
    let bytes = 0;
    for (const together of chunks(entries, CONTENTS_AT_ONCE)) {
      for (const found of await Promise.all(together.map(entry => this.#resolve(entry, now)))) {
        if (found === 'incomplete' || found === 'gone') return { resolved, end: found };
        resolved.push(found);
        bytes += found.bytes;
      }
      if (bytes >= mostBytes) break;
    }
    return { resolved, end: undefined };
  }

  async #resolve(entry: LogEntry, now: number): Promise<Resolved> {
    const isWhole = entry.update !== undefined && entry.positions !== undefined;
    return resolve(entry, isWhole ? undefined : await this.find(entry.updateId), now);
  }

  /** What follows known entries of channels, as many as another request reads beside its own; undefined if none is known. */
  nextEntries(runs: readonly KnownRun[]): NextEntries | undefined {
    const places = placesBehind(runs).slice(0, MOST_BESIDE);
    return places.length === 0 ? undefined : new NextEntries(this.#tableName, places);
  }

  /** The channels that hold an entry at these positions. An entry that was the newest within the last minute has no gap behind it. */
  async #grown(places: readonly Place[], ahead: NextEntries | undefined): Promise<Set<string>> {
    const grown = new Set(places.filter(place => ahead?.holds(place)).map(({ channel }) => channel));
    for await (const items of this.#entries.batchGet(places.filter(place => !ahead?.tellsOf(place))))
      for (const item of items) grown.add(keys.channel.of(item));
    return grown;
  }

  /** The position from which on the log is whole. What lies before is in the state. */
  async start(channel: string, now: number): Promise<number> {
    const pages = this.#hours.query({
      where: hourStart.attributes.channel.is(hoursOf(channel)),
      limit: HOURS_AT_ONCE,
    });
    for await (const items of pages) {
      const reached = items.map(item => hourStart.decode(item)).find(hour => !isExpired(hour, now));
      if (reached !== undefined) return reached.first;
    }
    // It was quiet for as long as the log reaches back. Its newest entry is there, but not what another channel's log has said since of
    // its update: a withdrawal, say.
    return (await this.#newestOf(channel)) + 1;
  }

  /** Whether the channel lacks this position itself, given that nothing lies past it. */
  async #isLost(channel: string, position: number, now: number): Promise<boolean> {
    if (position === 0) return false;
    // A channel's newest entry never expires, so a store that is up to date stands on an entry.
    const entry = await this.#entries.get({ channel, position });
    return entry === undefined || isExpired(entry, now);
  }

  async #newestOf(channel: string, options: ReadOptions = {}): Promise<number> {
    const { items } = await this.#entries.page({
      ...options,
      where: keys.channel.is(channel),
      attributes: [keys.position],
      isDescending: true,
      limit: 1,
    });
    const [newest] = items;
    return newest === undefined ? 0 : keys.position.of(newest);
  }
}

function placesBehind(runs: readonly KnownRun[]): Place[] {
  return runs
    .filter(({ entries }) => entries.length > 0)
    .map(({ channel, entries, position }) => ({ channel, position: position + entries.length + 1 }));
}
