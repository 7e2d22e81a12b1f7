/** The `connections` table: which line each store holds now. The keys and the shapes of its items are in connection-items.ts. */
import { BatchGetItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { chunks } from '../../domain/chunks.ts';
import type { Identity } from '../../domain/identity/identity.ts';
import { Environment } from '../../domain/names.ts';
import { type Audience, reachedBy } from '../../domain/updates/channels.ts';
import { required, requiredNumber } from '../aws/environment.ts';
import { shardOf } from '../aws/shard.ts';
import { type Item, isExpired, Table } from '../aws/table.ts';
import type { Checkpoint } from '../fan-out/progress.ts';
import {
  type ConnectedStore,
  FIRST_MANAGER,
  FIRST_STORE,
  keyOf,
  LAST_MANAGER,
  LAST_STORE,
  type Member,
  placement,
  placementOf,
  toConnectedStore,
  toMember,
} from './connection-items.ts';

/** One open line. */
export interface Line {
  identity: Identity;
  connectionId: string;
  /** Milliseconds since the epoch, as API Gateway stamped it. */
  connectedAt: number;
}

/** API Gateway ends every connection after two hours; the entry outlives it by the ten minutes of a lost clock. */
const LIFETIME_SECONDS = 7_200 + 600;
const BATCH_GET_KEYS = 100;
const DELETES_AT_ONCE = 25;

/** The registry that the stack gave this function. */
export function connectionsFromEnvironment(): Connections {
  return new Connections({
    client: new DynamoDBClient({}),
    table: required(Environment.connectionsTable),
    shards: requiredNumber(Environment.connectionShards),
  });
}

/** The item has a newer line than the one that asked. */
export class SupersededError extends Error {
  override readonly name = 'SupersededError';
}

export class Connections {
  readonly #client: DynamoDBClient;
  readonly #table: Table;
  readonly #shards: number;

  constructor(options: { client: DynamoDBClient; table: string; shards: number }) {
    this.#client = options.client;
    this.#table = new Table(options);
    this.#shards = options.shards;
  }

  /**
   * Enters a line; a store's entry is one item, so a newer line takes the older one's place.
   *
   * @returns the connection id of the line that it replaced, if there was another
   * @throws SupersededError if the registered line is newer than this one
   */
  async register(line: Line, now: number): Promise<string | undefined> {
    const written = await this.#table.put(this.#item(line, now), {
      // API Gateway stamps a connection once, so a line that comes again is neither newer nor older.
      expression: 'attribute_not_exists(m) OR t < :t OR c = :c',
      values: { ':t': { N: String(line.connectedAt) }, ':c': { S: line.connectionId } },
    });
    if (written === undefined) throw new SupersededError('a newer line is registered');
    const previous = written.previous?.c?.S;
    return previous === line.connectionId ? undefined : previous;
  }

  /** Whether this very line is the registered one. */
  async isRegistered(line: Line): Promise<boolean> {
    const item = await this.#table.get(keyOf(this.#memberOf(line.identity, line.connectionId)));
    return item?.c?.S === line.connectionId;
  }

  /** Takes a line off the registry; false if a newer one has taken its place, or it was off already. */
  async deregister(line: { identity: Identity; connectionId: string }): Promise<boolean> {
    return this.remove({
      ...this.#memberOf(line.identity, line.connectionId),
      connectionId: line.connectionId,
    });
  }

  /**
   * Deletes an entry on condition that it still holds this connection.
   *
   * @param olderThan spares an entry that was written later than this (ms): a post while `$connect` still runs is
   * answered 410, though the line is about to open
   */
  async remove(member: Member, olderThan = Number.MAX_SAFE_INTEGER): Promise<boolean> {
    return this.#table.delete(keyOf(member), {
      expression: 'c = :c AND e < :e',
      values: { ':c': { S: member.connectionId }, ':e': { N: String(olderThan) } },
    });
  }

  /**
   * Every registered line that an audience reaches, page by page, each once. Its shards are read side by side, each in
   * the order of its members; an audience that only names stores is read as it comes, and from its start.
   *
   * @param from the shards to read, and the member of each to begin behind @default all of them
   * @param end the last member of each shard to read
   */
  async *members(
    audience: Audience | undefined,
    now: number,
    from: Checkpoint = this.start,
    end: Checkpoint = {},
  ): AsyncGenerator<Member[]> {
    if (namesStoresOnly(audience)) {
      yield* this.#membersNamed(audience?.stores ?? [], now);
      return;
    }
    const isReached = reachedBy(audience);
    // A broadcast of everything projects only what it posts by.
    const projection = audience === undefined ? 'm, c, x' : 'm, c, x, r, g';
    for await (const { shard, items } of this.#pages(projection, from, end)) {
      yield items
        .filter(item => !isExpired(item, now) && isReached(placementOf(item)))
        .map(item => toMember(shard, item));
    }
  }

  /** Deletes many entries, each on the conditions of `remove`. */
  async removeAll(members: Iterable<Member>, olderThan: number): Promise<void> {
    for (const some of chunks([...members], DELETES_AT_ONCE))
      await Promise.all(some.map(member => this.remove(member, olderThan)));
  }

  /** Where each shard of stores begins. */
  get start(): Checkpoint {
    return Object.fromEntries(Array.from({ length: this.#shards }, (_, shard) => [shard, FIRST_STORE]));
  }

  /** Every connected store. */
  async *stores(now: number): AsyncGenerator<ConnectedStore[]> {
    for await (const { items } of this.#pages('m, c, t, x, r, g'))
      yield items.filter(item => !isExpired(item, now)).map(toConnectedStore);
  }

  /** How many stores are connected, all shards side by side. */
  async countStores(now: number): Promise<number> {
    const counts = Array.from({ length: this.#shards }, (_, shard) =>
      this.#table.count({
        KeyConditionExpression: 's = :s AND m BETWEEN :first AND :last',
        FilterExpression: 'x > :now',
        ExpressionAttributeValues: {
          ':s': { N: String(shard) },
          ':first': { S: FIRST_STORE },
          ':last': { S: LAST_STORE },
          ':now': { N: String(now / 1_000) },
        },
        ConsistentRead: true,
      }),
    );
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  }

  /** One connected store. */
  async store(storeId: string, now: number): Promise<ConnectedStore | undefined> {
    const item = await this.#table.get(keyOf(this.#storeKey(storeId)));
    return item !== undefined && !isExpired(item, now) ? toConnectedStore(item) : undefined;
  }

  /** Every line of a manager. */
  async managers(now: number): Promise<Member[]> {
    const managers: Member[] = [];
    const pages = this.#table.query({
      KeyConditionExpression: 's = :s AND m BETWEEN :first AND :last',
      ExpressionAttributeValues: {
        ':s': { N: String(this.#shards) },
        ':first': { S: FIRST_MANAGER },
        ':last': { S: LAST_MANAGER },
      },
      ProjectionExpression: 'm, c, x',
      ConsistentRead: true,
    });
    for await (const items of pages)
      managers.push(...items.filter(item => !isExpired(item, now)).map(item => toMember(this.#shards, item)));
    return managers;
  }

  /** Pages of shards in the order in which they arrive: nobody waits for the last shard. */
  async *#pages(
    projection: string,
    from: Checkpoint = this.start,
    end: Checkpoint = {},
  ): AsyncGenerator<{ shard: number; items: Item[] }> {
    const readers = Object.entries(from).map(([shard, behind]) =>
      this.#shardPages(Number(shard), projection, behind, end[shard] ?? LAST_STORE),
    );
    const pending = new Map(readers.map(reader => [reader, nextOf(reader)]));
    try {
      while (pending.size > 0) {
        const { reader, result } = await Promise.race(pending.values());
        if (result.done) {
          pending.delete(reader);
        } else {
          pending.set(reader, nextOf(reader));
          yield result.value;
        }
      }
    } finally {
      // Whoever has read enough waits for no page more, and a failure of one is no concern of anybody.
      for (const page of pending.values()) page.catch(() => undefined);
    }
  }

  async *#shardPages(
    shard: number,
    projection: string,
    behind: string,
    end: string,
  ): AsyncGenerator<{ shard: number; items: Item[] }> {
    const pages = this.#table.query({
      KeyConditionExpression: 's = :s AND m BETWEEN :behind AND :end',
      ExpressionAttributeValues: {
        ':s': { N: String(shard) },
        ':behind': { S: behind },
        ':end': { S: end },
      },
      ProjectionExpression: projection,
      ConsistentRead: true,
    });
    // BETWEEN takes its ends in.
    for await (const items of pages) yield { shard, items: items.filter(item => item.m?.S !== behind) };
  }

  async *#membersNamed(storeIds: readonly string[], now: number): AsyncGenerator<Member[]> {
    const keys = [...new Set(storeIds)].map(storeId => keyOf(this.#storeKey(storeId)));
    for (const part of chunks(keys, BATCH_GET_KEYS)) {
      let unread: Item[] | undefined = part;
      while (unread !== undefined && unread.length > 0) {
        const { Responses, UnprocessedKeys } = await this.#client.send(
          new BatchGetItemCommand({
            RequestItems: { [this.#table.name]: { Keys: unread, ConsistentRead: true } },
          }),
        );
        const items = Responses?.[this.#table.name] ?? [];
        yield items.filter(item => !isExpired(item, now)).map(item => toMember(Number(item.s?.N), item));
        unread = UnprocessedKeys?.[this.#table.name]?.Keys as Item[] | undefined;
      }
    }
  }

  #item(line: Line, now: number): Item {
    const { identity, connectionId, connectedAt } = line;
    return {
      ...keyOf(this.#memberOf(identity, connectionId)),
      c: { S: connectionId },
      t: { N: String(connectedAt) },
      e: { N: String(now) },
      x: { N: String(Math.floor(connectedAt / 1000) + LIFETIME_SECONDS) },
      ...(identity.role === 'store' ? placement(identity) : {}),
    };
  }

  #memberOf(identity: Identity, connectionId: string): { shard: number; member: string } {
    if (identity.role === 'store') return this.#storeKey(identity.storeId);
    // People have a shard of their own, past the stores', and as many lines as they open pages.
    return { shard: this.#shards, member: `${FIRST_MANAGER}${identity.name}#${connectionId}` };
  }

  #storeKey(storeId: string): { shard: number; member: string } {
    return { shard: shardOf(storeId, this.#shards), member: `store#${storeId}` };
  }
}

/** Whether an audience is a list of stores, and no region or group. */
export function namesStoresOnly(audience: Audience | undefined): boolean {
  return audience !== undefined && audience.regions.length + audience.groups.length === 0;
}

type Reader = AsyncGenerator<{ shard: number; items: Item[] }>;

async function nextOf(
  reader: Reader,
): Promise<{ reader: Reader; result: Awaited<ReturnType<Reader['next']>> }> {
  return { reader, result: await reader.next() };
}
