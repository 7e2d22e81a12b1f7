/**
 * Appends updates to the logs of their channels. A position is claimed by a conditional put on the next number, so a
 * log has no gaps. The update's item by id makes this idempotent: it notes each channel's newest position before the
 * first attempt, and every attempt walks up from there and stops at its own id.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { chunks } from '../../domain/chunks.ts';
import { Environment } from '../../domain/names.ts';
import { audienceChannels } from '../../domain/updates/channels.ts';
import type { Positions, Update } from '../../domain/updates/update.ts';
import { clientOf } from '../aws/client-of.ts';
import { required, requiredNumber } from '../aws/environment.ts';
import { expression } from '../aws/expression.ts';
import { type Beginning, beginWork, type Lease } from '../aws/lease.ts';
import { Table, type TableOptions } from '../aws/table.ts';
import { logEntry, publication, publicationKey } from './update-items.ts';
import { UpdateLog } from './update-log.ts';

/** An update on its way into the log. */
export interface UpdateWork {
  update: Update;
  /** Newest position of each of its channels before the first attempt. */
  newestBefore: Positions;
  lease: Lease;
}

const DAY_MS = 86_400_000;
const CLAIMS_AT_ONCE = 16;

export function logWriterFromEnvironment(): LogWriter {
  return new LogWriter({
    client: clientOf(DynamoDBClient),
    table: required(Environment.updatesTable),
    retentionDays: requiredNumber(Environment.retentionDays),
  });
}

export class LogWriter {
  readonly #log: UpdateLog;
  readonly #entries: Table<typeof logEntry>;
  readonly #publications: Table<typeof publication>;
  readonly #retentionMs: number;

  constructor(options: TableOptions & { retentionDays: number }) {
    this.#log = new UpdateLog(options);
    this.#entries = new Table(options, logEntry);
    this.#publications = new Table(options, publication);
    this.#retentionMs = options.retentionDays * DAY_MS;
  }

  /**
   * Takes up an update: the first time as it is given, a repeated time as it was first published.
   *
   * @param holder the invocation's request id
   */
  async begin(given: Update, holder: string, now: number): Promise<Beginning<{ work: UpdateWork }>> {
    const key = publicationKey(given.id);
    const newestBefore = await this.#log.newest(audienceChannels(given.audience));
    // Long after the last possible copy of the event.
    const expiresAt = now + 2 * this.#retentionMs;
    const own = { ...key, update: given, newestBefore, expiresAt };
    const beginning = await beginWork(this.#publications, key, own, holder, now);
    if (beginning.status !== 'begun') return beginning;
    const { item, lease } = beginning;
    return {
      status: 'begun',
      work: { update: item.update, newestBefore: item.newestBefore, lease },
    };
  }

  /** Appends the update to its channels; a repeated attempt finds what an earlier one claimed. */
  async append({ update, newestBefore }: UpdateWork, now: number): Promise<Positions> {
    const channels = Object.keys(newestBefore);
    const positions: Positions = {};
    for (const together of chunks(channels, CLAIMS_AT_ONCE)) {
      await Promise.all(
        together.map(async channel => {
          const before = newestBefore[channel] ?? 0;
          positions[channel] = await this.#claim(update, channel, before, channels.length, now);
        }),
      );
    }
    const claimed = Object.entries(positions);
    if (claimed.length > 1) {
      await Promise.all(claimed.map(([channel, position]) => this.#complete(channel, position, positions)));
    }
    await Promise.all([
      this.#publications.update(
        publicationKey(update.id),
        expression`SET ${publication.attributes.positions.is(positions)}`,
        publication.exists,
      ),
      ...claimed.map(([channel, position]) => this.#letExpire(channel, position - 1, now)),
    ]);
    return positions;
  }

  /** Puts the update on the next free position, or finds the one that an earlier attempt put it on. */
  async #claim(
    update: Update,
    channel: string,
    newestBefore: number,
    channels: number,
    now: number,
  ): Promise<number> {
    for (let position = newestBefore + 1; ; position += 1) {
      const isClaimed = await this.#entries.insert({
        channel,
        position,
        updateId: update.id,
        update: { ...update, audience: undefined },
        appendedAt: now,
        ...(channels === 1 && { positions: { [channel]: position } }),
      });
      if (isClaimed || (await this.#entries.get({ channel, position }))?.updateId === update.id)
        return position;
    }
  }

  /** Notes all positions of the update in one of its entries, unless that has expired. */
  async #complete(channel: string, position: number, positions: Positions): Promise<void> {
    const change = expression`SET ${logEntry.attributes.positions.is(positions)}`;
    await this.#entries.update({ channel, position }, change, logEntry.exists);
  }

  /** An entry expires only once it has a successor: the newest stays, so numbering never restarts. */
  async #letExpire(channel: string, position: number, now: number): Promise<void> {
    if (position < 1) return;
    const { expiresAt } = logEntry.attributes;
    const expiry = expiresAt.value(now + this.#retentionMs);
    const change = expression`SET ${expiresAt} = if_not_exists(${expiresAt}, ${expiry})`;
    await this.#entries.update({ channel, position }, change, logEntry.exists);
  }
}
