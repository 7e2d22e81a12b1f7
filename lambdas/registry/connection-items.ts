/**
 * The items of the `connections` table. Attribute names are one letter, because a broadcast reads these items by the
 * thousand and pays by their size.
 */
import type { StoreIdentity } from '../../domain/identity/identity.ts';
import type { StorePlacement } from '../../domain/updates/channels.ts';
import type { Change } from '../aws/change.ts';
import { expiry, type Item, number, text, textSet } from '../aws/codecs.ts';
import { ItemSchema, optional, type RecordOf, short } from '../aws/item-schema.ts';

/** A line as a broadcast needs it: where to post, and what to delete if nobody is there. */
export interface Member {
  shard: number;
  member: string;
  connectionId: string;
}

/** A connected store as management sees it. */
export interface ConnectedStore {
  storeId: string;
  region: string | undefined;
  groups: string[];
  connectionId: string;
  /** Milliseconds since the epoch. */
  connectedAt: number;
}

/** A store that came on the line, or went off it. */
export interface Presence {
  storeId: string;
  isConnected: boolean;
  /** Milliseconds since the epoch: when the line was opened, or its entry was removed. */
  at: number;
}

/** The line that a store holds, or one of the lines that a manager has opened. */
export const connection = new ItemSchema(
  'connections',
  { shard: short('s', number), member: short('m', text) },
  {
    connectionId: short('c', text),
    /** Milliseconds since the epoch, as is the next. */
    connectedAt: short('t', number),
    enteredAt: short('e', number),
    expiresAt: short('x', expiry),
    /** What the line calls itself. */
    name: short('n', optional(text)),
    region: short('r', optional(text)),
    groups: short('g', optional(textSet)),
    /** Of the placement that region and groups are of (placement.ts). */
    placementVersion: short('v', optional(number)),
  },
);
export type Connection = RecordOf<typeof connection>;

/** Below and above the keys of all stores: `$` follows `#`. */
export const FIRST_STORE = 'store#';
export const LAST_STORE = 'store$';
export const FIRST_MANAGER = 'manager#';
export const LAST_MANAGER = 'manager$';

// A broadcast reads entries by the thousand: these functions read only the attributes that they need.
const { connectedAt, connectionId, expiresAt, groups, member, name, region } = connection.attributes;

/** DynamoDB deletes an entry up to two days after its end. */
export function isOpen(item: Item, now: number): boolean {
  return expiresAt.of(item) > now;
}

export function toMember(shard: number, item: Item): Member {
  return { shard, member: member.of(item), connectionId: connectionId.of(item) };
}

export function placementOf(item: Item): StorePlacement & { groups: string[] } {
  return {
    storeId: member.of(item).slice(FIRST_STORE.length),
    region: region.of(item),
    groups: groups.of(item) ?? [],
  };
}

export function toConnectedStore(item: Item): ConnectedStore {
  return { ...placementOf(item), connectionId: connectionId.of(item), connectedAt: connectedAt.of(item) };
}

/** A store's region and groups, as its entry has them. */
export function placement({ region, groups }: StoreIdentity): Pick<Connection, 'region' | 'groups'> {
  // DynamoDB has no empty set.
  return { region, groups: groups.length === 0 ? undefined : [...groups] };
}

/** A line whose place another one of its store has taken. */
export interface Replacement {
  storeId: string;
  older: { connectionId: string; connectedAt: number };
  newer: { connectionId: string; connectedAt: number; name: string | undefined };
}

/** The takeover that a change of an entry is; undefined if it is none. */
export function replacementOf({ after, before, keys }: Change): Replacement | undefined {
  if (before === undefined || after === undefined) return undefined;
  const [older, newer] = [before, after].map(item => ({
    connectionId: connectionId.of(item),
    connectedAt: connectedAt.of(item),
    name: name.of(item),
  }));
  if (older === undefined || newer === undefined || older.connectionId === newer.connectionId)
    return undefined;
  return { storeId: placementOf(keys).storeId, older, newer };
}

/**
 * What a change of an entry says of its store.
 *
 * @returns undefined if it says nothing new: an entry that a sync has written again, or the entry of a manager
 */
export function presenceOf({ after, at, before, keys }: Change): Presence | undefined {
  if (!member.of(keys).startsWith(FIRST_STORE)) return undefined;
  const { storeId } = placementOf(keys);
  if (after !== undefined) {
    // A line that takes over from another one is not reported as a drop.
    if (before !== undefined && connectionId.of(after) === connectionId.of(before)) return undefined;
    return { storeId, isConnected: true, at: connectedAt.of(after) };
  }
  if (before === undefined) return undefined;
  // A stream has whole seconds, but no line ends before it began. DynamoDB removes an expired entry up to two days late.
  const endedAt = Math.max(Math.min(at, expiresAt.of(before)), connectedAt.of(before));
  return { storeId, isConnected: false, at: endedAt };
}
