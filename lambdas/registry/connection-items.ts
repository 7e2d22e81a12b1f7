/**
 * The items of the `connections` table. Attribute names are one letter, because a broadcast reads these items by the
 * thousand and pays by their size: `s` shard, `m` member, `c` connection id, `t` connected at (ms), `e` entered at (ms),
 * `x` expiry (s, the table's TTL), `r` region, `g` groups.
 */
import type { StoreIdentity } from '../../domain/identity/identity.ts';
import type { Change } from '../aws/change.ts';
import { expiryOf, type Item } from '../aws/table.ts';

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
  connectedAt: number;
}

/** A store that came on the line, or went off it. */
export interface Presence {
  storeId: string;
  isConnected: boolean;
  /** Milliseconds since the epoch: when the line was opened, or its entry was removed. */
  at: number;
}

/** Below and above the keys of all stores: `$` follows `#`. */
export const FIRST_STORE = 'store#';
export const LAST_STORE = 'store$';
export const FIRST_MANAGER = 'manager#';
export const LAST_MANAGER = 'manager$';

/**
 * What a change of an entry says of its store.
 *
 * @returns undefined if it says nothing new: an entry written anew by a sync, or the entry of a manager
 */
export function presenceOf({ after, at, before, keys }: Change): Presence | undefined {
  if (!keys.m?.S?.startsWith(FIRST_STORE)) return undefined;
  const { storeId } = placementOf(keys);
  if (after !== undefined) {
    // A line that takes over from another is no drop.
    if (after.c?.S === before?.c?.S) return undefined;
    return { storeId, isConnected: true, at: Number(after.t?.N) };
  }
  if (before === undefined) return undefined;
  // A stream tells whole seconds: no line ends before it began. DynamoDB removes what is over up to two days late.
  const endedAt = Math.max(Math.min(at, expiryOf(before)), Number(before.t?.N));
  return { storeId, isConnected: false, at: endedAt };
}

export function keyOf({ shard, member }: { shard: number; member: string }): Item {
  return { s: { N: String(shard) }, m: { S: member } };
}

export function toMember(shard: number, item: Item): Member {
  return { shard, member: item.m?.S ?? '', connectionId: item.c?.S ?? '' };
}

export function placementOf(item: Item): { storeId: string; region: string | undefined; groups: string[] } {
  return {
    storeId: item.m?.S?.slice('store#'.length) ?? '',
    region: item.r?.S,
    groups: item.g?.SS ?? [],
  };
}

export function toConnectedStore(item: Item): ConnectedStore {
  return {
    ...placementOf(item),
    connectionId: item.c?.S ?? '',
    connectedAt: Number(item.t?.N),
  };
}

export function placement({ region, groups }: StoreIdentity): Item {
  return {
    ...(region === undefined ? {} : { r: { S: region } }),
    // DynamoDB has no empty set, and no set with a repeated member.
    ...(groups.length === 0 ? {} : { g: { SS: [...new Set(groups)] } }),
  };
}
