/**
 * SQS by fauxqs, durable in the data directory. Requests reach it in process: its own `startFauxqs` would listen
 * on every interface of the machine, and the local cloud answers on loopback only. The parts it is made of are not
 * exported, hence the import by file.
 */
import type { DatabaseSync } from 'node:sqlite';
import { buildApp } from 'fauxqs';
import type { HttpRequest, HttpResponse } from '../http.ts';
import { blocks, type Usage } from '../usage.ts';

export interface QueueDefinition {
  name: string;
  arn: string;
  /** CreateQueue's attributes, by SQS's own names. */
  attributes: Record<string, string>;
}

export interface QueueServiceOptions {
  /** An existing directory; its SQLite file holds the messages. */
  dataDirectory: string;
  region: string;
  /** Where queue URLs point: the edge's `http://127.0.0.1:PORT`. */
  endpoint: string;
  /** Counts requests, those of the local cloud's own services included. */
  usage?: Usage;
}

type App = ReturnType<typeof buildApp>;
type Stores = NonNullable<NonNullable<Parameters<typeof buildApp>[0]>['stores']>;

interface Persistence {
  loadSqsAndSns(sqs: Stores['sqsStore'], sns: Stores['snsStore']): void;
  updateMessageReady(...args: unknown[]): void;
  updateMessageInflight(...args: unknown[]): void;
  close(): void;
}

/** Operations whose answers hold queue URLs; messages hold what they were sent with. */
const ANSWERS_URLS = new Set(['CreateQueue', 'GetQueueUrl', 'ListQueues', 'ListDeadLetterSourceQueues']);

/** "Amazon SQS pricing": each 64 KB of a payload is a request; here by the larger of request and response. */
const BLOCK_BYTES = 64 * 1024;

const BEYOND_SQS = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd]/g;

function codeOf(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

export class QueueService {
  readonly #app: App;
  readonly #persistence: Persistence;
  readonly #options: QueueServiceOptions;
  /** Undefined until the queues are there: to make them costs nothing. */
  #usage: Usage | undefined;

  private constructor(app: App, persistence: Persistence, options: QueueServiceOptions) {
    this.#app = app;
    this.#persistence = persistence;
    this.#options = options;
  }

  static async open(queues: readonly QueueDefinition[], options: QueueServiceOptions): Promise<QueueService> {
    const { stores, persistence } = await openStores(options.dataDirectory);
    const app = buildApp({ logger: false, defaultRegion: options.region, stores });
    await app.ready();
    const service = new QueueService(app, persistence, options);
    for (const { name, attributes } of queues) await service.#createOrUpdate(name, attributes);
    service.#usage = options.usage;
    return service;
  }

  async handle(request: HttpRequest): Promise<HttpResponse> {
    const response = await this.#app.inject({
      method: 'POST',
      url: '/',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': request.headers['x-amz-target'] ?? '',
        // The operator may sign for any Region; there is one set of queues.
        authorization: `AWS4-HMAC-SHA256 Credential=local/20000101/${this.#options.region}/sqs/aws4_request`,
      },
      payload: request.body,
    });
    const bytes = Math.max(request.body.length, response.rawPayload.length);
    this.#usage?.add('queueRequest', blocks(bytes, BLOCK_BYTES));
    const operation = request.headers['x-amz-target']?.split('.')[1] ?? '';
    return {
      status: response.statusCode,
      headers: pick(response.headers, ['content-type', 'x-amzn-query-error']),
      body: ANSWERS_URLS.has(operation) ? this.#withOwnAddress(response.body) : response.body,
    };
  }

  /**
   * Puts a message into a queue, as other services of the local cloud do with their dead letters: JSON, in which
   * what SQS refuses (fauxqs takes nothing past U+FFFD) is written by its code.
   */
  async send(queueArn: string, body: string, attributes: Record<string, string>): Promise<void> {
    const values = Object.entries(attributes).map(
      ([key, value]) => [key, { DataType: 'String', StringValue: value.replace(BEYOND_SQS, '?') }] as const,
    );
    await this.call('SendMessage', queueArn, {
      MessageBody: body.replace(BEYOND_SQS, codeOf),
      MessageAttributes: Object.fromEntries(values),
    });
  }

  /** An operation on one queue. @throws Error with SQS's own answer */
  call(operation: string, queueArn: string, input: object): Promise<Record<string, unknown>> {
    const name = queueArn.slice(queueArn.lastIndexOf(':') + 1);
    return this.#call(operation, { ...input, QueueUrl: `${this.#options.endpoint}/000000000000/${name}` });
  }

  /** fauxqs makes queue URLs of a host of its own, and stores them, while the port may differ from start to start. */
  #withOwnAddress(body: string): string {
    return body.replaceAll(/"https?:\/\/[^/"]+\/(?=\d{12}\/)/g, `"${this.#options.endpoint}/`);
  }

  async close(): Promise<void> {
    await this.#app.close();
    this.#persistence.close();
  }

  async #createOrUpdate(QueueName: string, Attributes: Record<string, string>): Promise<void> {
    const { QueueUrls = [] } = await this.#call('ListQueues', { QueueNamePrefix: QueueName });
    const existing = (QueueUrls as string[]).find(url => url.endsWith(`/${QueueName}`));
    if (existing === undefined) await this.#call('CreateQueue', { QueueName, Attributes });
    else if (Object.keys(Attributes).length > 0) {
      await this.#call('SetQueueAttributes', { QueueUrl: existing, Attributes });
    }
  }

  async #call(operation: string, input: object): Promise<Record<string, unknown>> {
    const { status, body } = await this.handle({
      method: 'POST',
      path: '/',
      query: '',
      headers: { 'x-amz-target': `AmazonSQS.${operation}` },
      body: Buffer.from(JSON.stringify(input)),
      sourceIp: '127.0.0.1',
    });
    if (status !== 200) throw new Error(`SQS ${operation}: ${body.toString()}`);
    return body.length === 0 ? {} : (JSON.parse(body.toString()) as Record<string, unknown>);
  }
}

