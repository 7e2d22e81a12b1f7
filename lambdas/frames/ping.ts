/**
 * The heartbeat: keeps the line from going idle, tells the time, and names the newest positions, so that a silent loss
 * is found. It also heals the registry. Repeating it is what it is for.
 */
import { storeChannels } from '../../domain/updates/channels.ts';
import type { FrameHandler } from './frame-handler.ts';
import { holdTheLine } from './hold-the-line.ts';

export const ping: FrameHandler<'ping'> = async (frame, context) => {
  if (!(await holdTheLine(context, { anew: false }))) return undefined;
  const { line, log, now } = context;
  const { identity } = line;
  return {
    type: 'pong',
    requestId: frame.requestId,
    positions: identity.role === 'store' ? await log.newest(storeChannels(identity)) : {},
    serverTime: new Date(now).toISOString(),
  };
};
