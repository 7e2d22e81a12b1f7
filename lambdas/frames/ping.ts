/**
 * The heartbeat: it keeps the line from being idle, gives the time and the newest positions, so that a store notices a
 * lost post, and heals the registry. It may be repeated at any time.
 */
import { storeChannels } from '../../domain/updates/channels.ts';
import { timeZoneOf } from '../registry/placement.ts';
import type { UpdateLog } from '../updates/update-log.ts';
import type { FrameHandler } from './frame-handler.ts';
import { holdTheLine, type LineKeepers } from './hold-the-line.ts';

export function answerPing({
  log,
  reportEveryMs,
  ...keepers
}: LineKeepers & {
  log: Pick<UpdateLog, 'newest'>;
  reportEveryMs: (now: number) => Promise<number>;
}): FrameHandler<'ping'> {
  return async ({ requestId }, arrival) => {
    const held = await holdTheLine(keepers, arrival, { anew: false });
    if (held === undefined) return undefined;
    return {
      type: 'pong',
      requestId,
      positions: held.role === 'store' ? await log.newest(storeChannels(held)) : {},
      ...(held.role === 'store' && { timeZone: timeZoneOf(held) }),
      serverTime: new Date(arrival.now).toISOString(),
      reportEveryMs: await reportEveryMs(arrival.now),
    };
  };
}
