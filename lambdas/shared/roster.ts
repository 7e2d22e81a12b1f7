/**
 * The `stores` table: every store that was ever on the line. The only module that knows its keys: `k` store id,
 * `r` region, `g` groups, `p` positions, `f` first seen (ms), `l` last seen (ms), `o` went off at (ms).
 */
import {
  type AttributeValue,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { StorePlacement } from '../../domain/channels.ts';
import { Environment } from '../../domain/names.ts';
import type { Positions } from '../../domain/update.ts';
import { required } from './environment.ts';

type Item = Record<string, AttributeValue>;

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
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(options: { client: DynamoDBClient; table: string }) {
    this.#client = options.client;
    this.#table = options.table;
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
    await this.#update(
      store.storeId,
      `SET ${sets.join(', ')}${store.region === undefined ? ' REMOVE r' : ''}`,
      values,
    );
  }

  /** Notes that a store's line closed. */
  async wentOff(storeId: string, now: number): Promise<void> {
    await this.#update(storeId, 'SET o = :o, f = if_not_exists(f, :o), l = if_not_exists(l, :o)', {
      ':o': { N: String(now) },
    });
  }

  async find(storeId: string): Promise<RosterStore | undefined> {
    const { Item } = await this.#client.send(
      new GetItemCommand({ TableName: this.#table, Key: keyOf(storeId) }),
    );
    return Item === undefined ? undefined : toStore(Item);
  }

  /** Every store, page by page. */
  async *all(): AsyncGenerator<RosterStore[]> {
    let ExclusiveStartKey: Item | undefined;
    do {
      const page = await this.#client.send(
        new ScanCommand({ TableName: this.#table, ConsistentRead: true, ExclusiveStartKey }),
      );
      yield (page.Items ?? []).map(toStore);
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
  }

  /** Takes a store off; one that connects again is a new one. */
  async retire(storeId: string): Promise<void> {
    await this.#client.send(new DeleteItemCommand({ TableName: this.#table, Key: keyOf(storeId) }));
  }

  async #update(storeId: string, UpdateExpression: string, values: Item): Promise<void> {
    await this.#client.send(
      new UpdateItemCommand({
        TableName: this.#table,
        Key: keyOf(storeId),
        UpdateExpression,
        ExpressionAttributeValues: values,
      }),
    );
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
