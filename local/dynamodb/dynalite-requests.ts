/**
 * Hands a request to dynalite as its own HTTP listener does, which reads, checks, acts and answers: without its request
 * and response, which an in-process request would have to be dressed up as, at the price of the work itself.
 */
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { crc32 } from 'node:zlib';
import type { HttpRequest, HttpResponse } from '../http.ts';
import { isObject } from '../json-text.ts';

/** A refusal in AWS's form. */
interface Failure {
  statusCode: number;
  body: object;
}
type Done = (failure: unknown, data?: object) => void;

/** What dynalite's database was made as. */
export interface DynaliteStore {
  getTable(name: string, done: (failure: unknown, table?: { TableStatus?: string }) => void): void;
}

interface Operation {
  act: (store: DynaliteStore, input: object, done: Done) => void;
  validation: { types: object; custom?: unknown };
}

const OPERATIONS = [
  ...['BatchGetItem', 'BatchWriteItem', 'CreateTable', 'DeleteItem', 'DeleteTable', 'DescribeTable'],
  ...['DescribeTimeToLive', 'GetItem', 'ListTables', 'ListTagsOfResource', 'PutItem', 'Query', 'Scan'],
  ...['TagResource', 'UntagResource', 'UpdateItem', 'UpdateTable'],
];
/** They only look at the descriptions of tables, and would read them from the disk each time. */
const ON_ITEMS = /Item$|^Query$|^Scan$/;
const TARGET = /^DynamoDB_20120810\.(\w+)$/;

/** dynalite's actions must have been replaced before. */
export function dynaliteRequests(store: DynaliteStore): (request: HttpRequest) => Promise<HttpResponse> {
  // dynalite is CommonJS without types.
  const require = createRequire(import.meta.url);
  const validations = require('dynalite/validations') as {
    checkTypes(input: object, types: object): object;
    checkValidations(input: object, types: object, custom: unknown, store: unknown): void;
  };
  const tables = new KnownTables(store);
  const operations = new Map<string, Operation>(
    OPERATIONS.map(name => {
      const file = `${name[0]?.toLowerCase()}${name.slice(1)}`;
      return [
        name,
        { act: require(`dynalite/actions/${file}`), validation: require(`dynalite/validations/${file}`) },
      ];
    }),
  );
  return async request => {
    const name = TARGET.exec(request.headers['x-amz-target'] ?? '')?.[1] ?? '';
    const operation = operations.get(name);
    if (operation === undefined) return refusal('UnknownOperationException');
    const { act, validation } = operation;
    const { promise, resolve, reject } = Promise.withResolvers<HttpResponse>();
    const done: Done = (failure, data) => {
      if (isFailure(failure)) resolve(answer(failure.statusCode, failure.body));
      else if (failure) reject(failure);
      else resolve(answer(200, data));
    };
    const given = inputOf(request);
    if (given === undefined) return refusal('SerializationException');
    try {
      const input = validations.checkTypes(given, validation.types);
      validations.checkValidations(input, validation.types, validation.custom, store);
      if (ON_ITEMS.test(name)) {
        act(tables.view, input, done);
        return promise;
      }
      tables.forget();
      act(store, input, (failure, data) => {
        // What was read meanwhile was of before.
        tables.forget();
        done(failure, data);
      });
    } catch (error) {
      done(error);
    }
    return promise;
  };
}

/** Descriptions of tables, until one of them may change. */
class KnownTables {
  readonly #known = new Map<string, object>();
  /** The store, for actions that change no table. */
  readonly view: DynaliteStore;

  constructor(store: DynaliteStore) {
    const getTable: DynaliteStore['getTable'] = (name, done) => {
      const known = this.#known.get(name);
      if (known !== undefined) return done(null, known);
      store.getTable(name, (failure, table) => {
        if (table?.TableStatus === 'ACTIVE') this.#known.set(name, table);
        done(failure, table);
      });
    };
    this.view = Object.assign(Object.create(store), { getTable });
  }

  forget(): void {
    this.#known.clear();
  }
}

function inputOf({ body }: HttpRequest): object | undefined {
  try {
    const input: unknown = JSON.parse(body.toString());
    return isObject(input) ? input : undefined;
  } catch {
    return undefined;
  }
}

function isFailure(failure: unknown): failure is Failure {
  return isObject(failure) && typeof failure.statusCode === 'number' && isObject(failure.body);
}

function refusal(type: string): HttpResponse {
  return answer(400, { __type: `com.amazon.coral.service#${type}` });
}

function answer(status: number, data: object | undefined): HttpResponse {
  const body = JSON.stringify(data ?? {});
  return {
    status,
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amzn-requestid': randomUUID(),
      'x-amz-crc32': String(crc32(body)),
    },
    body,
  };
}