/** What fauxqs's own start does, without listening. */
async function openStores(dataDirectory: string): Promise<{ stores: Stores; persistence: Persistence }> {
  const entry = import.meta.resolve('fauxqs');
  const load = <T>(path: string): Promise<T> => import(new URL(path, entry).href) as Promise<T>;
  const { SqsStore } = await load<{ SqsStore: new () => Stores['sqsStore'] }>('./sqs/sqsStore.js');
  const { SnsStore } = await load<{ SnsStore: new () => Stores['snsStore'] }>('./sns/snsStore.js');
  const { S3Store } = await load<{ S3Store: new () => Stores['s3Store'] }>('./s3/s3Store.js');
  const { PersistenceManager } = await load<{
    PersistenceManager: new (
      directory: string,
    ) => Persistence & NonNullable<Stores['sqsStore']['persistence']>;
  }>('./persistence.js');
  const stores = { sqsStore: new SqsStore(), snsStore: new SnsStore(), s3Store: new S3Store() };
  const persistence = new PersistenceManager(dataDirectory);
  // fauxqs writes null into the receive count, which its own table refuses: a message that a reader gives back would be lost.
  const { db } = persistence as unknown as { db: DatabaseSync };
  const makeReady = db.prepare(
    'UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL WHERE message_id = ?',
  );
  persistence.updateMessageReady = (messageId: unknown) => void makeReady.run(String(messageId));
  // Loaded before it is attached, or loading would write each row anew.
  persistence.loadSqsAndSns(stores.sqsStore, stores.snsStore);
  surviveLostVisibility(persistence);
  stores.sqsStore.persistence = persistence;
  for (const queue of stores.sqsStore.allQueues()) queue.persistence = persistence;
  return { stores, persistence };
}

/**
 * fauxqs stores by timers that a message is visible again. An error there has no caller, and ends the process. A message
 * whose change is lost to a full disk is delivered again after a restart: at least once, as SQS promises.
 */
function surviveLostVisibility(persistence: Persistence): void {
  for (const name of ['updateMessageReady', 'updateMessageInflight'] as const) {
    const write = persistence[name].bind(persistence);
    persistence[name] = (...args) => {
      try {
        write(...args);
      } catch (error) {
        if (!(error instanceof Error && /full|I\/O/i.test(error.message))) throw error;
      }
    };
  }
}

function pick(headers: Record<string, unknown>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.filter(name => name in headers).map(name => [name, String(headers[name])]));
}
