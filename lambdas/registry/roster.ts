/**
 * The `stores` table: every store that was ever on the line, and every one that is revoked. The only module that knows
 * its keys: `k` store id, `r` region, `g` groups, `p` positions, `f` first seen (ms), `l` last seen (ms), `o` went off at
 * (ms), `v` revoked at (ms), `w` the second in which it last sent many frames, and `u` how many were drawn then, `c` and
 * `n` the same of the ten seconds of its many handshakes. An item without `f` is a revocation or a count alone, and no store
 * of the roster.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Environment } from '../../domain/names.ts';
import type { StorePlacement } from '../../domain/updates/channels.ts';
import type { Positions } from '../../domain/updates/update.ts';
import { required } from '../aws/environment.ts';
import { type Item, Table, type TableOptions } from '../aws/table.ts';

export interface RosterStore extends StorePlacement {
  /** Where the store said it stands. */
  positions: Positions;
  /** Times in milliseconds since the epoch. */
  firstSeenAt: number;
  lastSeenAt: number;
  /** When its last line closed; undefined while that was not noticed. */
  wentOffAt: number | undefined;
  revokedAt: number | undefined;
}

/** The store is revoked: it has no line, and nothing that it says counts. */
export class RevokedError extends Error {
  override readonly name = 'RevokedError';
}

/** The attributes that hold a window's number and what was drawn in it. */
const COUNTS = { frames: ['w', 'u'], handshakes: ['c', 'n'] } as const;

export function rosterFromEnvironment(): Roster {
  return new Roster({ client: new DynamoDBClient({}), table: required(Environment.storesTable) });
}

export class Roster {
  readonly #table: Table;

  constructor(options: TableOptions) {
    this.#table = new Table(options);
  }

  /**
   * Notes that a store was heard, and where it says it stands.
   *
   * @throws RevokedError instead, for a revoked store: the same write looks, so that a revocation can't slip between
   */
  async heard(store: StorePlacement, now: number, positions?: Positions): Promise<void> {
    const sets = ['l = :l', 'f = if_not_exists(f, :l)', 'g = :g'];
    const values: Item = { ':l': { N: String(now) }, ':g': { L: store.groups.map(group => ({ S: group })) } };
    if (store.region !== undefined) {
      sets.push('r = :r');
      values[':r'] = { S: store.region };
    }
    if (positions !== undefined) {
      sets.push('p = :p');
      values[':p'] = {
        M: Object.fromEntries(Object.entries(positions).map(([channel, n]) => [channel, { N: String(n) }])),
      };
    }
    const isHeard = await this.#table.update(keyOf(store.storeId), {
      expression: `SET ${sets.join(', ')}${store.region === undefined ? ' REMOVE r' : ''}`,
      values,
      condition: 'attribute_not_exists(v)',
    });
    if (!isHeard) throw new RevokedError(`store ${store.storeId} is revoked`);
  }

  /** Notes that a store's line closed; one that was retired meanwhile stays off. */
  async wentOff(storeId: string, now: number): Promise<void> {
    await this.#table.update(keyOf(storeId), {
      expression: 'SET o = :o',
      values: { ':o': { N: String(now) } },
      condition: 'attribute_exists(f)',
    });
  }

  /**
   * Draws the right to so many more in a window of time, which is known by its number.
   *
   * @returns false if they would be more than `limit`
   */
  async draw(
    of: keyof typeof COUNTS,
    storeId: string,
    window: number,
    count: number,
    limit: number,
  ): Promise<boolean> {
    const [w, u] = COUNTS[of];
    const values: Item = { ':w': { N: String(window) }, ':n': { N: String(count) } };
    const hasRoom = await this.#table.update(keyOf(storeId), {
      expression: `SET ${u} = ${u} + :n`,
      condition: `${w} = :w AND ${u} <= :room`,
      values: { ...values, ':room': { N: String(limit - count) } },
    });
    if (hasRoom) return true;
    return this.#table.update(keyOf(storeId), {
      expression: `SET ${w} = :w, ${u} = :n`,
      condition: `attribute_not_exists(${w}) OR ${w} < :w`,
      values,
    });
  }

  async find(storeId: string): Promise<RosterStore | undefined> {
    const item = await this.#table.get(keyOf(storeId));
    return item?.f === undefined ? undefined : toStore(item);
  }

  /** Every store, page by page. */
  async *all(): AsyncGenerator<RosterStore[]> {
    for await (const items of this.#table.scan())
      yield items.filter(item => item.f !== undefined).map(toStore);
  }

  /** Takes a store off; one that connects again is a new one. A revocation outlives it: its tokens do, too. */
  async retire(storeId: string): Promise<void> {
    const isGone = await this.#table.delete(keyOf(storeId), { expression: 'attribute_not_exists(v)' });
    if (isGone) return;
    await this.#table.update(keyOf(storeId), { expression: 'REMOVE r, g, p, f, l, o' });
  }

  /** Revokes a store, seen before or not; one that is revoked already stays so since then. */
  async revoke(storeId: string, now: number): Promise<void> {
    await this.#table.update(keyOf(storeId), {
      expression: 'SET v = if_not_exists(v, :v)',
      values: { ':v': { N: String(now) } },
    });
  }

  /** Takes a revocation back. @returns false if there is none */
  async restore(storeId: string): Promise<boolean> {
    const isRestored = await this.#table.update(keyOf(storeId), {
      expression: 'REMOVE v',
      condition: 'attribute_exists(v)',
    });
    // Of a store that was never seen, or was retired, the revocation was all there was.
    if (isRestored) {
      await this.#table.delete(keyOf(storeId), {
        expression: 'attribute_not_exists(f) AND attribute_not_exists(v)',
      });
    }
    return isRestored;
  }

  /** When a store was revoked, in milliseconds since the epoch; undefined if it isn't. */
  async revokedAt(storeId: string): Promise<number | undefined> {
    const item = await this.#table.get(keyOf(storeId));
    return item === undefined ? undefined : timeOf(item.v);
  }
}

function keyOf(storeId: string): Item {
  return { k: { S: storeId } };
}

function toStore(item: Item): RosterStore {
  const positions = Object.entries(item.p?.M ?? {}).map(([channel, n]) => [channel, Number(n.N)] as const);
  return {
    storeId: item.k?.S ?? '',
    region: item.r?.S,
    groups: item.g?.L?.map(group => group.S ?? '') ?? [],
    positions: Object.fromEntries(positions),
    firstSeenAt: Number(item.f?.N),
    lastSeenAt: Number(item.l?.N),
    wentOffAt: timeOf(item.o),
    revokedAt: timeOf(item.v),
  };
}

function timeOf(attribute: Item[string] | undefined): number | undefined {
  return attribute === undefined ? undefined : Number(attribute.N);
}
