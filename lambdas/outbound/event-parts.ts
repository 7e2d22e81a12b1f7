/**
 * Sizes of the outbound events. EventBridge bills each 64 KB of an event, so lists fill that and no more; a request holds ten
 * events, and in accounts that are behind 256 KB ("PutEvents", "Calculating PutEvents event entry size").
 */
import { OUTBOUND_SOURCE, type OutboundType } from '../../domain/outbound/outbound-events.ts';

/** An event as it is put: its detail is JSON. */
export interface PutEvent {
  type: OutboundType;
  detail: string;
}

const PRICED_BYTES = 64 * 1_024;
const REQUEST_BYTES = 250_000;
const REQUEST_EVENTS = 10;

/** A list in as few events as hold it, in its order. @param items JSON of each */
export function listEvents(type: OutboundType, name: string, items: readonly string[]): PutEvent[] {
  const frame = bytesOf({ type, detail: `{"${name}":[]}` });
  return grouped(
    items,
    item => Buffer.byteLength(item) + 1,
    (bytes, count) => count === 0 || frame + bytes <= PRICED_BYTES,
  ).map(together => ({ type, detail: `{"${name}":[${together.join(',')}]}` }));
}

/** Events by the requests that hold them, in their order. */
export function requestsOf(events: readonly PutEvent[]): PutEvent[][] {
  return grouped(
    events,
    bytesOf,
    (bytes, count) => count === 0 || (count < REQUEST_EVENTS && bytes <= REQUEST_BYTES),
  );
}

function bytesOf({ detail, type }: PutEvent): number {
  return OUTBOUND_SOURCE.length + type.length + Buffer.byteLength(detail);
}

/** @param fits whether a group that holds `count` items may have one more, with which it takes so many bytes */
function grouped<T>(
  items: readonly T[],
  sizeOf: (item: T) => number,
  fits: (bytes: number, count: number) => boolean,
): T[][] {
  const groups: T[][] = [];
  let bytes = 0;
  for (const item of items) {
    const size = sizeOf(item);
    const last = groups.at(-1);
    if (last !== undefined && fits(bytes + size, last.length)) {
      last.push(item);
      bytes += size;
    } else {
      groups.push([item]);
      bytes = size;
    }
  }
  return groups;
}
