/**
 * Catch-up: exactly what the store's channels hold past its positions and what is still valid. The line is registered
 * before the log is read, and a broadcast reads the registry after it has written the log: between the two nothing can
 * slip through. A repeated sync is answered from the same place again.
 */
import { FrameError } from '../../domain/protocol/frame-error.ts';
import { storeChannels } from '../../domain/updates/channels.ts';
import { timeZoneOf } from '../registry/placement.ts';
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
    const store = await holdTheLine(keepers, arrival, { anew: true });
    if (store?.role !== 'store') return undefined;
    const page = await missed(frame, catchUp, storeChannels(store), now);
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

async function missed(
  { cursor, maxBytes, positions = {}, requestId }: FrameOf<'sync'>,
  catchUp: CatchUp,
  channels: readonly string[],
  now: number,
): Promise<MissedPage> {
  try {
    return await catchUp.page(channels, cursor === undefined ? { positions } : { cursor }, now, maxBytes);
  } catch (error) {
    if (!(error instanceof StaleCursorError)) throw error;
    throw new FrameError('invalid_frame', error.message, requestId);
  }
}
