/**
 * Catch-up: exactly what the store's channels hold past its positions and what is still valid. The line is registered
 * before the log is read, and a broadcast reads the registry after it has written the log: between the two nothing can
 * slip through. A repeated sync is answered from the same positions again.
 */

import { FrameError } from '../../domain/protocol/store-frames.ts';
import { storeChannels } from '../../domain/updates/channels.ts';
import type { FrameHandler } from './frame-handler.ts';
import { holdTheLine } from './hold-the-line.ts';

export const sync: FrameHandler<'sync'> = async (frame, context) => {
  const { line, catchUp, now } = context;
  if (line.identity.role !== 'store')
    throw new FrameError('forbidden', 'only a store syncs', frame.requestId);
  if (!(await holdTheLine(context, { anew: true }))) return undefined;
  const page = await catchUp.page(storeChannels(line.identity), frame.positions ?? {}, now);
  return { type: 'synced', requestId: frame.requestId, ...page, serverTime: new Date(now).toISOString() };
};
