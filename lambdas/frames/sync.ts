/**
 * Catch-up: exactly what the store's channels hold past its positions and what is still valid. The line is registered
 * before the log is read, and a broadcast reads the registry after it has written the log: between the two nothing can
 * slip through. A repeated sync is answered from the same place again.
 */
import { FrameError } from '../../domain/protocol/frame-error.ts';
import { storeChannels } from '../../domain/updates/channels.ts';
import { timeZoneOf } from '../registry/placement.ts';
import type { NextEntries } from '../updates/entry-cache.ts';
import type { CatchUp, MissedPage } from '../updates/missed-updates.ts';
import { StaleCursorError } from '../updates/state-cursor.ts';
import type { FrameHandler, FrameOf } from './frame-handler.ts';
import { holdTheLine, type LineKeepers } from './hold-the-line.ts';

export function answerSync({
  catchUp,
  reportEveryMs,
  ...keepers
}: LineKeepers & {
  catchUp: CatchUp;
  reportEveryMs: (now: number) => Promise<number>;
}): FrameHandler<'sync'> {
  return async (frame, arrival) => {
    const { requestId } = frame;
    const { line, now } = arrival;
    if (line.identity.role !== 'store') throw new FrameError('forbidden', 'only a store syncs', requestId);
    // By its token; where the chain has placed it otherwise, what was read ahead of its own channels is no use.
    const ahead = aheadOf(frame, catchUp, storeChannels(line.identity), now);
    const store = await holdTheLine(keepers, arrival, { anew: true, beside: ahead });
    if (store?.role !== 'store') return undefined;
    const page = await missed(frame, catchUp, storeChannels(store), now, ahead);
    return {
      type: 'synced',
      requestId,
      ...page,
      timeZone: timeZoneOf(store),
      serverTime: new Date(now).toISOString(),
      reportEveryMs: await reportEveryMs(now),
    };
  };
}

function aheadOf(
  { cursor, maxBytes, positions = {} }: FrameOf<'sync'>,
  catchUp: CatchUp,
  channels: readonly string[],
  now: number,
): NextEntries | undefined {
  return cursor === undefined ? catchUp.ahead(channels, positions, now, maxBytes) : undefined;
}

async function missed(
  { cursor, maxBytes, positions = {}, requestId }: FrameOf<'sync'>,
  catchUp: CatchUp,
  channels: readonly string[],
  now: number,
  ahead: NextEntries | undefined,
): Promise<MissedPage> {
  const place = cursor === undefined ? { positions } : { cursor };
  try {
    return await catchUp.page(channels, place, now, maxBytes, ahead);
  } catch (error) {
    if (!(error instanceof StaleCursorError)) throw error;
    throw new FrameError('invalid_frame', error.message, requestId);
  }
}
