/**
 * The items of the `stores` table. One without `firstSeenAt` is a revocation or a count alone, and no store of the
 * roster. Times are milliseconds since the epoch.
 */
import type { StorePlacement } from '../../domain/updates/channels.ts';
import type { Positions } from '../../domain/updates/update.ts';
import { flag, type Item, listOf, mapOf, number, text } from '../aws/codecs.ts';
import { ItemSchema, optional, type RecordOf } from '../aws/item-schema.ts';

export interface RosterStore extends StorePlacement {
  /** IANA, of the chain's placement or of its token. */
  timeZone?: string | undefined;
  /** What the chain calls it. */
  name?: string | undefined;
  placementVersion?: number | undefined;
  /** Where the store said it stands, and the hash of its book there. */
  positions: Positions;
  book?: string | undefined;
  drift?: Drift | undefined;
  /** Whether the list of the roster has it: an entry of an earlier version's may not be there yet. @default true */
  isListed?: boolean;
  /** Times in milliseconds since the epoch. */
  firstSeenAt: number;
  lastSeenAt: number;
  /** When its last line closed; undefined while that was not noticed. */
  wentOffAt: number | undefined;
  revokedAt: number | undefined;
}

/** That a store's book is another one than it should be. */
export interface Drift {
  /** The hash of the store's book, and that of the right one. */
  book: string;
  expected: string;
  /** When it was first seen; it was so in each comparison since then. */
  since: number;
  /** It was so for long enough: a hash may be from before a price has ended. */
  isConfirmed: boolean;
}

export const store = new ItemSchema(
  'stores',
  { storeId: text },
  {
    /** As the token says that it last came by. */
    region: optional(text),
    groups: optional(listOf(text)),
    timeZone: optional(text),
    /** As the chain says, which goes before (placement.ts). */
    placedRegion: optional(text),
    placedGroups: optional(listOf(text)),
    placedTimeZone: optional(text),
    name: optional(text),
    placementVersion: optional(number),
    positions: optional(mapOf(number)),
    book: optional(text),
    adriftBook: optional(text),
    expectedBook: optional(text),
    adriftSince: optional(number),
    isAdrift: optional(flag),
    /** Of the fleet (store-parts.ts): the key of the index that lists the roster's stores. */
    part: optional(number),
    firstSeenAt: optional(number),
    lastSeenAt: optional(number),
    wentOffAt: optional(number),
    revokedAt: optional(number),
    /** When it was last revoked, restored since or not: no token that was signed until then holds. */
    lastRevokedAt: optional(number),
    /** The second in which its frames last weighed much, and how many read units were drawn then. */
    unitWindow: optional(number),
    unitsDrawn: optional(number),
    /** The same of the ten seconds of its many handshakes. */
    handshakeWindow: optional(number),
    handshakesDrawn: optional(number),
    /** The hour of its last takeover of a young line, and how many were in it. */
    takeoverHour: optional(number),
    takeoversDrawn: optional(number),
  },
);

export type StoreItem = RecordOf<typeof store>;

/** @returns undefined for an item that is no store of the roster */
export function toStore(item: Item): RosterStore | undefined {
  const known = store.decode(item);
  const { name, placementVersion, positions = {}, firstSeenAt, revokedAt, wentOffAt } = known;
  if (firstSeenAt === undefined) return undefined;
  return {
    ...placementIn(item),
    timeZone: known.placedTimeZone ?? known.timeZone,
    name,
    placementVersion,
    positions,
    book: known.book,
    drift: driftOf(item),
    isListed: known.part !== undefined,
    firstSeenAt,
    lastSeenAt: known.lastSeenAt ?? firstSeenAt,
    wentOffAt,
    revokedAt,
  };
}

/** Where a store is: what the chain has said of it, else what its token says. */
export function placementIn(item: Item): StorePlacement {
  const { groups, placedGroups, placedRegion, region, storeId } = store.attributes;
  return {
    storeId: storeId.of(item),
    region: placedRegion.of(item) ?? region.of(item),
    groups: placedGroups.of(item) ?? groups.of(item) ?? [],
  };
}

export function driftOf(item: Item): Drift | undefined {
  const { attributes } = store;
  const [book, expected] = [attributes.adriftBook.of(item), attributes.expectedBook.of(item)];
  const since = attributes.adriftSince.of(item);
  if (book === undefined || expected === undefined || since === undefined) return undefined;
  return { book, expected, since, isConfirmed: attributes.isAdrift.of(item) ?? false };
}
