/** What follows from the number of stores. */
import { expect, it } from 'vitest';
import { fleetSize } from '../../lib/settings/fleet-size.ts';

it.each([
  [1, { connectionShards: 1, fleetParts: 1, salesBuckets: 8, receiptShards: 8, workers: 1 }],
  [10_000, { connectionShards: 4, fleetParts: 1, salesBuckets: 8, receiptShards: 8, workers: 1 }],
  [10_001, { connectionShards: 5, fleetParts: 1, salesBuckets: 8, receiptShards: 8, workers: 6 }],
  // Shards of a fleet that is read in parts are a multiple of them.
  [20_001, { connectionShards: 8, fleetParts: 8, salesBuckets: 8, receiptShards: 8, workers: 9 }],
  [240_001, { connectionShards: 32, fleetParts: 8, salesBuckets: 17, receiptShards: 16, workers: 33 }],
  [2_500_000, { connectionShards: 256, fleetParts: 8, salesBuckets: 167, receiptShards: 88, workers: 257 }],
])('%i stores decide shards, parts, buckets and workers', (stores, size) => {
  expect(fleetSize(stores)).toMatchObject(size);
});
