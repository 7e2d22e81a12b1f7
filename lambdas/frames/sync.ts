/**
 * Catch-up: exactly what the store's channels hold past its positions and what is still valid. The line is registered
 * before the log is read, and a broadcast reads the registry after it has written the log: between the two nothing can
 * slip through. A repeated sync is answered from the same positions again.
 */
import { FrameError } from '../../domain/protocol/store-frames.ts';
import { storeChannels } from '../../domain/updates/channels.ts';
import type { CatchUp } from '../updates/missed-updates.ts';
import type { FrameHandler } from './frame-handler.ts';
import { holdTheLine, type LineKeepers } from './hold-the-line.ts';

export function answerSync({
  catchUp,
  ...keepers
}: LineKeepers & { catchUp: CatchUp }): FrameHandler<'sync'> {
  return async ({ positions = {}, requestId }, arrival) => {
    const { line, now } = arrival;
    if (line.identity.role !== 'store') throw new FrameError('forbidden', 'only a store syncs', requestId);
    if (!(await holdTheLine(keepers, arrival, { anew: true }))) return undefined;
    const page = await catchUp.page(storeChannels(line.identity), positions, now);
    return { type: 'synced', requestId, ...page, serverTime: new Date(now).toISOString() };
  };
}
