/**
 * The `stores` table: every store that was ever on the line, and every one that is revoked. Its items are in
 * store-items.ts.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Environment } from '../../domain/names.ts';
import type { StorePlacement } from '../../domain/updates/channels.ts';
import type { Positions } from '../../domain/updates/update.ts';
import { required } from '../aws/environment.ts';
import { expression, join } from '../aws/expression.ts';
import { Table, type TableOptions } from '../aws/table.ts';
import { type RosterStore, store, toStore } from './store-items.ts';

/** The store is revoked: it has no line, and nothing that it sends counts. */
export class RevokedError extends Error {
  override readonly name = 'RevokedError';
}

const keys = store.attributes;
const { firstSeenAt, groups, lastSeenAt, positions, region, revokedAt, wentOffAt } = keys;
const isSeen = expression`attribute_exists(${firstSeenAt})`;
const isRevoked = expression`attribute_exists(${revokedAt})`;
const isNotRevoked = expression`attribute_not_exists(${revokedAt})`;

/** The attributes that hold a window's number and what was drawn in it. */
const counts = {
  frames: { window: keys.frameWindow, drawn: keys.framesDrawn },
  handshakes: { window: keys.handshakeWindow, drawn: keys.handshakesDrawn },
};

export function rosterFromEnvironment(): Roster {
  return new Roster({ client: new DynamoDBClient({}), table: required(Environment.storesTable) });
}

export class Roster {
  readonly #table: Table<typeof store>;

  constructor(options: TableOptions) {
    this.#table = new Table(options, store);
  }

  /**
   * Notes that a store was heard, and where it says it stands.
   *
   * @throws RevokedError instead, for a revoked store: the write is conditional, so that no revocation can come in
   * between
   */
  async heard(heard: StorePlacement, now: number, stands?: Positions): Promise<void> {
    const sets = [
      lastSeenAt.is(now),
      expression`${firstSeenAt} = if_not_exists(${firstSeenAt}, ${firstSeenAt.value(now)})`,
      groups.is(heard.groups),
      ...(heard.region === undefined ? [] : [region.is(heard.region)]),
      ...(stands === undefined ? [] : [positions.is(stands)]),
    ];
    const set = expression`SET ${join(sets, ', ')}`;
    const change = heard.region === undefined ? expression`${set} REMOVE ${region}` : set;
    const { storeId } = heard;
    const isHeard = await this.#table.update({ storeId }, change, isNotRevoked);
    if (!isHeard) throw new RevokedError(`store ${storeId} is revoked`);
  }

  /** Notes that a store's line closed; one that was retired meanwhile stays off. */
  async wentOff(storeId: string, now: number): Promise<void> {
    await this.#table.update({ storeId }, expression`SET ${wentOffAt.is(now)}`, isSeen);
  }

  /**
   * Draws the right to `count` more in a window of time, which is identified by its number.
   *
   * @returns false if they would be more than `limit`
   */
  async draw(
    of: keyof typeof counts,
    storeId: string,
    windowNumber: number,
    count: number,
    limit: number,
  ): Promise<boolean> {
    const { drawn, window } = counts[of];
    const hasRoom = await this.#table.update(
      { storeId },
      expression`SET ${drawn} = ${drawn} + ${drawn.value(count)}`,
      expression`${window.is(windowNumber)} AND ${drawn} <= ${drawn.value(limit - count)}`,
    );
    if (hasRoom) return true;
    return this.#table.update(
      { storeId },
      expression`SET ${window.is(windowNumber)}, ${drawn.is(count)}`,
      expression`attribute_not_exists(${window}) OR ${window} < ${window.value(windowNumber)}`,
    );
  }

  async find(storeId: string): Promise<RosterStore | undefined> {
    const item = await this.#table.getItem({ storeId });
    return item && toStore(item);
  }

  /** Every store, page by page. */
  async *all(): AsyncGenerator<RosterStore[]> {
    for await (const items of this.#table.scan()) yield items.flatMap(item => toStore(item) ?? []);
  }

  /** Removes a store; one that connects again is a new one. Its revocation stays, as its tokens do. */
  async retire(storeId: string): Promise<void> {
    if (await this.#table.delete({ storeId }, isNotRevoked)) return;
    const seen = [region, groups, positions, firstSeenAt, lastSeenAt, wentOffAt];
    const names = seen.map(attribute => expression`${attribute}`);
    await this.#table.update({ storeId }, expression`REMOVE ${join(names, ', ')}`);
  }

  /** Revokes a store, seen before or not; an earlier revocation keeps its time. */
  async revoke(storeId: string, now: number): Promise<void> {
    const since = revokedAt.value(now);
    await this.#table.update(
      { storeId },
      expression`SET ${revokedAt} = if_not_exists(${revokedAt}, ${since})`,
    );
  }

  /** Takes a revocation back. @returns false if there is none */
  async restore(storeId: string): Promise<boolean> {
    const isRestored = await this.#table.update({ storeId }, expression`REMOVE ${revokedAt}`, isRevoked);
    // A store that was never seen, or was retired, had nothing but the revocation.
    if (isRestored) {
      const isEmpty = expression`attribute_not_exists(${firstSeenAt}) AND ${isNotRevoked}`;
      await this.#table.delete({ storeId }, isEmpty);
    }
    return isRestored;
  }

  /** When a store was revoked, in milliseconds since the epoch; undefined if it isn't. */
  async revokedAt(storeId: string): Promise<number | undefined> {
    return (await this.#table.get({ storeId }))?.revokedAt;
  }
}
