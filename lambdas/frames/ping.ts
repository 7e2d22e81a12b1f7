/**
 * The heartbeat: keeps the line from going idle, tells the time, and names the newest positions, so that a silent loss
 * is found. It also heals the registry. It is made to be repeated.
 */
import { storeChannels } from '../../domain/updates/channels.ts';
import type { UpdateLog } from '../updates/update-log.ts';
import type { FrameHandler } from './frame-handler.ts';
import { holdTheLine, type LineKeepers } from './hold-the-line.ts';

export function answerPing({
  log,
  ...keepers
}: LineKeepers & { log: Pick<UpdateLog, 'newest'> }): FrameHandler<'ping'> {
  return async ({ requestId }, arrival) => {
    if (!(await holdTheLine(keepers, arrival, { anew: false }))) return undefined;
    const { identity } = arrival.line;
    return {
      type: 'pong',
      requestId,
      positions: identity.role === 'store' ? await log.newest(storeChannels(identity)) : {},
      serverTime: new Date(arrival.now).toISOString(),
    };
  };
}
