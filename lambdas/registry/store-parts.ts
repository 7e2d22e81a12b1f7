/**
 * The parts in which a fleet is read: by a hash of the store's id, and of the same stores in every table, so that what is
 * known of a part's stores is put together part by part. However large the fleet, a function holds one part of it.
 */
import { shardOf } from '../aws/shard.ts';

/** Any number of shards that spreads stores by the same hash is a multiple of it, or one part has them all (lib/settings/fleet-size.ts). */
const PARTS = 8;

export const parts: readonly number[] = Array.from({ length: PARTS }, (_, part) => part);

export function partOf(storeId: string): number {
  return shardOf(storeId, PARTS);
}

/** The shards that have a part's stores and no others; undefined where shards have stores of several parts. */
export function shardsOfPart(part: number, shards: number): number[] | undefined {
  if (shards % PARTS !== 0) return undefined;
  return Array.from({ length: shards / PARTS }, (_, index) => index * PARTS + part);
}
