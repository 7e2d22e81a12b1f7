/**
 * The AWS that a handler meets, on one port of this process: DynamoDB and KMS by the local cloud's own services, so
 * that conditions and keys mean what they mean there; what is sent to queues, buses and lines is taken down.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { afterAll } from 'vitest';
import { Environment } from '../../domain/names.ts';
import { OUTBOUND_TYPES } from '../../domain/outbound/outbound-events.ts';
import { type TableDefinition, TableService } from '../../local/dynamodb/table-service.ts';
import { type HttpRequest, type HttpResponse, jsonResponse } from '../../local/http.ts';
import { KeyService } from '../../local/kms/key-service.ts';

export const TABLES = {
  connections: 'connections',
  updates: 'updates',
  current: 'current',
  stores: 'stores',
  inbox: 'inbox',
  receipts: 'receipts',
  sales: 'sales',
  hours: 'hours',
  staged: 'staged',
} as const;
export const KEY_ID = 'key-1';
export const DEAD_LETTERS = 'dead-letters';
export const REDELIVERY = 'redelivery';
export const GIVEN_UP = 'given-up';
export const BUS = 'updates-bus';
export const OUTBOUND_BUS = 'outbound-bus';
export const OUTBOUND_DEAD_LETTERS = 'outbound-dead-letters';
export const ALLOWED_ORIGIN = 'https://office.example.com';

/** What becomes of one request: refused or throttled by the service, or done while its answer is lost on the way. */
export type Fault = 'refuse' | 'throttle' | 'lose the answer';

export interface Aws {
  /** `http://127.0.0.1:PORT` */
  endpoint: string;
  dynamodb: DynamoDBClient;
  kms: KMSClient;
  /** Messages sent to queues, in their order; a queue by the end of its URL. */
  messages: { queue: string; body: unknown; code: string | undefined }[];
  /** Entries put on the bus. */
  events: Record<string, string>[];
  /** Frames posted to lines. */
  posts: { connectionId: string; frame: Record<string, unknown> }[];
  /** Lines that were closed. */
  closed: string[];
  /** Payloads of asynchronous invocations. */
  invocations: unknown[];
  /** What `@connections` answers; 200 unless a test says otherwise. */
  statusOf: (connectionId: string, method: string) => number | Promise<number>;
  /** Asked for each request of a JSON API by its operation; none unless a test says otherwise. */
  faultOf: (operation: string) => Fault | undefined;
  /** Forgets what was taken down, and every fault. */
  reset(): void;
}

const key = (...names: string[]) => ({
  KeySchema: names.map((AttributeName, index) => ({
    AttributeName,
    KeyType: index === 0 ? 'HASH' : 'RANGE',
  })),
});
const attributes = (types: Record<string, 'S' | 'N'>) =>
  Object.entries(types).map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType }));

/** As lib/tables.ts has them; test/lib/stack.test.ts holds those to the same keys. */
const definitions: TableDefinition[] = [
  { TableName: TABLES.connections, ...key('s', 'm'), AttributeDefinitions: attributes({ s: 'N', m: 'S' }) },
  {
    TableName: TABLES.updates,
    ...key('channel', 'position'),
    AttributeDefinitions: attributes({ channel: 'S', position: 'N' }),
  },
  {
    TableName: TABLES.current,
    ...key('channel', 'subject'),
    AttributeDefinitions: attributes({ channel: 'S', subject: 'S', position: 'N' }),
    GlobalSecondaryIndexes: [
      { IndexName: 'byPosition', ...key('channel', 'position'), Projection: { ProjectionType: 'ALL' } },
    ],
  },
  {
    TableName: TABLES.stores,
    ...key('storeId'),
    AttributeDefinitions: attributes({ storeId: 'S', part: 'N' }),
    GlobalSecondaryIndexes: [
      {
        IndexName: 'list',
        ...key('part', 'storeId'),
        Projection: {
          ProjectionType: 'INCLUDE',
          NonKeyAttributes: [
            ...['firstSeenAt', 'region', 'groups', 'placedRegion', 'placedGroups'],
            ...['adriftBook', 'expectedBook', 'adriftSince', 'isAdrift'],
          ],
        },
      },
    ],
  },
  { TableName: TABLES.inbox, ...key('s', 'a'), AttributeDefinitions: attributes({ s: 'N', a: 'S' }) },
  {
    TableName: TABLES.receipts,
    ...key('updateShard', 'part'),
    AttributeDefinitions: attributes({ updateShard: 'S', part: 'S' }),
  },
  {
    TableName: TABLES.sales,
    ...key('k', 'm'),
    AttributeDefinitions: attributes({ k: 'S', m: 'S', b: 'S' }),
    GlobalSecondaryIndexes: [
      {
        IndexName: 'byBucket',
        ...key('b', 'm'),
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['n', 'a', 'q', 'r'] },
      },
    ],
  },
  {
    TableName: TABLES.hours,
    ...key('monthBucket', 'hourPart'),
    AttributeDefinitions: attributes({ monthBucket: 'S', hourPart: 'S' }),
  },
  {
    TableName: TABLES.staged,
    ...key('kind', 'id'),
    AttributeDefinitions: attributes({ kind: 'S', id: 'S', open: 'S' }),
    GlobalSecondaryIndexes: [
      { IndexName: 'open', ...key('open', 'id'), Projection: { ProjectionType: 'KEYS_ONLY' } },
    ],
  },
];

