/** A place in the registry, to go on behind: by shard, the member that comes before. A shard that it leaves out has no part in it. */
export type Checkpoint = Record<string, string>;
