/** What a well-behaved chain answers to a frame. */
import { FrameError } from '../../domain/protocol/frame-error.ts';
import { parseStoreFrame } from '../../domain/protocol/store-frames.ts';
import type { Positions } from '../../domain/updates/update.ts';
import type { Frame } from './chain-line.ts';
import type { ChannelLog } from './channel-log.ts';

/** The chain that answers. */
export interface Answering {
  readonly log: ChannelLog;
  readonly channels: readonly string[];
  timestamp(): string;
  pong(change: Frame): Frame;
  synced(frame: Frame, change: Frame): Frame;
  reportAccepted(frame: Frame, change: Frame): Frame;
}

/** Updates that a page of an answer to `sync` holds. */
const PAGE = 50;

export function errorFrame(frame: Frame, code: string, message = 'as the scenario has it'): Frame {
  return { type: 'error', requestId: frame?.requestId, code, message };
}

/** The gateway's own, for when the chain's code could not run. */
export function gatewayError(): Frame {
  return { message: 'Internal server error', connectionId: 'c0FfeE=', requestId: 'gAtEwAy=' };
}

/** @returns what is wrong with a frame, in words, or undefined */
export function faultOf(text: string): FrameError | undefined {
  try {
    parseStoreFrame(text);
    return undefined;
  } catch (error) {
    if (error instanceof FrameError) return error;
    throw error;
  }
}

export function answerTo(chain: Answering, frame: Frame): Frame {
  const { requestId } = frame;
  switch (frame.action) {
    case 'ping':
      return chain.pong({ requestId });
    case 'sync':
      return chain.synced(frame, pageFor(chain, frame));
    case 'applied':
      return { type: 'applied.accepted', requestId, ids: idsIn(frame) };
    case 'sales':
      return { type: 'sales.accepted', requestId, saleIds: saleIdsIn(frame), rejected: [] };
    case 'message':
      return { type: 'message.accepted', requestId, messageId: frame.messageId };
    case 'report':
      return chain.reportAccepted(frame, {});
    default:
      return errorFrame(frame, 'forbidden', 'that is a manager’s to ask');
  }
}

/** Ids of the updates whose receipts a frame carries. */
export function idsIn({ updates = [], rejected = [] }: Frame): string[] {
  return [...updates, ...rejected].map(({ id }) => id);
}

export function saleIdsIn({ sales = [] }: Frame): string[] {
  return sales.map(({ saleId }: Frame) => saleId);
}

function pageFor(chain: Answering, { positions = {} }: Frame): Frame {
  const updates = chain.log.past(positions, chain.channels, chain.timestamp());
  if (updates.length <= PAGE) return { updates };
  const page = updates.slice(0, PAGE);
  const reached: Positions = Object.fromEntries(
    chain.channels.map(channel => [channel, positions[channel] ?? 0]),
  );
  for (const { positions: at } of page) {
    for (const [channel, position] of Object.entries(at)) {
      if (channel in reached) reached[channel] = Math.max(position, reached[channel] ?? 0);
    }
  }
  return { updates: page, positions: reached, more: true };
}