/** Starts it for the tests of one file; it ends after the last of them. */
export async function startAws(): Promise<Aws> {
  const directory = mkdtempSync(join(tmpdir(), 'storecast-aws-'));
  const tables = await TableService.open(join(directory, 'tables'), definitions);
  const keys = new KeyService(join(directory, 'keys'), [
    { keyId: KEY_ID, arn: `arn:aws:kms:::key/${KEY_ID}` },
  ]);
  const recorded = { messages: [], events: [], posts: [], closed: [], invocations: [] };
  const aws = { ...recorded, statusOf: () => 200, faultOf: () => undefined } as unknown as Aws;
  aws.reset = () => {
    for (const list of [aws.messages, aws.events, aws.posts, aws.closed, aws.invocations]) list.length = 0;
    aws.statusOf = () => 200;
    aws.faultOf = () => undefined;
  };
  const server = createServer((incoming, response) => {
    serve(aws, tables, keys, incoming, response).catch(error => response.destroy(error));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  aws.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = {
    endpoint: aws.endpoint,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
  aws.dynamodb = new DynamoDBClient(config);
  aws.kms = new KMSClient(config);
  afterAll(async () => {
    aws.dynamodb.destroy();
    aws.kms.destroy();
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
    await tables.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return aws;
}

/** Puts into the environment what the stack and Lambda would: handlers make their clients of it at their first event. */
export function enterEnvironment({ endpoint }: Aws, shards = 3, membersPerWorker = 10_000): void {
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'local',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    [Environment.connectionsTable]: TABLES.connections,
    [Environment.connectionShards]: String(shards),
    [Environment.updatesTable]: TABLES.updates,
    [Environment.currentTable]: TABLES.current,
    [Environment.storesTable]: TABLES.stores,
    [Environment.inboxTable]: TABLES.inbox,
    [Environment.receiptsTable]: TABLES.receipts,
    [Environment.receiptShards]: '8',
    [Environment.fleetParts]: shards % 8 === 0 ? '8' : '1',
    [Environment.salesTable]: TABLES.sales,
    [Environment.hoursTable]: TABLES.hours,
    [Environment.stagedTable]: TABLES.staged,
    [Environment.salesBuckets]: '8',
    [Environment.oldestSaleDays]: '400',
    [Environment.salesDays]: '400',
    [Environment.restingReportSeconds]: '60',
    [Environment.watchedReportMs]: '1000',
    [Environment.retentionDays]: '30',
    [Environment.gatewayEndpoint]: `${endpoint}/prod`,
    [Environment.storeEndpoint]: 'wss://line.test/prod',
    [Environment.tokenKeyIds]: KEY_ID,
    [Environment.deadLetterQueueUrl]: `${endpoint}/1/${DEAD_LETTERS}`,
    [Environment.redeliveryQueueUrl]: `${endpoint}/1/${REDELIVERY}`,
    [Environment.redeliveryDeadLetterQueueUrl]: `${endpoint}/1/${GIVEN_UP}`,
    [Environment.eventBusName]: BUS,
    [Environment.outboundBusName]: OUTBOUND_BUS,
    [Environment.outboundEvents]: OUTBOUND_TYPES.join(' '),
    [Environment.outboundDeadLetterQueueUrl]: `${endpoint}/1/${OUTBOUND_DEAD_LETTERS}`,
    [Environment.messageTopics]: '*',
    [Environment.allowedOrigins]: ALLOWED_ORIGIN,
    [Environment.postsPerSecond]: '10000',
    [Environment.postBurst]: '10000',
    [Environment.membersPerWorker]: String(membersPerWorker),
    [Environment.stage]: 'test',
    AWS_LAMBDA_FUNCTION_NAME: 'this-function',
  });
}

async function serve(
  aws: Aws,
  tables: TableService,
  keys: KeyService,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const request = await readWhole(incoming);
  const [service = '', operation = ''] = request.headers['x-amz-target']?.split('.') ?? [];
  const isInvocation = request.path === '/2015-03-31/functions/this-function/invocations';
  const fault = aws.faultOf(isInvocation ? 'Invoke' : operation);
  if (fault === 'refuse') return answer(response, jsonResponse(400, { __type: 'AccessDeniedException' }));
  if (fault === 'throttle')
    return answer(response, jsonResponse(400, { __type: 'ProvisionedThroughputExceededException' }));
  const answered = await (service.startsWith('DynamoDB_')
    ? tables.handle(request)
    : service === 'TrentService'
      ? keys.handle(request)
      : service === ''
        ? isInvocation
          ? invocation(aws, request)
          : connections(aws, request)
        : takeDown(aws, operation, JSON.parse(request.body.toString())));
  if (fault === 'lose the answer') response.destroy();
  else answer(response, answered);
}

const CONNECTION_ERRORS: Record<number, string> = {
  403: 'ForbiddenException',
  410: 'GoneException',
  429: 'LimitExceededException',
};

async function connections(aws: Aws, { method, path, body }: HttpRequest): Promise<HttpResponse> {
  const connectionId = decodeURIComponent(path.split('/@connections/')[1] ?? '');
  const status = await aws.statusOf(connectionId, method);
  if (status !== 200) {
    return jsonResponse(status, {}, { 'x-amzn-errortype': CONNECTION_ERRORS[status] ?? 'InternalError' });
  }
  if (method === 'GET') return jsonResponse(200, {});
  if (method === 'DELETE') aws.closed.push(connectionId);
  else aws.posts.push({ connectionId, frame: JSON.parse(body.toString()) });
  return jsonResponse(method === 'DELETE' ? 204 : 200, {});
}

function invocation(aws: Aws, { body }: HttpRequest): HttpResponse {
  aws.invocations.push(JSON.parse(body.toString()));
  return jsonResponse(202, {});
}

interface SqsEntry {
  Id?: string;
  MessageBody: string;
  MessageAttributes?: Record<string, { StringValue?: string }>;
}

function takeDown(aws: Aws, operation: string, input: Record<string, unknown>): HttpResponse {
  if (operation === 'PutEvents') {
    const put = input.Entries as Record<string, string>[];
    aws.events.push(...put);
    return jsonResponse(200, { FailedEntryCount: 0, Entries: put.map(() => ({ EventId: 'event' })) });
  }
  const entries = (input.Entries ?? [input]) as SqsEntry[];
  for (const { MessageBody, MessageAttributes } of entries) {
    aws.messages.push({
      queue: basename(String(input.QueueUrl)),
      body: JSON.parse(MessageBody),
      code: MessageAttributes?.ERROR_CODE?.StringValue,
    });
  }
  // The SDK holds the digest against the body that it sent.
  const sent = entries.map(({ Id, MessageBody }) => ({
    Id,
    MessageId: 'm',
    MD5OfMessageBody: md5(MessageBody),
  }));
  return jsonResponse(200, { ...sent[0], Successful: sent });
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

async function readWhole(incoming: IncomingMessage): Promise<HttpRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const [path = '', query = ''] = (incoming.url ?? '').split('?');
  return {
    method: incoming.method ?? '',
    path,
    query,
    headers: incoming.headers as Record<string, string>,
    body: Buffer.concat(chunks),
    sourceIp: '127.0.0.1',
  };
}

function answer(response: ServerResponse, { status, headers, body }: HttpResponse): void {
  response.writeHead(status, headers);
  response.end(status === 204 ? undefined : body);
}
