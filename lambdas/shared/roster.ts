/**
 * The `stores` table: every store that was ever on the line. The only module that knows its keys: `k` store id,
 * `r` region, `g` groups, `p` positions, `f` first seen (ms), `l` last seen (ms), `o` went off at (ms); `w` the second in which it last sent many frames, and `u`
 * how many were drawn then.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { StorePlacement } from '../../domain/channels.ts';
import { Environment } from '../../domain/names.ts';
import type { Positions } from '../../domain/update.ts';
import { required } from './environment.ts';
import { type Item, Table, type TableOptions } from './table.ts';

export interface RosterStore extends StorePlacement {
  /** Where the store said it stands. */
  positions: Positions;
  /** Times in milliseconds since the epoch. */
  firstSeenAt: number;
  lastSeenAt: number;
  /** When its last line closed; undefined while that was not noticed. */
  wentOffAt: number | undefined;
}

export function rosterFromEnvironment(): Roster {
  return new Roster({ client: new DynamoDBClient({}), table: required(Environment.storesTable) });
}

export class Roster {
  readonly #table: Table;

  constructor(options: TableOptions) {
    this.#table = new Table(options);
  }

  /** Notes that a store was heard, and where it says it stands. */
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
    await this.#table.update(keyOf(store.storeId), {
      expression: `SET ${sets.join(', ')}${store.region === undefined ? ' REMOVE r' : ''}`,
      values,
    });
  }

  /** Notes that a store's line closed. */
  async wentOff(storeId: string, now: number): Promise<void> {
    await this.#table.update(keyOf(storeId), {
      expression: 'SET o = :o, f = if_not_exists(f, :o), l = if_not_exists(l, :o)',
      values: { ':o': { N: String(now) } },
    });
  }

  /**
   * Draws the right to send so many frames more in a second.
   *
   * @returns false if they would be more than `limit`
   */
  async drawFrames(storeId: string, second: number, frames: number, limit: number): Promise<boolean> {
    const values: Item = { ':w': { N: String(second) }, ':n': { N: String(frames) } };
    const hasRoom = await this.#table.update(keyOf(storeId), {
      expression: 'SET u = u + :n',
      condition: 'w = :w AND u <= :room',
      values: { ...values, ':room': { N: String(limit - frames) } },
    });
    if (hasRoom) return true;
    return this.#table.update(keyOf(storeId), {
      expression: 'SET w = :w, u = :n',
      condition: 'attribute_exists(k) AND (attribute_not_exists(w) OR w < :w)',
      values,
    });
  }

  async find(storeId: string): Promise<RosterStore | undefined> {
    const item = await this.#table.get(keyOf(storeId));
    return item === undefined ? undefined : toStore(item);
  }

  /** Every store, page by page. */
  async *all(): AsyncGenerator<RosterStore[]> {
    for await (const items of this.#table.scan()) yield items.map(toStore);
  }

  /** Takes a store off; one that connects again is a new one. */
  async retire(storeId: string): Promise<void> {
    await this.#table.delete(keyOf(storeId));
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
    wentOffAt: item.o === undefined ? undefined : Number(item.o.N),
  };
}
