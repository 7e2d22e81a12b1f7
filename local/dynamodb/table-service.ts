/**
 * DynamoDB by dynalite. Requests reach it whole and in process: its own server would die of a client that breaks
 * off in the middle of a body, and would be a second port. It has no transactions, no TTL deletes and no
 * ReturnValuesOnConditionCheckFailure.
 */
import type { Server } from 'node:http';
import { type HttpRequest, type HttpResponse, jsonResponse } from '../http.ts';
import { type CapacityOptions, TableCapacity } from './capacity/table-capacity.ts';
import { dynaliteRequests } from './dynalite-requests.ts';
import { isSame } from './same-item.ts';
import { type StreamDefinition, type StreamRecord, TableStream } from './table-stream.ts';
import { createDynalite } from './write-tap.ts';

/** CreateTable's input, as far as a template tells it. */
export interface TableDefinition {
  TableName: string;
  AttributeDefinitions: { AttributeName: string; AttributeType: string }[];
  KeySchema: KeySchema;
  /** Not an input of CreateTable here: dynalite has no streams. */
  stream?: StreamDefinition;
  /** Nor this: there is no point-in-time recovery, but its bill. @default false */
  isBackedUp?: boolean;
  /** Nor this: nothing is deleted when it expires, but what is billed for it ends. */
  expiryAttribute?: string;
  GlobalSecondaryIndexes?: { IndexName: string; KeySchema: KeySchema; Projection: Projection }[];
}

type Projection = { ProjectionType?: string; NonKeyAttributes?: string[] };
type KeySchema = { AttributeName: string; KeyType: string }[];

export interface StreamOptions {
  region: string;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Hears of what the store fails with; the request is answered 500. */
  onError?: (error: unknown) => void;
}

export interface TableServiceOptions extends StreamOptions {
  /** Charges what is read and written. @default nothing is charged, nor throttled */
  capacity?: CapacityOptions;
}

/** The data directory holds a table of this name with other keys or indexes. */
export class TableChangedError extends Error {
  override readonly name = 'TableChangedError';
}

export class TableService {
  readonly #server: Server;
  readonly #answer: (request: HttpRequest) => Promise<HttpResponse>;
  /** By their tables' names. */
  readonly #streams: ReadonlyMap<string, TableStream>;
  readonly #streamsByArn: ReadonlyMap<string, TableStream>;
  readonly #inFlight = new Set<Promise<HttpResponse>>();
  #isClosing = false;
  /** What the store failed with last. */
  #failure: unknown;

  private constructor(path: string, tables: readonly TableDefinition[], options: TableServiceOptions) {
    const streams = tables.flatMap(({ TableName, stream: definition }) =>
      definition === undefined
        ? []
        : [{ TableName, definition, stream: new TableStream(definition, options) }],
    );
    this.#streams = new Map(streams.map(({ TableName, stream }) => [TableName, stream]));
    this.#streamsByArn = new Map(streams.map(({ definition, stream }) => [definition.arn, stream]));
    const { server, store } = createDynalite({
      path,
      onWrite: write => this.#streams.get(write.tableName)?.append(write) ?? (() => {}),
      capacity: options.capacity && new TableCapacity(tables, options.capacity),
      onError: error => {
        this.#failure = error;
        options.onError?.(error);
      },
    });
    this.#server = server;
    this.#answer = dynaliteRequests(store);
  }

  /**
   * Opens the store and creates the tables that are not there yet.
   *
   * @param path directory of the LevelDB store; it is locked while open
   * @throws TableChangedError if a table's keys or indexes differ from those that the store knows
   */
  static async open(
    path: string,
    tables: readonly TableDefinition[],
    options: TableServiceOptions = { region: 'us-east-1', now: Date.now },
  ): Promise<TableService> {
    const service = new TableService(path, tables, options);
    for (const table of tables) await service.#ensureTable(table);
    return service;
  }

