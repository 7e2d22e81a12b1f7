/** Reads what a store missed from the log, or from the current state where the log no longer reaches back. */
import { isOver } from '../../domain/time.ts';
import {
  type CatchUpPage,
  type ChannelEntry,
  type ChannelRun,
  fillPage,
  isReadingState,
  statePlace,
  statePosition,
} from '../../domain/updates/catch-up-page.ts';
import type { Positions } from '../../domain/updates/update.ts';
import type { CurrentState } from './current-state.ts';
import type { LogSlice, UpdateLog } from './update-log.ts';

/** A frame of 32 KB, less what `synced` has around its updates and their positions, a long requestId included. */
const FRAME_BYTES = 32 * 1024 - 768;

export class CatchUp {
  readonly #log: UpdateLog;
  readonly #current: CurrentState;

  constructor(options: { log: UpdateLog; current: CurrentState }) {
    this.#log = options.log;
    this.#current = options.current;
  }

  /** One page past these positions; `recovered` is false where it comes from the current state. */
  async page(
    channels: readonly string[],
    given: Positions,
    now: number,
  ): Promise<CatchUpPage & { recovered: boolean }> {
    const positions = Object.fromEntries(channels.map(channel => [channel, given[channel] ?? 0]));
    if (isReadingState(positions)) return this.#statePage(positions, now);
    const slices = await Promise.all(
      channels.map(
        async channel => [channel, await this.#log.after(channel, positions[channel] ?? 0, now)] as const,
      ),
    );
    if (slices.some(([, { isTruncated }]) => isTruncated)) return this.#statePage(fromStart(channels), now);
    const runs = slices.map(([channel, slice]) => [channel, toRun(slice, positions[channel] ?? 0)] as const);
    return {
      recovered: true,
      ...fillPage(await this.#endOffers(runs, now), positions, budget(channels), now),
    };
  }

  /** What is in force from before the log; the page after the last one reads the log. */
  async #statePage(places: Positions, now: number): Promise<CatchUpPage & { recovered: boolean }> {
    const channels = Object.keys(places);
    const read = Object.fromEntries(channels.map(channel => [channel, statePosition(places[channel])]));
    const runs = await Promise.all(
      channels.map(
        async channel => [channel, await this.#stateRun(channel, read[channel] ?? 0, now)] as const,
      ),
    );
    const page = fillPage(await this.#endOffers(runs, now), read, budget(channels), now);
    if (!page.more) return { ...page, recovered: false, more: true };
    const positions = Object.entries(page.positions).map(
      ([channel, position]) => [channel, statePlace(position)] as const,
    );
    return { ...page, recovered: false, positions: Object.fromEntries(positions) };
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
      return {
        ...entry,
        update: { ...update, kind: 'offer.withdrawn', validFrom: null, validUntil: null, data: { offerId } },
      };
    };
    const changed = runs.map(
      async ([channel, run]) =>
        [channel, { ...run, entries: await Promise.all(run.entries.map(ended)) }] as const,
    );
    return new Map(await Promise.all(changed));
  }

  async #stateRun(channel: string, read: number, now: number): Promise<ChannelRun> {
    const logStart = (await this.#log.start(channel, now)) ?? 1;
    return this.#current.after(channel, read, logStart, now);
  }
}

function fromStart(channels: readonly string[]): Positions {
  return Object.fromEntries(channels.map(channel => [channel, statePlace(0)]));
}

function toRun({ entries, hasMore }: LogSlice, position: number): ChannelRun {
  return { entries, hasMore, end: entries.at(-1)?.position ?? position };
}

/** Room for updates: `synced` also names every channel of the store with its position. */
function budget(channels: readonly string[]): number {
  return FRAME_BYTES - channels.reduce((sum, channel) => sum + channel.length + 16, 0);
}
