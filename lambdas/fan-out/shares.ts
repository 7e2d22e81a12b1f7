/**
 * What further workers of a large broadcast take over: from a shard's member on, all or as much as one worker does. Each
 * share has a leased item, so that a duplicate of its invocation stops, and a retry goes on behind its checkpoint. The
 * items lie in the `updates` table; update-items.ts has their shape.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Environment } from '../../domain/names.ts';
import { required } from '../aws/environment.ts';
import { Table, type TableOptions } from '../aws/table.ts';
import { extentOf, keyOf, shareChannel } from '../updates/update-items.ts';
import { leaseEnd, leaseFor, takeLease } from './lease.ts';
import type { Checkpoint, Extent } from './progress.ts';

/** What one worker hands to another: an asynchronous invocation's whole payload. */
export interface Share {
  updateId: string;
  shard: number;
  /** The member that it begins behind. */
  behind: string;
  /** Workers before this one: each has invoked the next. */
  depth: number;
}

export type ShareBeginning = { status: 'begun'; extent: Extent } | { status: 'held' | 'done' };

/** Long after Lambda's last retry. */
const KEPT_SECONDS = 86_400;
const MOST_SHARDS = 1_000;

export function sharesFromEnvironment(): Shares {
  return new Shares({ client: new DynamoDBClient({}), table: required(Environment.updatesTable) });
}

export class Shares {
  readonly #table: Table;

  constructor(options: TableOptions) {
    this.#table = new Table(options);
  }

  /** @param holder the invocation's request id */
  async begin(share: Share, holder: string, now: number): Promise<ShareBeginning> {
    const expiry = { N: String(Math.floor(now / 1000) + KEPT_SECONDS) };
    const item = { ...shareKey(share), ...leaseFor(holder, now), x: expiry };
    const isNew = await this.#table.put(item, { expression: 'attribute_not_exists(c)' });
    if (isNew) return { status: 'begun', extent: {} };
    const known = await this.#table.get(shareKey(share));
    if (known?.d !== undefined) return { status: 'done' };
    if (known === undefined || !(await takeLease(this.#table, shareKey(share), known, holder, now)))
      return { status: 'held' };
    return { status: 'begun', extent: extentOf(known) };
  }

  /** Keeps duplicates off, and notes how far the posts have come. */
  async renew(share: Share, checkpoint: Checkpoint, now: number): Promise<void> {
    await this.#table.update(shareKey(share), {
      expression: 'SET l = :l, k = :k',
      values: { ':l': leaseEnd(now), ':k': { S: JSON.stringify(checkpoint) } },
    });
  }

  /** Ends the share here: what lies behind is given to the next worker, also after a crash. */
  async cut(share: Share, end: Checkpoint): Promise<void> {
    await this.#table.update(shareKey(share), {
      expression: 'SET e = :e',
      values: { ':e': { S: JSON.stringify(end) } },
    });
  }

  async finish(share: Share): Promise<void> {
    await this.#table.update(shareKey(share), { expression: 'SET d = :d', values: { ':d': { BOOL: true } } });
  }
}

function shareKey({ updateId, shard, depth }: Share) {
  return keyOf(shareChannel(updateId), depth * MOST_SHARDS + shard);
}
