/**
 * What further workers of a large broadcast take over: the members of a shard behind a given one, as many as one worker
 * posts to. Each share is leased, so that a duplicate of its invocation stops, and a retry goes on behind its
 * checkpoint. The items are in the `updates` table.
 */
import { Environment } from '../../domain/names.ts';
import { expiry } from '../aws/codecs.ts';
import { dynamoDb } from '../aws/direct/direct-requests.ts';
import { required } from '../aws/environment.ts';
import { ItemSchema } from '../aws/item-schema.ts';
import { type Beginning, beginWork, type Lease, leased } from '../aws/lease.ts';
import { Table, type TableOptions } from '../aws/table.ts';
import { UPDATES, updatesKey } from '../updates/update-items.ts';

/** What one worker hands to another, as the payload of an asynchronous invocation. */
export interface Share {
  updateId: string;
  shard: number;
  /** The member that it begins behind. */
  behind: string;
  /** The number of workers before this one, each invoked by the one before. */
  depth: number;
}

const shareItem = new ItemSchema(UPDATES, updatesKey, { expiresAt: expiry, ...leased });
/** Long after Lambda's last retry. */
const KEPT_MS = 86_400_000;
const MOST_SHARDS = 1_000;

export function sharesFromEnvironment(): Shares {
  return new Shares({ client: dynamoDb(), table: required(Environment.updatesTable) });
}

export class Shares {
  readonly #table: Table<typeof shareItem>;

  constructor(options: TableOptions) {
    this.#table = new Table(options, shareItem);
  }

  /** @param holder the invocation's request id */
  begin(
    { depth, shard, updateId }: Share,
    holder: string,
    now: number,
  ): Promise<Beginning<{ lease: Lease }>> {
    const key = { channel: `share/${updateId}`, position: depth * MOST_SHARDS + shard };
    return beginWork(this.#table, key, { ...key, expiresAt: now + KEPT_MS }, holder, now);
  }
}
