/** The `connections` table: which line each store holds now. Its items are in connection-items.ts. */
import { chunks } from '../../domain/chunks.ts';
import type { Identity } from '../../domain/identity/identity.ts';
import { Environment } from '../../domain/names.ts';
import { type Audience, reachedBy } from '../../domain/updates/channels.ts';
import { type Item, number } from '../aws/codecs.ts';
import { dynamoDb } from '../aws/direct/direct-requests.ts';
import { required, requiredNumber } from '../aws/environment.ts';
import { type Expression, expression, join, literal } from '../aws/expression.ts';
import { shardOf } from '../aws/shard.ts';
import { type ReadOptions, Table, type TableOptions } from '../aws/table.ts';
import type { Checkpoint } from './checkpoint.ts';
import {
  type ConnectedStore,
  type Connection,
  connection,
  FIRST_MANAGER,
  FIRST_STORE,
  isOpen,
  LAST_MANAGER,
  LAST_STORE,
  type Member,
  placement,
  placementOf,
  toConnectedStore,
  toMember,
} from './connection-items.ts';
import type { PlacedStore } from './placement.ts';
import { isBetween, shardPages } from './shard-pages.ts';
import { parts, shardsOfPart } from './store-parts.ts';

/** One open line. */
export interface Line {
  identity: Identity;
  connectionId: string;
  /** Milliseconds since the epoch, as API Gateway stamped it. */
  connectedAt: number;
  /** What the line calls itself. */
  name?: string | undefined;
}

/** API Gateway ends every connection after two hours; the entry outlives it by ten minutes, for clocks that differ. */
const LIFETIME_MS = (7_200 + 600) * 1_000;
const DELETES_AT_ONCE = 25;
/** Shards, of 10,000 stores at most, whose stores a function may hold. */
const MOST_SHARDS_AT_ONCE = 8;
const { connectedAt, connectionId, enteredAt, expiresAt, groups, member, placementVersion, region, shard } =
  connection.attributes;

/** The registry that the stack gave this function. */
export function connectionsFromEnvironment(): Connections {
  return new Connections({
    client: dynamoDb(),
    table: required(Environment.connectionsTable),
    shards: requiredNumber(Environment.connectionShards),
  });
}

/** A newer line than this one is registered. */
export class SupersededError extends Error {
  override readonly name = 'SupersededError';
}

export class Connections {
  readonly #table: Table<typeof connection>;
  readonly #shards: number;

  constructor(options: TableOptions & { shards: number }) {
    this.#table = new Table(options, connection);
    this.#shards = options.shards;
  }

