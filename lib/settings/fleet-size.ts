/** What follows from the setting `stores`: the partitions that a fleet is spread over, and who works on it. */

/**
 * Of a small fleet, what a partition's write units allow as it reconnects, all of it within seconds. Of a large one, that many
 * are one page of a query: each has a worker of a broadcast, and workers that wait for their turns are paid for.
 */
const STORES_PER_REGISTRY_SHARD = { small: 2_500, large: 10_000 };
/** A store writes a minute or two of sales each minute, and a partition of their index takes 1,000 a second: half is left. */
const STORES_PER_SALES_BUCKET = 15_000;
/** A report a minute with receipts is a write of one unit; half of what a partition takes, for fleets that are watched. */
const STORES_PER_RECEIPT_SHARD = 30_000;
/** Below that, a broadcast to all takes a worker less than it takes to call others. */
const MEMBERS_PER_WORKER = 10_000;
/** Fleets are read in so many parts (lambdas/registry/store-parts.ts): shards are a multiple of it, or too few to divide. */
const PARTS = 8;

export interface FleetSize {
  /** Partitions of the registry. */
  readonly connectionShards: number;
  /** Parts in which what must look at every store does so, one after the other. */
  readonly fleetParts: number;
  /** Partitions of a day of the sales' index. Never fewer than there were, and so are the next. */
  readonly salesBuckets: number;
  /** Partitions of the receipts that come in. */
  readonly receiptShards: number;
  /** Stores that the first worker of a broadcast posts to; what is beyond goes to a worker for each partition. */
  readonly membersPerWorker: number;
  /** Invocations that one broadcast to all takes side by side. */
  readonly workers: number;
}

/** @param stores how many there will be */
export function fleetSize(stores: number): FleetSize {
  const connectionShards = registryShards(stores);
  return {
    connectionShards,
    fleetParts: connectionShards % PARTS === 0 ? PARTS : 1,
    salesBuckets: Math.max(PARTS, Math.ceil(stores / STORES_PER_SALES_BUCKET)),
    receiptShards: Math.max(PARTS, wholeParts(Math.ceil(stores / STORES_PER_RECEIPT_SHARD))),
    membersPerWorker: MEMBERS_PER_WORKER,
    workers: stores > MEMBERS_PER_WORKER ? 1 + connectionShards : 1,
  };
}

function registryShards(stores: number): number {
  const { large, small } = STORES_PER_REGISTRY_SHARD;
  const few = Math.ceil(stores / small);
  return few <= PARTS ? few : Math.max(PARTS, wholeParts(Math.ceil(stores / large)));
}

function wholeParts(shards: number): number {
  return shards < PARTS ? shards : Math.ceil(shards / PARTS) * PARTS;
}