  async handle(request: HttpRequest): Promise<HttpResponse> {
    if (this.#isClosing) return jsonResponse(500, { __type: 'InternalServerError' });
    const answer = this.#answer(request);
    this.#inFlight.add(answer);
    return answer.finally(() => this.#inFlight.delete(answer));
  }

  /** A table's stream by its ARN. */
  stream(arn: string): TableStream | undefined {
    return this.#streamsByArn.get(arn);
  }

  /** Whether the item that a record is of is as the write has left it, as far as the record tells. */
  async isWritten({
    dynamodb: { Keys: Key, NewImage },
    eventName,
    eventSourceARN,
  }: StreamRecord): Promise<boolean> {
    const TableName = /table\/([^/]+)/.exec(eventSourceARN)?.[1];
    const { body } = await this.#call('GetItem', { TableName, Key, ConsistentRead: true });
    const item = body.Item as StreamRecord['dynamodb']['NewImage'];
    if (eventName === 'REMOVE') return item === undefined;
    return NewImage === undefined || isSame(item, NewImage);
  }

  async close(): Promise<void> {
    // A request whose caller is gone still reads: dynalite would die of a store that closed meanwhile.
    this.#isClosing = true;
    await Promise.allSettled(this.#inFlight);
    // The server never listened; closing it would report that before it closes the store. So it listens first.
    await new Promise<void>((resolve, reject) => {
      this.#server.listen(0, '127.0.0.1', () => {
        this.#server.close(error => (error ? reject(error) : resolve()));
      });
    });
  }

  async #ensureTable({
    stream: _,
    isBackedUp: __,
    expiryAttribute: ___,
    ...table
  }: TableDefinition): Promise<void> {
    const existing = await this.#call('DescribeTable', { TableName: table.TableName });
    if (existing.status === 200) return checkSameKeys(table, existing.body.Table as TableDefinition);
    if (existing.status >= 500) throw this.#failure;
    const created = await this.#call('CreateTable', { ...table, BillingMode: 'PAY_PER_REQUEST' });
    if (created.status !== 200) {
      throw new Error(`table ${table.TableName} could not be created: ${JSON.stringify(created.body)}`);
    }
    await this.#becomesActive(table.TableName);
  }

  async #becomesActive(TableName: string): Promise<void> {
    for (;;) {
      const { body } = await this.#call('DescribeTable', { TableName });
      if ((body.Table as { TableStatus?: string } | undefined)?.TableStatus === 'ACTIVE') return;
      await new Promise(resolve => setImmediate(resolve));
    }
  }

  async #call(operation: string, input: object): Promise<{ status: number; body: Record<string, unknown> }> {
    const { status, body } = await this.handle({
      method: 'POST',
      path: '/',
      query: '',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `DynamoDB_20120810.${operation}`,
      },
      body: Buffer.from(JSON.stringify(input)),
      sourceIp: '127.0.0.1',
    });
    return { status, body: JSON.parse(body.toString()) as Record<string, unknown> };
  }
}

function checkSameKeys(wanted: TableDefinition, existing: TableDefinition): void {
  if (describeKeys(wanted) === describeKeys(existing)) return;
  throw new TableChangedError(
    `table ${wanted.TableName} has other keys than the template: ` +
      `${describeKeys(existing)} instead of ${describeKeys(wanted)}; start with --fresh to empty the data directory`,
  );
}

function describeKeys({ KeySchema, GlobalSecondaryIndexes = [] }: TableDefinition): string {
  const keys = (schema: KeySchema) => schema.map(({ AttributeName }) => AttributeName).join('/');
  const indexes = GlobalSecondaryIndexes.map(
    index => `${index.IndexName}(${keys(index.KeySchema)} with ${attributesOf(index.Projection)})`,
  ).sort();
  return [keys(KeySchema), ...indexes].join(' ');
}

function attributesOf({ ProjectionType, NonKeyAttributes = [] }: Projection): string {
  return ProjectionType === 'INCLUDE' ? [...NonKeyAttributes].sort().join('/') : String(ProjectionType);
}
