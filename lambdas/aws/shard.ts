/** Spreads store ids evenly over the partitions of a table, the same in every function (FNV-1a). */
export function shardOf(storeId: string, shards: number): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < storeId.length; index += 1) {
    hash = Math.imul(hash ^ storeId.charCodeAt(index), 0x01000193) >>> 0;
  }
  return hash % shards;
}
