/**
 * Reads the members of a share from the registry, no more than one worker should take: what is beyond, and what a worker
 * has no time for, goes to further workers.
 */
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { chunks } from '../../domain/chunks.ts';
import type { Positions, Update } from '../../domain/updates/update.ts';
import { invokeItself } from '../aws/invoke-itself.ts';
import type { Lease } from '../aws/lease.ts';
import type { Checkpoint } from '../registry/checkpoint.ts';
import type { Member } from '../registry/connection-items.ts';
import { type Connections, namesStoresOnly } from '../registry/connections.ts';
import type { Share } from './shares.ts';

/** What one worker posts, and to whom. */
export interface Assignment {
  update: Update;
  /** Its position in the log of each of its channels. */
  positions: Positions;
  /** What another worker has left to this one. @default all shards, from their start */
  share?: Share;
  /** Of the update, or of the share. */
  lease: Pick<Lease, 'extent' | 'renew' | 'cut'>;
}

export interface ShareReaderOptions {
  connections: Pick<Connections, 'members' | 'start'>;
  lambda: Pick<LambdaClient, 'send'>;
  /** The function that takes the further shares. */
  functionName: string;
  membersPerWorker: number;
}

/**
 * Lambda stops a function that has invoked itself some sixteen times in a row; the last worker takes everything left.
 */
const MOST_DEPTH = 8;
/** A worker that runs out of time leaves the rest of such a page to redelivery, whose batches hold as many. */
const PAGE_MEMBERS = 1_000;

export class ShareReader {
  readonly #options: ShareReaderOptions;

  constructor(options: ShareReaderOptions) {
    this.#options = options;
  }

  /**
   * Page by page. What is beyond one worker's share is given away before the page that fills it is posted to.
   *
   * @param isOutOfTime asked before each page but the first; true gives away all that was not read
   */
  async *members(assignment: Assignment, now: number, isOutOfTime: () => boolean): AsyncGenerator<Member[]> {
    const { lease, share, update } = assignment;
    const { extent } = lease;
    const { connections, membersPerWorker } = this.#options;
    const depth = share?.depth ?? 0;
    // An earlier attempt has given the rest away, or died doing so.
    if (extent.end !== undefined) await this.#giveAway(update, depth, extent.end);
    const start = share === undefined ? connections.start : { [share.shard]: share.behind };
    const from = { ...start, ...extent.checkpoint };
    const mayDivide = extent.end === undefined && depth < MOST_DEPTH && !namesStoresOnly(update.audience);
    let left = mayDivide ? membersPerWorker : Number.POSITIVE_INFINITY;
    const reached = { ...from };
    const end = async () => {
      await lease.cut(reached);
      await this.#giveAway(update, depth, reached);
    };
    for await (const page of connections.members(update.audience, now, from, extent.end)) {
      for (const part of chunks(page, PAGE_MEMBERS)) {
        if (mayDivide && isOutOfTime()) return end();
        const taken = part.slice(0, left);
        for (const { member, shard } of taken) reached[shard] = member;
        left -= taken.length;
        if (left === 0) await end();
        yield taken;
        if (left === 0) return;
      }
    }
  }

  /** A repetition is harmless: the share is leased, and done in the end. */
  async #giveAway(update: Update, depth: number, rest: Checkpoint): Promise<void> {
    const { functionName, lambda } = this.#options;
    await Promise.all(
      Object.entries(rest).map(([shard, behind]) => {
        const share: Share = { updateId: update.id, shard: Number(shard), behind, depth: depth + 1 };
        return invokeItself(lambda, { share }, functionName);
      }),
    );
  }
}
