/**
 * The heartbeat: keeps the line from going idle, tells the time, and heals the registry. A line without an entry
 * gets one (a post during `$connect` is answered 410 and takes the entry off); a line that a newer one has replaced
 * is closed.
 */
import { storeChannels } from '../../domain/channels.ts';
import type { Identity } from '../../domain/identity.ts';
import type { Positions } from '../../domain/update.ts';
import { SupersededError } from '../shared/connections.ts';
import type { FrameContext, FrameHandler } from './frame-handler.ts';

export const ping: FrameHandler<'ping'> = async (frame, context) => {
  if (!(await holdsTheLine(context))) return undefined;
  return {
    type: 'pong',
    requestId: frame.requestId,
    positions: newestPositions(context.line.identity),
    serverTime: new Date(context.now).toISOString(),
  };
};

async function holdsTheLine({ line, connections, gateway }: FrameContext): Promise<boolean> {
  try {
    if (!(await connections.isRegistered(line))) await connections.register(line);
    return true;
  } catch (error) {
    if (!(error instanceof SupersededError)) throw error;
    await gateway.close(line.connectionId, 'replaced');
    return false;
  }
}

/** No log is kept yet, so every channel of the store stands at 0. */
function newestPositions(identity: Identity): Positions {
  if (identity.role !== 'store') return {};
  return Object.fromEntries(storeChannels(identity).map(channel => [channel, 0]));
}
