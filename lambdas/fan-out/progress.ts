/**
 * How far a fan-out has come: by shard, the last member before which every post is settled. Members of a shard come in
 * the order of their keys, so a worker that goes on behind it leaves nobody out, and repeats only the posts that were
 * in flight.
 */
import type { Checkpoint } from '../registry/checkpoint.ts';
import type { Member } from '../registry/connection-items.ts';

interface Shard {
  /** Posts in flight in their order, each with the member before it. */
  underWay: Map<Member, string | undefined>;
  last: string | undefined;
}

export class Progress {
  readonly #shards = new Map<number, Shard>();
  readonly #before: Checkpoint;

  /** @param before where an earlier attempt left off */
  constructor(before: Checkpoint) {
    this.#before = before;
  }

  started(member: Member): void {
    const shard = this.#shard(member.shard);
    shard.underWay.set(member, shard.last);
    shard.last = member.member;
  }

  settled(member: Member): void {
    this.#shard(member.shard).underWay.delete(member);
  }

  get checkpoint(): Checkpoint {
    const checkpoint = { ...this.#before };
    for (const [shard, { last, underWay }] of this.#shards) {
      const [first] = underWay.values();
      const reached = underWay.size === 0 ? last : first;
      if (reached !== undefined) checkpoint[shard] = reached;
    }
    return checkpoint;
  }

  #shard(number: number): Shard {
    const shard = this.#shards.get(number) ?? { underWay: new Map(), last: this.#before[number] };
    this.#shards.set(number, shard);
    return shard;
  }
}
