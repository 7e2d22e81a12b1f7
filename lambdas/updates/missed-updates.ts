/** Reads what a store missed from the log, or from the current state where the log no longer reaches back. */
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
import { decodeCursor, encodeCursor, type StatePlace } from './state-cursor.ts';
import type { LogSlice, UpdateLog } from './update-log.ts';

/** A frame of 32 KB, less what `synced` has around its updates and their positions, a long requestId included. */
const FRAME_BYTES = 32 * 1024 - 768;

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

export class CatchUp {
  readonly #log: UpdateLog;
  readonly #current: CurrentState;

  constructor(options: { log: UpdateLog; current: CurrentState }) {
    this.#log = options.log;
    this.#current = options.current;
  }

  /** One page; `recovered` is false where it comes from the current state. @throws StaleCursorError */
  async page(channels: readonly string[], place: Place, now: number): Promise<MissedPage> {
    if ('cursor' in place) return this.#statePage(decodeCursor(place.cursor, channels), now);
    const positions = Object.fromEntries(
      channels.map(channel => [channel, place.positions[channel] ?? 0] as const),
    );
    return (
      (await this.#knownPage(channels, positions, now)) ?? (await this.#logPage(channels, positions, now))
    );
  }

  /**
   * A page that is full of entries that this environment knows: nobody needs to know yet what lies behind them. Undefined
   * where they don't fill one.
   */
  async #knownPage(
    channels: readonly string[],
    positions: Positions,
    now: number,
  ): Promise<MissedPage | undefined> {
    const known = channels.map(
      channel => [channel, this.#log.known(channel, positions[channel] ?? 0, now)] as const,
    );
    // What is not known may be lost, so it is asked for; that is a store's own channel, mostly.
    if (known.reduce((sum, [, { bytes }]) => sum + bytes, 0) < FRAME_BYTES) return undefined;
    const unknown = known.filter(([, { entries }]) => entries.length === 0).map(([channel]) => channel);
    const read = new Map(await this.#slices(unknown, positions, now));
    if ([...read.values()].some(({ lostBefore }) => lostBefore !== undefined)) return undefined;
    const slices = known.map(([channel, { entries }]) => {
      const slice = read.get(channel) ?? { entries, hasMore: true, lostBefore: undefined };
      return [channel, toRun(slice, positions[channel] ?? 0)] as const;
    });
    const runs = await this.#endOffers(slices, now);
    const page = fillPage(runs, positions, budget(channels), now);
    return isFull(page, runs) ? { recovered: true, ...page } : undefined;
  }

  async #logPage(channels: readonly string[], positions: Positions, now: number): Promise<MissedPage> {
    const slices = await this.#slices(channels, positions, now);
    if (slices.some(([, { lostBefore }]) => lostBefore !== undefined)) {
      // From the start in all channels: what holds in one may be replaced in another.
      const start = new Map(
        slices.map(([channel, { lostBefore = 1 }]) => [channel, { read: 0, floor: lostBefore }]),
      );
      return { first: true, ...(await this.#statePage(start, now)) };
    }
    const runs = slices.map(([channel, slice]) => [channel, toRun(slice, positions[channel] ?? 0)] as const);
    return {
      recovered: true,
      ...fillPage(await this.#endOffers(runs, now), positions, budget(channels), now),
    };
  }

  #slices(channels: readonly string[], positions: Positions, now: number) {
    return Promise.all(
      channels.map(
        async channel => [channel, await this.#log.after(channel, positions[channel] ?? 0, now)] as const,
      ),
    );
  }

  /** What is in force from before the log; the page after the last one reads the log. */
  async #statePage(
    places: ReadonlyMap<string, StatePlace>,
    now: number,
  ): Promise<MissedPage & { recovered: false }> {
    const channels = [...places.keys()];
    const read = Object.fromEntries([...places].map(([channel, place]) => [channel, place.read]));
    const runs = await Promise.all(
      [...places].map(
        async ([channel, place]) => [channel, await this.#stateRun(channel, place, now)] as const,
      ),
    );
    const { more, positions, updates } = fillPage(
      await this.#endOffers(runs, now),
      read,
      budget(channels),
      now,
    );
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
    const ended = async (entry: ChannelEntry): Promise<ChannelEntry> => {
      const { update } = entry;
      if (update.kind !== 'offer.published' || !isOver(update, now)) return entry;
      const { offerId } = update.data;
      if (!(await this.#current.isRunning(String(offerId), now))) return entry;
      const { validFromLocal: _from, validUntilLocal: _until, ...utcOnly } = update;
      return {
        ...entry,
        update: { ...utcOnly, kind: 'offer.withdrawn', validFrom: null, validUntil: null, data: { offerId } },
      };
    };
    const changed = runs.map(
      async ([channel, run]) =>
        [channel, { ...run, entries: await Promise.all(run.entries.map(ended)) }] as const,
    );
    return new Map(await Promise.all(changed));
  }

  async #stateRun(channel: string, { floor, read }: StatePlace, now: number): Promise<ChannelRun> {
    const logStart = (await this.#log.start(channel, now)) ?? 1;
    return this.#current.after(channel, read, Math.max(logStart, floor), now);
  }
}

function toRun({ entries, hasMore }: LogSlice, position: number): ChannelRun {
  return { entries, hasMore, end: entries.at(-1)?.position ?? position };
}

/** Room for updates: `synced` also names every channel of the store with its position. */
function budget(channels: readonly string[]): number {
  return FRAME_BYTES - channels.reduce((sum, channel) => sum + channel.length + 16, 0);
}
