/** Reads what a store missed from the log, or from the current state where the log no longer reaches back. */
import {
  type CatchUpPage,
  type ChannelRun,
  fillPage,
  isReadingState,
  statePlace,
  statePosition,
} from '../../domain/catch-up.ts';
import type { Positions } from '../../domain/update.ts';
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
    const page = await this.#read(channels, positions, now);
    const isEnded = await Promise.all(
      page.updates.map(
        async update =>
          update.kind === 'offer.published' && this.#current.isReplacedByEnded(channels, update, now),
      ),
    );
    return { ...page, updates: page.updates.filter((_, index) => !isEnded[index]) };
  }

  async #read(
    channels: readonly string[],
    positions: Positions,
    now: number,
  ): Promise<CatchUpPage & { recovered: boolean }> {
    if (isReadingState(positions)) return this.#statePage(positions, now);
    const slices = await Promise.all(
      channels.map(
        async channel => [channel, await this.#log.after(channel, positions[channel] ?? 0, now)] as const,
      ),
    );
    if (slices.some(([, { isTruncated }]) => isTruncated))
      return this.#statePage({ ...positions, ...fromStart(channels) }, now);
    const runs = new Map(slices.map(([channel, slice]) => [channel, toRun(slice, positions[channel] ?? 0)]));
    return { recovered: true, ...fillPage(runs, positions, budget(channels), now) };
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
    const page = fillPage(new Map(runs), read, budget(channels), now);
    if (!page.more) return { ...page, recovered: false, more: true };
    const positions = Object.entries(page.positions).map(
      ([channel, position]) => [channel, statePlace(position)] as const,
    );
    return { ...page, recovered: false, positions: Object.fromEntries(positions) };
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
