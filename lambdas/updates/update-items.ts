/**
 * The items of the `updates` table. Its key is a channel and a position; names that no channel has hold what else is
 * known of updates: `id/ID` (position 0) an update by its id, `published` the list of all of them (positions are
 * milliseconds), `share/ID` and `pace` what the workers of a broadcast share (lambdas/fan-out).
 */
import type { ChannelEntry } from '../../domain/updates/catch-up-page.ts';
import { type Positions, toFrame, type Update, type UpdateSummary } from '../../domain/updates/update.ts';
import { expiry, type Item, json, mapOf, number, text } from '../aws/codecs.ts';
import { ItemSchema, optional, type RecordOf } from '../aws/item-schema.ts';
import { leased } from '../aws/lease.ts';

export const UPDATES = 'updates';
export const updatesKey = { channel: text, position: number };

/** An entry of a channel's log. */
export const logEntry = new ItemSchema(UPDATES, updatesKey, {
  updateId: text,
  update: json<Update>(),
  /** Its positions in every channel; an entry in several has none until all are claimed. */
  positions: optional(mapOf(number)),
  /** Milliseconds since the epoch. */
  appendedAt: number,
  expiresAt: optional(expiry),
});
export type LogEntry = RecordOf<typeof logEntry>;

/** An update by its id: makes publishing idempotent, and is leased to the invocation that publishes it. */
export const publication = new ItemSchema(UPDATES, updatesKey, {
  /** As it was first published. */
  update: json<Update>(),
  /** Newest position of each of its channels before the first attempt. */
  newestBefore: mapOf(number),
  /** Once all are claimed. */
  positions: optional(mapOf(number)),
  expiresAt: expiry,
  ...leased,
});

/** An update in the list of what was published. */
export const listing = new ItemSchema(UPDATES, updatesKey, {
  updateId: text,
  update: json<UpdateSummary>(),
  expiresAt: expiry,
});

/**
 * An entry in several channels is complete only once all its positions are claimed: until then no catch-up reads past
 * it. After so long its worker and the worker's retries have given up, and it counts as it is.
 */
const INCOMPLETE_MS = 300_000;
const ID_PREFIX = 'id/';

/** The key of an update's item by id. */
export function publicationKey(id: string): { channel: string; position: number } {
  return { channel: `${ID_PREFIX}${id}`, position: 0 };
}

/** The update whose item by id this key is; undefined for any other item. */
export function updateOfKey(key: Item): string | undefined {
  const channel = logEntry.attributes.channel.of(key);
  return channel.startsWith(ID_PREFIX) ? channel.slice(ID_PREFIX.length) : undefined;
}

/** Whether entries go on from a position without a gap. */
export function isUnbroken(entries: readonly LogEntry[], from: number): boolean {
  return entries.length > 0 && entries.every(({ position }, index) => position === from + 1 + index);
}

export function takeComplete(entries: readonly LogEntry[], now: number): LogEntry[] {
  const firstIncomplete = entries.findIndex(
    ({ appendedAt, positions }) => positions === undefined && appendedAt > now - INCOMPLETE_MS,
  );
  return entries.slice(0, firstIncomplete < 0 ? undefined : firstIncomplete);
}

export function toChannelEntry({ channel, position, positions, update }: LogEntry): ChannelEntry {
  const known: Positions = positions ?? { [channel]: position };
  return { position, update: toFrame(update, known) };
}
