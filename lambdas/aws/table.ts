/**
 * One DynamoDB table, as the modules that know its items use it: lists are whole, and a condition that fails is an
 * answer, not an error. Reads are consistent unless they say otherwise.
 */
import {
  BatchGetItemCommand,
  type BatchGetItemCommandInput,
  type BatchGetItemCommandOutput,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
  type ReturnValue,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { chunks } from '../../domain/chunks.ts';
import type { Item } from './codecs.ts';
import { compile, type Expression, expression, join, type Path } from './expression.ts';
import type { AnySchema, KeyOf, RecordOf } from './item-schema.ts';

export interface ReadOptions {
  /** Read at half the price what may be a moment old. */
  isEventual?: boolean;
}

/** Keys of another table, whose items are read by the request that reads one of this table. */
export interface Beside {
  readonly table: string;
  /** `MOST_BESIDE` at most. */
  readonly keys: readonly Item[];
  /** Hears of those that there are, in no particular order. */
  take(items: readonly Item[]): void;
}

/** Items of a query are undecoded: whoever projects attributes knows which of them to read. */
export interface Query extends ReadOptions {
  /** The key condition. */
  where: Expression;
  filter?: Expression;
  /** The attributes to read. @default all of them */
  attributes?: readonly Path[];
  /** An index; it follows its table within moments, so it has no consistent reads. */
  index?: string;
  isDescending?: boolean;
  /** Items of a page. */
  limit?: number;
}

/** Which of the segments, from 0 on, that a table is scanned in: each has as many items. */
export interface Segment {
  number: number;
  of: number;
}

export interface TableOptions {
  client: Pick<DynamoDBClient, 'send'>;
  /** Name of the table. */
  table: string;
}

type RequestItems = NonNullable<BatchGetItemCommandInput['RequestItems']>;

/** DynamoDB's own limit. */
const BATCH_GET_KEYS = 100;
export const MOST_BESIDE = BATCH_GET_KEYS - 1;

export class Table<S extends AnySchema> {
  readonly schema: S;
  readonly #client: TableOptions['client'];
  readonly #name: string;

  constructor({ client, table }: TableOptions, schema: S) {
    this.schema = schema;
    this.#name = table;
    this.#client = client;
  }

  async get(key: KeyOf<S>, options?: ReadOptions): Promise<RecordOf<S> | undefined> {
    return this.#decoded(await this.getItem(key, options));
  }

  /** The same by one request for items of two tables, all of them read consistently. */
  async getBeside(key: KeyOf<S>, beside: Beside): Promise<RecordOf<S> | undefined> {
    const found: Item[] = [];
    const requested = {
      [this.#name]: { Keys: [this.schema.key(key)], ConsistentRead: true },
      [beside.table]: { Keys: [...beside.keys], ConsistentRead: true },
    };
    for await (const responses of this.#batches(requested)) {
      found.push(...(responses[this.#name] ?? []));
      beside.take(responses[beside.table] ?? []);
    }
    return this.#decoded(found[0]);
  }

  /** The same, undecoded. */
  async getItem(key: KeyOf<S>, { isEventual = false }: ReadOptions = {}): Promise<Item | undefined> {
    const { Item } = await this.#client.send(
      new GetItemCommand({
        TableName: this.#name,
        Key: this.schema.key(key),
        ConsistentRead: !isEventual,
      }),
    );
    return Item;
  }

  /** The items of these keys that there are, page by page, in no particular order. */
  async *batchGet(
    keys: readonly KeyOf<S>[],
    { isEventual = false }: ReadOptions = {},
  ): AsyncGenerator<Item[]> {
    for (const some of chunks(keys, BATCH_GET_KEYS)) {
      const Keys = some.map(key => this.schema.key(key));
      for await (const responses of this.#batches({ [this.#name]: { Keys, ConsistentRead: !isEventual } }))
        yield responses[this.#name] ?? [];
    }
  }

  async *#batches(requested: RequestItems): AsyncGenerator<Record<string, Item[]>> {
    let unread: RequestItems | undefined = requested;
    while (unread !== undefined && Object.keys(unread).length > 0) {
      const answer: BatchGetItemCommandOutput = await this.#client.send(
        new BatchGetItemCommand({ RequestItems: unread }),
      );
      yield answer.Responses ?? {};
      unread = answer.UnprocessedKeys;
    }
  }

  #decoded(item: Item | undefined): RecordOf<S> | undefined {
    return item && (this.schema.decode(item) as RecordOf<S>);
  }

  /** @returns the item that was there before; undefined if the condition fails */
  put(record: RecordOf<S>, condition?: Expression): Promise<{ previous: Item | undefined } | undefined> {
    return unlessConditionFails(async () => {
      const { Attributes } = await this.#client.send(
        new PutItemCommand({
          TableName: this.#name,
          Item: this.schema.encode(record),
          ReturnValues: 'ALL_OLD',
          ...compile({ ConditionExpression: condition }),
        }),
      );
      return { previous: Attributes };
    });
  }

  /** @returns false if there is an item of this key already */
  async insert(record: RecordOf<S>): Promise<boolean> {
    return (await this.put(record, this.schema.isNew)) !== undefined;
  }

  /** @returns false if the condition fails */
  async update(key: KeyOf<S>, change: Expression, condition?: Expression): Promise<boolean> {
    return (await this.#update(key, change, condition, 'NONE')) !== undefined;
  }

  /** @returns the attributes that were changed, as they are now; undefined if the condition fails */
  change(key: KeyOf<S>, change: Expression, condition?: Expression): Promise<Item | undefined> {
    return this.#update(key, change, condition, 'UPDATED_NEW');
  }

  #update(
    key: KeyOf<S>,
    change: Expression,
    condition: Expression | undefined,
    ReturnValues: ReturnValue,
  ): Promise<Item | undefined> {
    return unlessConditionFails(async () => {
      const { Attributes = {} } = await this.#client.send(
        new UpdateItemCommand({
          TableName: this.#name,
          Key: this.schema.key(key),
          ...compile({ UpdateExpression: change, ConditionExpression: condition }),
          ReturnValues,
        }),
      );
      return Attributes;
    });
  }

  /** @returns false if the condition fails */
  async delete(key: KeyOf<S>, condition?: Expression): Promise<boolean> {
    const done = await unlessConditionFails(() =>
      this.#client.send(
        new DeleteItemCommand({
          TableName: this.#name,
          Key: this.schema.key(key),
          ...compile({ ConditionExpression: condition }),
        }),
      ),
    );
    return done !== undefined;
  }

  /** All that a query finds, page by page. */
  async *query(query: Query): AsyncGenerator<Item[]> {
    const input = this.#inputOf(query);
    let ExclusiveStartKey: Item | undefined;
    do {
      const page: QueryCommandOutput = await this.#client.send(
        new QueryCommand({ ...input, ExclusiveStartKey }),
      );
      yield page.Items ?? [];
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
  }

  /** How many items a query finds: DynamoDB counts them, and sends none. */
  async count(query: Query): Promise<number> {
    const input = { ...this.#inputOf(query), Select: 'COUNT' } as const;
    let count = 0;
    let ExclusiveStartKey: Item | undefined;
    do {
      const page = await this.#client.send(new QueryCommand({ ...input, ExclusiveStartKey }));
      count += page.Count ?? 0;
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
    return count;
  }

  /** The first page of what a query finds. */
  async page(query: Query): Promise<{ items: Item[]; hasMore: boolean }> {
    const page = await this.#client.send(new QueryCommand(this.#inputOf(query)));
    return { items: page.Items ?? [], hasMore: page.LastEvaluatedKey !== undefined };
  }

  /** Every item, or those of a segment, page by page. */
  async *scan({ number, of }: Segment = { number: 0, of: 1 }): AsyncGenerator<Item[]> {
    const segment = of === 1 ? {} : { Segment: number, TotalSegments: of };
    let ExclusiveStartKey: Item | undefined;
    do {
      const page = await this.#client.send(
        new ScanCommand({ TableName: this.#name, ConsistentRead: true, ...segment, ExclusiveStartKey }),
      );
      yield page.Items ?? [];
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
  }

  #inputOf({ attributes, filter, index, isDescending, isEventual, limit, where }: Query): QueryCommandInput {
    const projection = attributes?.map(attribute => expression`${attribute}`);
    return {
      TableName: this.#name,
      IndexName: index,
      ConsistentRead: index === undefined && !isEventual,
      ScanIndexForward: !isDescending,
      Limit: limit,
      ...compile({
        KeyConditionExpression: where,
        FilterExpression: filter,
        ProjectionExpression: projection && join(projection, ', '),
      }),
    };
  }
}

/** TTL deletes come up to two days late: an item whose time is over counts as deleted. */
export function isExpired({ expiresAt }: { expiresAt?: number | undefined }, now: number): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}

async function unlessConditionFails<T>(write: () => Promise<T>): Promise<T | undefined> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}
