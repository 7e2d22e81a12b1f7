/** A place in the registry: by shard, the last member before it. A shard that is left out is not read. */
export type Checkpoint = Record<string, string>;
