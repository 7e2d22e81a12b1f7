/**
 * What a store missed: exactly the updates that its channels hold past its positions and that are still valid, each
 * once, in pages that fit a frame. Where the log no longer reaches back to a position, the store gets the current
 * state instead: what is in force from before the log, and then the log.
 */
import { isOver } from '../retail/validity.ts';
import type { Positions, UpdateFrame } from './update.ts';

/** An update at its position in one channel, from the log or from the state. */
export interface ChannelEntry {
  position: number;
  /** With its position in every channel that it was published to, as far as they are known. */
  update: UpdateFrame;
}

/** What one channel holds past a position, in its order. */
export interface ChannelRun {
  entries: readonly ChannelEntry[];
  /** More is there than was read. */
  hasMore: boolean;
  /** Where the channel stands once all of `entries` are read: entries that are over lie on the way, too. */
  end: number;
}

export interface CatchUpPage {
  updates: UpdateFrame[];
  positions: Positions;
  more: boolean;
}

/** Whether a page ends before what was read of the channels does. */
export function isFull({ positions }: CatchUpPage, runs: ReadonlyMap<string, ChannelRun>): boolean {
  return [...runs].some(([channel, { end }]) => (positions[channel] ?? 0) < end);
}

/**
 * One page of what a store's channels hold.
 *
 * @param runs by channel, all of the store's channels in a fixed order
 * @param passed the store's positions: an update that any of them has passed is not sent again
 * @param budgetBytes for the updates; one update always fits
 * @param now milliseconds since the epoch: an update that is over is passed, but not sent
 */
export function fillPage(
  runs: ReadonlyMap<string, ChannelRun>,
  passed: Positions,
  budgetBytes: number,
  now: number,
): CatchUpPage {
  const page: CatchUpPage = { updates: [], positions: {}, more: false };
  const sent = new Set<string>();
  let bytes = 0;
  let isFull = false;
  for (const [channel, { entries, hasMore, end }] of runs) {
    let reached = passed[channel] ?? 0;
    for (const { position, update } of entries) {
      const skip = sent.has(update.id) || isPassed(update, passed) || isOver(update, now);
      const size = skip ? 0 : encodedUpdate(update).bytes;
      if (isFull || (bytes + size > budgetBytes && page.updates.length > 0)) {
        isFull = true;
        break;
      }
      if (!skip) {
        page.updates.push(update);
        sent.add(update.id);
        bytes += size;
      }
      reached = position;
    }
    const isRead = !isFull || reached === (entries.at(-1)?.position ?? reached);
    page.positions[channel] = isRead ? end : reached;
    if (!isRead || hasMore) page.more = true;
  }
  return page;
}

function isPassed({ positions }: UpdateFrame, passed: Positions): boolean {
  for (const channel in positions) if ((positions[channel] ?? 0) <= (passed[channel] ?? 0)) return true;
  return false;
}

interface Encoded {
  text: string;
  /** Bytes in a frame, the comma included. */
  bytes: number;
}

/** In a storm the same updates are looked at a thousand times, and none of them changes. */
const encoded = new WeakMap<object, Encoded>();

/** An update as it is in a frame. */
export function encodedUpdate(update: object): Encoded {
  const known = encoded.get(update);
  if (known !== undefined) return known;
  const text = JSON.stringify(update);
  const made = { text, bytes: new TextEncoder().encode(text).length + 1 };
  encoded.set(update, made);
  return made;
}