  /**
   * Enters a line; a store's entry is one item, so a newer line takes the older one's place.
   *
   * @throws SupersededError if the registered line is newer than this one
   */
  async register(line: Line, now: number): Promise<void> {
    // API Gateway stamps a connection once, so a line that comes again is neither newer nor older.
    const isOlder = expression`${connectedAt} < ${connectedAt.value(line.connectedAt)}`;
    const isSame = connectionId.is(line.connectionId);
    const written = await this.#table.put(
      this.#entryOf(line, now),
      expression`${connection.isNew} OR ${isOlder} OR ${isSame}`,
    );
    if (written === undefined) throw new SupersededError('a newer line is registered');
  }

  /**
   * Moves a store's line to where the chain has placed it. A later placement that is entered stays, and so does the
   * entry of another line.
   */
  async place(line: Pick<Line, 'connectionId'>, store: PlacedStore): Promise<void> {
    const { placementVersion: version = 0, storeId } = store;
    const where = placement(store);
    const isOlder = expression`attribute_not_exists(${placementVersion}) OR ${placementVersion} < ${placementVersion.value(version)}`;
    const sets = [placementVersion.is(version)];
    const removes: Expression[] = [];
    if (where.region === undefined) removes.push(expression`${region}`);
    else sets.push(region.is(where.region));
    if (where.groups === undefined) removes.push(expression`${groups}`);
    else sets.push(groups.is(where.groups));
    const set = expression`SET ${join(sets, ', ')}`;
    await this.#table.update(
      this.#storeKey(storeId),
      removes.length === 0 ? set : expression`${set} REMOVE ${join(removes, ', ')}`,
      expression`${connectionId.is(line.connectionId)} AND (${isOlder})`,
    );
  }

  /** The entry of the line that its store, or this page of a manager, holds now. */
  registered(line: Line, options?: ReadOptions): Promise<Connection | undefined> {
    return this.#table.get(this.#keyOf(line), options);
  }

  /** Whether this very line is the registered one. */
  async isRegistered(line: Line): Promise<boolean> {
    return (await this.registered(line))?.connectionId === line.connectionId;
  }

  /** Takes a line off the registry; false if a newer one has taken its place, or it is off already. */
  async deregister(line: Pick<Line, 'identity' | 'connectionId'>): Promise<boolean> {
    return this.remove({ ...this.#keyOf(line), connectionId: line.connectionId });
  }

  /**
   * Deletes an entry on condition that it still holds this connection.
   *
   * @param olderThan spares an entry that was written later than this (ms): a post while `$connect` still runs is
   * answered 410, though the line is about to open
   */
  async remove(entry: Member, olderThan = Number.MAX_SAFE_INTEGER): Promise<boolean> {
    const isOlder = expression`${enteredAt} < ${enteredAt.value(olderThan)}`;
    return this.#table.delete(entry, expression`${connectionId.is(entry.connectionId)} AND ${isOlder}`);
  }

  /** Deletes many entries, each on the conditions of `remove`. */
  async removeAll(members: Iterable<Member>, olderThan: number): Promise<void> {
    for (const some of chunks([...members], DELETES_AT_ONCE))
      await Promise.all(some.map(entry => this.remove(entry, olderThan)));
  }

  /**
   * Every registered line that an audience reaches, page by page, each once. Shards are read side by side, each in the
   * order of its members; an audience that only names stores is read in no order, and from its start.
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
    // A broadcast to every store projects only what a post needs.
    const posted = [member, connectionId, expiresAt];
    const attributes = audience === undefined ? posted : [...posted, region, groups];
    for await (const { shard, items } of shardPages(this.#table, attributes, from, end)) {
      yield items
        .filter(item => isOpen(item, now) && (audience === undefined || isReached(placementOf(item))))
        .map(item => toMember(shard, item));
    }
  }

  /** Where each shard of stores begins. */
  get start(): Checkpoint {
    return Object.fromEntries(this.#storeShards().map(shard => [shard, FIRST_STORE]));
  }

  /** Whether each part of the fleet has shards of its own. */
  get hasParts(): boolean {
    return shardsOfPart(0, this.#shards) !== undefined;
  }

  /** Parts of the fleet that are read at once: a part of a small fleet is small. At most some 80,000 stores, or one part. */
  get partsAtOnce(): number {
    return Math.max(1, Math.floor((parts.length * MOST_SHARDS_AT_ONCE) / this.#shards));
  }

  /** Ids of the connected stores of a part. @param part @default of all parts, and so it is where shards have several */
  async connectedIn(now: number, part?: number): Promise<Set<string>> {
    const own = (part === undefined ? undefined : shardsOfPart(part, this.#shards)) ?? this.#storeShards();
    const from = Object.fromEntries(own.map(shard => [shard, FIRST_STORE]));
    const ids = new Set<string>();
    for await (const { items } of shardPages(this.#table, [member, expiresAt], from))
      for (const item of items) if (isOpen(item, now)) ids.add(placementOf(item).storeId);
    return ids;
  }

  /** The connected stores whose ids lie between these two, both included, by their ids. */
  async connectedBetween(first: string, last: string, now: number): Promise<Map<string, ConnectedStore>> {
    const attributes = [member, connectionId, connectedAt, expiresAt, region, groups];
    const found = new Map<string, ConnectedStore>();
    const read = async (shard: number) => {
      const where = isBetween(shard, `${FIRST_STORE}${first}`, `${FIRST_STORE}${last}`);
      for await (const items of this.#table.query({ where, attributes }))
        for (const item of items)
          if (isOpen(item, now)) found.set(placementOf(item).storeId, toConnectedStore(item));
    };
    await Promise.all(this.#storeShards().map(read));
    return found;
  }

  /** Those of these stores that are connected, by their ids. */
  async connectedAmong(storeIds: readonly string[], now: number): Promise<Map<string, ConnectedStore>> {
    const found = new Map<string, ConnectedStore>();
    for await (const items of this.#entriesOf(storeIds))
      for (const item of items)
        if (isOpen(item, now)) found.set(placementOf(item).storeId, toConnectedStore(item));
    return found;
  }

  /**
   * How many stores are connected, all shards side by side. It reads all of their entries, at half the price: a counter
   * that no repeated change could make wrong would cost more (docs/scaling.md).
   */
  async countStores(now: number): Promise<number> {
    const counts = this.#storeShards().map(shard =>
      this.#table.count({
        where: isBetween(shard, FIRST_STORE, LAST_STORE),
        filter: expression`${expiresAt} > ${literal(number, now / 1_000)}`,
        isEventual: true,
      }),
    );
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  }

  /** One connected store. */
  async store(storeId: string, now: number): Promise<ConnectedStore | undefined> {
    const item = await this.#table.getItem(this.#storeKey(storeId));
    return item !== undefined && isOpen(item, now) ? toConnectedStore(item) : undefined;
  }

  /** Every line of a manager. */
  async managers(now: number): Promise<Member[]> {
    const managers: Member[] = [];
    const pages = this.#table.query({
      where: isBetween(this.#shards, FIRST_MANAGER, LAST_MANAGER),
      attributes: [member, connectionId, expiresAt],
    });
    for await (const items of pages)
      managers.push(...items.filter(item => isOpen(item, now)).map(item => toMember(this.#shards, item)));
    return managers;
  }

  async *#membersNamed(storeIds: readonly string[], now: number): AsyncGenerator<Member[]> {
    for await (const items of this.#entriesOf(storeIds))
      yield items.filter(item => isOpen(item, now)).map(item => toMember(shard.of(item), item));
  }

  #entriesOf(storeIds: readonly string[]): AsyncGenerator<Item[]> {
    return this.#table.batchGet([...new Set(storeIds)].map(storeId => this.#storeKey(storeId)));
  }

  #entryOf(line: Line, now: number): Connection {
    const { identity } = line;
    return {
      ...this.#keyOf(line),
      connectionId: line.connectionId,
      connectedAt: line.connectedAt,
      enteredAt: now,
      expiresAt: line.connectedAt + LIFETIME_MS,
      name: line.name,
      ...(identity.role === 'store' && placement(identity)),
    };
  }

  #keyOf({ identity, connectionId }: Pick<Line, 'identity' | 'connectionId'>) {
    if (identity.role === 'store') return this.#storeKey(identity.storeId);
    // People have a shard of their own, past the stores', and as many lines as they open pages.
    return { shard: this.#shards, member: `${FIRST_MANAGER}${identity.name}#${connectionId}` };
  }

  #storeKey(storeId: string): { shard: number; member: string } {
    return { shard: shardOf(storeId, this.#shards), member: `${FIRST_STORE}${storeId}` };
  }

  #storeShards(): number[] {
    return Array.from({ length: this.#shards }, (_, shard) => shard);
  }
}

/** Whether an audience is a list of stores, and no region or group. */
export function namesStoresOnly(audience: Audience | undefined): boolean {
  return audience !== undefined && audience.regions.length + audience.groups.length === 0;
}
