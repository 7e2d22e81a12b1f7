/**
 * The items of the `updates` table. Its key is a channel and a position; names that no channel has hold what else is
 * known of updates: `id/ID` an update by its id (position 0), what its id stands for (position 1) and its admission (position 2), `hours/CHANNEL`
 * where the log of a channel began in an hour, `state/ID` how far its current state is written, `published` the list of
 * all updates (positions are milliseconds), `share/ID` and `pace` what the workers of a broadcast share
 * (lambdas/fan-out), `counted` how many updates there were in an hour (lambdas/publishing).
 */
import type { Update, UpdateSummary } from '../../domain/updates/update.ts';
import { expiry, type Item, json, mapOf, number, text } from '../aws/codecs.ts';
import { ItemSchema, optional, type RecordOf } from '../aws/item-schema.ts';
import { leased } from '../aws/lease.ts';

export const UPDATES = 'updates';
export const updatesKey = { channel: text, position: number };

/**
 * An entry of a channel's log. It takes no more than one write unit, whatever its update takes: a partition has a thousand
 * of them a second, and many workers may try for the same position.
 */
export const logEntry = new ItemSchema(UPDATES, updatesKey, {
  updateId: text,
  /** Only where it is small; `publication` has it as well. */
  update: optional(json<Update>()),
  /** Only where the update is in this channel alone, and complete as it is; `publication` has them once all are claimed. */
  positions: optional(mapOf(number)),
  /** Milliseconds since the epoch. */
  appendedAt: number,
  expiresAt: optional(expiry),
});
export type LogEntry = RecordOf<typeof logEntry>;

/** The next part of a withdrawal, and where it goes on: behind a SKU, or within one. */
export interface WithdrawalRest {
  id: string;
  sku: string;
  /** The last of its restored prices that is sent; undefined where all are. */
  within?: string;
}

/** An update by its id: makes publishing idempotent, and is leased to the invocation that publishes it. */
export const publication = new ItemSchema(UPDATES, updatesKey, {
  /** As it was first published. */
  update: json<Update>(),
  /** Newest position of each of its channels before the first attempt. */
  newestBefore: mapOf(number),
  /** Milliseconds since the epoch; it claims its positions after that. */
  begunAt: optional(number),
  /** Once all are claimed. */
  positions: optional(mapOf(number)),
  /** What its frame has no room for, which a further update says; known with the positions. */
  rest: optional(json<WithdrawalRest>()),
  expiresAt: expiry,
  ...leased,
});
export type KnownPublication = RecordOf<typeof publication>;

/** What an id stands for: whoever comes second with other content is refused. */
export const idContent = new ItemSchema(UPDATES, updatesKey, { digest: text, expiresAt: expiry });

/** The first position that a channel's log got in an hour; it is there as long as the log reaches back to that hour. */
export const hourStart = new ItemSchema(UPDATES, updatesKey, { first: number, expiresAt: expiry });

/** An update in the list of what was published. */
export const listing = new ItemSchema(UPDATES, updatesKey, {
  updateId: text,
  update: json<UpdateSummary>(),
  expiresAt: expiry,
});

const ID_PREFIX = 'id/';
const PUBLICATION = 0;
const CONTENT = 1;
const ADMISSION = 2;

/** The key of an update's item by id. */
export function publicationKey(id: string): { channel: string; position: number } {
  return { channel: `${ID_PREFIX}${id}`, position: PUBLICATION };
}

export function idContentKey(id: string): { channel: string; position: number } {
  return { channel: `${ID_PREFIX}${id}`, position: CONTENT };
}

/** That it may be published although it breaks guards (lambdas/publishing). */
export function admissionKey(id: string): { channel: string; position: number } {
  return { channel: `${ID_PREFIX}${id}`, position: ADMISSION };
}

export function hoursOf(channel: string): string {
  return `hours/${channel}`;
}

/** The update whose item by id this key is; undefined for any other item. */
export function updateOfKey(key: Item): string | undefined {
  const { channel, position } = publication.attributes;
  const name = channel.of(key);
  return name.startsWith(ID_PREFIX) && position.of(key) === PUBLICATION
    ? name.slice(ID_PREFIX.length)
    : undefined;
}
