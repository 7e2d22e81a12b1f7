/** Reads what a store missed from the log, or from the current state where the log no longer reaches back. */
import { SYNCED_BYTES } from '../../domain/protocol/store-frames.ts';
import { isOver } from '../../domain/retail/validity.ts';
import {
  type CatchUpPage,
  type ChannelEntry,
  type ChannelRun,
  fillPage,
  isFull,
} from '../../domain/updates/catch-up-page.ts';
import type { Positions, UpdateFrame } from '../../domain/updates/update.ts';
import type { CurrentState } from './current-state.ts';
import type { NextEntries } from './entry-cache.ts';
import { decodeCursor, encodeCursor, type StatePlace } from './state-cursor.ts';
import type { LogSlice, UpdateLog } from './update-log.ts';

/** What `synced` has around its updates and their positions, a long requestId included. */
const FRAME_AROUND_BYTES = 768;

/** Where a store goes on: past its positions in the log, or in the current state. */
export type Place = { positions: Positions } | { cursor: string };

/** A page of the log, or one of the current state; `positions` come with the last of those. */
export type MissedPage =
  | ({ recovered: true } & CatchUpPage)
  | {
      recovered: false;
      first?: true;
      updates: UpdateFrame[];
      cursor?: string;
      positions?: Positions;
      more: true;
    };

interface Asked {
  channels: readonly string[];
  now: number;
  /** For the updates. */
  budgetBytes: number;
  ahead?: NextEntries | undefined;
}

export class CatchUp {
  readonly #log: UpdateLog;
  readonly #current: CurrentState;

  constructor(options: { log: UpdateLog; current: CurrentState }) {
    this.#log = options.log;
    this.#current = options.current;
  }

  /**
   * What a page of the log will have to read beyond the entries that this environment knows, for a request that is made
   * before it; undefined where there is nothing of it.
   */
  ahead(
    channels: readonly string[],
    positions: Positions,
    now: number,
    frameBytes: number = SYNCED_BYTES.least,
  ): NextEntries | undefined {
    const budgetBytes = budget(channels, frameBytes);
    const known = this.#log.known(placesOf(channels, positions), budgetBytes, now);
    return isMoreThan(budgetBytes, known) ? undefined : this.#log.nextEntries(known);
  }

  /**
   * One page; `recovered` is false where it comes from the current state.
   *
   * @param frameBytes that its store takes, with what is around it @default 32 KB; never above 128
   * @param ahead was read since the store's line is entered
   * @throws StaleCursorError
   */
  async page(
    channels: readonly string[],
    place: Place,
    now: number,
    frameBytes: number = SYNCED_BYTES.least,
    ahead?: NextEntries,
  ): Promise<MissedPage> {
    const asked: Asked = { channels, now, budgetBytes: budget(channels, frameBytes), ahead };
    if ('cursor' in place) return this.#statePage(decodeCursor(place.cursor, channels), asked);
    const positions = Object.fromEntries(
      channels.map(channel => [channel, place.positions[channel] ?? 0] as const),
    );
    return (await this.#knownPage(positions, asked)) ?? (await this.#logPage(positions, asked));
  }

  /**
   * A page that is full of entries that this environment knows: nobody needs to know yet what lies behind them. Undefined
   * where they don't fill one.
   */
  async #knownPage(positions: Positions, asked: Asked): Promise<MissedPage | undefined> {
    const { budgetBytes, channels, now } = asked;
    const known = this.#log.known(placesOf(channels, positions), budgetBytes, now);
    // What is not known may be lost, so it is asked for; that is a store's own channel, mostly.
    if (!isMoreThan(budgetBytes, known)) return undefined;
    const unknown = known.filter(({ entries }) => entries.length === 0).map(({ channel }) => channel);
    const read = await this.#slices(unknown, positions, asked);
    if ([...read.values()].some(({ lostBefore }) => lostBefore !== undefined)) return undefined;
    const slices = known.map(({ channel, entries, position }) => {
      const slice = read.get(channel) ?? { entries, hasMore: true, lostBefore: undefined };
      return [channel, toRun(slice, position)] as const;
    });
    const runs = await this.#endOffers(slices, now);
    const page = fillPage(runs, positions, budgetBytes, now);
    return isFull(page, runs) ? { recovered: true, ...page } : undefined;
  }

