/**
 * One DynamoDB table, as the modules that know its keys use it: reads are consistent, lists are whole, and a condition
 * that fails is an answer, not an error.
 */
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  type ReturnValue,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { queryPage } from './raw-query.ts';

export type Item = Record<string, AttributeValue>;

/** What must hold of the item that is there, for a write to happen. */
export interface Condition {
  expression: string;
  values?: Item;
}

/** An update expression, with what it names. */
export interface Change {
  expression: string;
  values?: Item;
  names?: Record<string, string>;
  condition?: string;
}

export type Query = Omit<QueryCommandInput, 'TableName' | 'ExclusiveStartKey'>;

export interface TableOptions {
  client: DynamoDBClient;
  /** Name of the table. */
  table: string;
}

export class Table {
  readonly #client: DynamoDBClient;
  readonly name: string;

  constructor({ client, table }: TableOptions) {
    this.#client = client;
    this.name = table;
    // It goes through every attribute of every answer for a log that nobody has asked for: a third of a read's CPU.
    client.middlewareStack.remove('loggerMiddleware');
  }

  async get(key: Item): Promise<Item | undefined> {
    const { Item } = await this.#client.send(
      new GetItemCommand({ TableName: this.name, Key: key, ConsistentRead: true }),
    );
    return Item;
  }

  /** @returns what was there before; undefined if the condition fails */
  put(item: Item, condition?: Condition): Promise<{ previous: Item | undefined } | undefined> {
    return unlessConditionFails(async () => {
      const { Attributes } = await this.#client.send(
        new PutItemCommand({
          TableName: this.name,
          Item: item,
          ReturnValues: 'ALL_OLD',
          ...conditionOf(condition),
        }),
      );
      return { previous: Attributes };
    });
  }

  /** @returns false if the condition fails */
  async update(key: Item, change: Change): Promise<boolean> {
    return (await this.#update(key, change, 'NONE')) !== undefined;
  }

  /** @returns the attributes that were changed, as they are now; undefined if the condition fails */
  change(key: Item, change: Change): Promise<Item | undefined> {
    return this.#update(key, change, 'UPDATED_NEW');
  }

  #update(
    key: Item,
    { expression, values, names, condition }: Change,
    ReturnValues: ReturnValue,
  ): Promise<Item | undefined> {
    return unlessConditionFails(async () => {
      const { Attributes = {} } = await this.#client.send(
        new UpdateItemCommand({
          TableName: this.name,
          Key: key,
          UpdateExpression: expression,
          ConditionExpression: condition,
          ExpressionAttributeValues: values,
          ExpressionAttributeNames: names,
          ReturnValues,
        }),
      );
      return Attributes;
    });
  }

  /** @returns false if the condition fails */
  async delete(key: Item, condition?: Condition): Promise<boolean> {
    const done = await unlessConditionFails(() =>
      this.#client.send(new DeleteItemCommand({ TableName: this.name, Key: key, ...conditionOf(condition) })),
    );
    return done !== undefined;
  }

  /** All that a query finds, page by page. */
  async *query(query: Query): AsyncGenerator<Item[]> {
    let ExclusiveStartKey: Item | undefined;
    do {
      const page = await queryPage(this.#client, { TableName: this.name, ...query, ExclusiveStartKey });
      yield page.items;
      ExclusiveStartKey = page.lastKey;
    } while (ExclusiveStartKey !== undefined);
  }

  /** How many items a query finds: DynamoDB counts them, and sends none. */
  async count(query: Query): Promise<number> {
    let count = 0;
    let ExclusiveStartKey: Item | undefined;
    do {
      const page = await this.#client.send(
        new QueryCommand({ TableName: this.name, ...query, Select: 'COUNT', ExclusiveStartKey }),
      );
      count += page.Count ?? 0;
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
    return count;
  }

  /** The first page of what a query finds. */
  async page(query: Query): Promise<{ items: Item[]; hasMore: boolean }> {
    const page = await this.#client.send(new QueryCommand({ TableName: this.name, ...query }));
    return { items: page.Items ?? [], hasMore: page.LastEvaluatedKey !== undefined };
  }

  /** Every item, page by page. */
  async *scan(): AsyncGenerator<Item[]> {
    let ExclusiveStartKey: Item | undefined;
    do {
      const page = await this.#client.send(
        new ScanCommand({ TableName: this.name, ConsistentRead: true, ExclusiveStartKey }),
      );
      yield page.Items ?? [];
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
  }
}

/** TTL deletes come up to two days late: an item whose time (`x`, seconds) is over counts as deleted. */
export function isExpired(item: Item, now: number): boolean {
  return expiryOf(item) <= now;
}

/** When an item expires, in milliseconds since the epoch; infinity if it doesn't. */
export function expiryOf(item: Item): number {
  return item.x === undefined ? Number.POSITIVE_INFINITY : Number(item.x.N) * 1000;
}

function conditionOf(condition: Condition | undefined) {
  if (condition === undefined) return {};
  return { ConditionExpression: condition.expression, ExpressionAttributeValues: condition.values };
}

async function unlessConditionFails<T>(write: () => Promise<T>): Promise<T | undefined> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}