  async #logPage(positions: Positions, asked: Asked): Promise<MissedPage> {
    const slices = [...(await this.#slices(asked.channels, positions, asked))];
    if (slices.some(([, { lostBefore }]) => lostBefore !== undefined)) {
      // From the start in all channels: what holds in one may be replaced in another.
      const start = new Map(
        slices.map(([channel, { lostBefore = 1 }]) => [channel, { read: 0, floor: lostBefore }]),
      );
      return { first: true, ...(await this.#statePage(start, asked)) };
    }
    const runs = slices.map(([channel, slice]) => [channel, toRun(slice, positions[channel] ?? 0)] as const);
    return {
      recovered: true,
      ...fillPage(await this.#endOffers(runs, asked.now), positions, asked.budgetBytes, asked.now),
    };
  }

  #slices(channels: readonly string[], positions: Positions, { ahead, budgetBytes, now }: Asked) {
    return this.#log.afterAll(placesOf(channels, positions), now, budgetBytes, ahead);
  }

  /** What is in force from before the log; the page after the last one reads the log. */
  async #statePage(
    places: ReadonlyMap<string, StatePlace>,
    { budgetBytes, now }: Asked,
  ): Promise<MissedPage & { recovered: false }> {
    const read = Object.fromEntries([...places].map(([channel, place]) => [channel, place.read]));
    const runs = await Promise.all(
      [...places].map(
        async ([channel, place]) => [channel, await this.#stateRun(channel, place, now)] as const,
      ),
    );
    const { more, positions, updates } = fillPage(await this.#endOffers(runs, now), read, budgetBytes, now);
    if (!more) return { recovered: false, updates, positions, more: true };
    const next = new Map(
      [...places].map(([channel, { floor }]) => [channel, { read: positions[channel] ?? 0, floor }]),
    );
    return { recovered: false, updates, cursor: encodeCursor(next), more: true };
  }

  /**
   * An offer that is over is not sent. But it may have replaced an earlier event of the same offer that is still
   * running and that the store holds: then it is sent as what it now means, the offer's withdrawal.
   */
  async #endOffers(
    runs: readonly (readonly [string, ChannelRun])[],
    now: number,
  ): Promise<Map<string, ChannelRun>> {
    const isEnded = ({ update }: ChannelEntry) => update.kind === 'offer.published' && isOver(update, now);
    const ended = async (entry: ChannelEntry): Promise<ChannelEntry> => {
      if (!isEnded(entry)) return entry;
      const { update } = entry;
      const { offerId } = update.data;
      if (!(await this.#current.isRunning(String(offerId), now))) return entry;
      const { validFromLocal: _from, validUntilLocal: _until, ...utcOnly } = update;
      return {
        ...entry,
        update: { ...utcOnly, kind: 'offer.withdrawn', validFrom: null, validUntil: null, data: { offerId } },
      };
    };
    const changed = runs.map(async ([channel, run]): Promise<readonly [string, ChannelRun]> => {
      if (!run.entries.some(isEnded)) return [channel, run];
      return [channel, { ...run, entries: await Promise.all(run.entries.map(ended)) }];
    });
    return new Map(await Promise.all(changed));
  }

  async #stateRun(channel: string, { floor, read }: StatePlace, now: number): Promise<ChannelRun> {
    const logStart = await this.#log.start(channel, now);
    return this.#current.after(channel, read, Math.max(logStart, floor), now);
  }
}

function placesOf(channels: readonly string[], positions: Positions) {
  return channels.map(channel => ({ channel, position: positions[channel] ?? 0 }));
}

function isMoreThan(budgetBytes: number, known: readonly { bytes: number }[]): boolean {
  return known.reduce((sum, { bytes }) => sum + bytes, 0) > budgetBytes;
}

function toRun({ entries, hasMore }: LogSlice, position: number): ChannelRun {
  return { entries, hasMore, end: entries.at(-1)?.position ?? position };
}

/** Room for updates: `synced` also names every channel of the store with its position. */
function budget(channels: readonly string[], frameBytes: number): number {
  const { least, most } = SYNCED_BYTES;
  const names = channels.reduce((sum, channel) => sum + channel.length + 16, 0);
  return Math.min(Math.max(frameBytes, least), most) - FRAME_AROUND_BYTES - names;
}
