/** What strangers, odd clients and broken requests meet at the one port, on a small template. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingMessage, type RequestOptions, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { PurgeQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalCloud, startLocalCloud } from '../../../local/local-cloud.ts';
import { type Credentials, signedCall } from '../signed-call.ts';
import { writeSmallAssembly } from '../small-assembly.ts';

const directory = mkdtempSync(join(tmpdir(), 'storecast-edge-'));
const errors: string[] = [];
let cloud: LocalCloud;
let endpoint = '';

beforeAll(async () => {
  const assemblyDirectory = writeSmallAssembly(mkdtempSync(join(directory, 'assembly-')));
  cloud = await startLocalCloud({
    assemblyDirectory,
    dataDirectory: join(directory, 'data'),
    port: 0,
    onError: message => errors.push(message),
  });
  endpoint = cloud.outputs.AwsEndpointUrl ?? '';
});
afterAll(async () => {
  await cloud.stop();
  rmSync(directory, { recursive: true, force: true });
  expect(errors).toEqual([]);
});

/** By Node's own client, which sends what headers it is told to. */
async function send(path: string, options: RequestOptions = {}, body = ''): Promise<IncomingMessage> {
  const sent = request(new URL(path, endpoint), options);
  sent.end(body);
  const [response] = await once(sent, 'response');
  return response as IncomingMessage;
}

describe('the Host header', () => {
  const hosts = (port: string) => [
    `127.0.0.1:${port}`,
    `localhost:${port}`,
    `[::1]:${port}`,
    'LOCALHOST',
    `127.8.9.1:${port}`,
    'api.localhost:1',
  ];

  it('of this machine is answered, through whatever port it came', async () => {
    for (const host of hosts(new URL(endpoint).port)) {
      expect((await send('/_local/metrics', { headers: { host } })).statusCode, host).toBe(200);
    }
  });

  it.each([
    'evil.example',
    'evil.example:4566',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'notlocalhost',
    '10.0.0.1',
    '127.0.0.1@evil.example',
    '[::2]:80',
  ])('%j is refused, for HTTP and for a WebSocket, signed or not', async host => {
    const signed = {
      authorization: 'AWS4-HMAC-SHA256 Credential=local',
      'x-amz-target': 'AWSEvents.PutEvents',
    };
    for (const headers of [{ host }, { host, ...signed }, { host, 'sec-fetch-site': 'same-origin' }]) {
      const response = await send('/_local/metrics', { headers });
      expect([response.statusCode, await text(response)]).toEqual([403, expect.stringMatching(/loopback/)]);
    }
    expect((await send('/live', { headers: { host, ...upgradeTo('websocket') } })).statusCode).toBe(403);
  });
});

const upgradeTo = (protocol: string) => ({
  connection: 'Upgrade, HTTP2-Settings',
  upgrade: protocol,
  'http2-settings': 'AAMAAABkAAQCAAAAAAIAAAAA',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
});

describe('an offer to upgrade', () => {
  it.each([
    ['h2c', 'GET', ''],
    ['h2c', 'POST', 'a body'],
    ['h2c', 'POST', 'x'.repeat(300_000)],
    ['TLS/1.2', 'PUT', 'another'],
  ])('to %s beside a %s is ignored, as a server may', async (protocol, method, body) => {
    const headers = { ...upgradeTo(protocol), 'content-type': 'text/plain', 'content-length': body.length };
    const response = await send('/echo/a?b=c', { method, headers }, body);
    expect(response.statusCode).toBe(200);
    const event = JSON.parse(await text(response)).event;
    expect(event).toMatchObject({
      rawPath: '/echo/a',
      rawQueryString: 'b=c',
      requestContext: { http: { method } },
    });
    expect(event.body ?? '').toBe(body);
  });

  it('is ignored on a connection that is used again, too', async () => {
    for (let turn = 0; turn < 3; turn += 1) {
      expect((await send('/echo/again', { headers: upgradeTo('h2c') })).statusCode).toBe(200);
    }
  });
});

describe('a signed request that is no request', () => {
  const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
  const targets = [
    ...['BatchGetItem', 'BatchWriteItem', 'CreateTable', 'DeleteItem', 'DeleteTable', 'DescribeTable'],
    ...['DescribeTimeToLive', 'GetItem', 'ListTables', 'PutItem', 'Query', 'Scan', 'TagResource'],
    ...['UntagResource', 'ListTagsOfResource', 'UpdateItem', 'UpdateTable'],
  ].map(operation => `DynamoDB_20120810.${operation}`);
  targets.push(
    'AWSEvents.PutEvents',
    'AWSEvents.TestEventPattern',
    'TrentService.Sign',
    'TrentService.GetPublicKey',
  );
  targets.push('AmazonSQS.SendMessage', 'AmazonSQS.SendMessageBatch', 'AmazonSQS.ListQueues');

  it.each(targets)('%s is told so, whatever its body is', async target => {
    for (const body of ['null', '[]', '5', '"x"', '{', '', '['.repeat(20_000), deep(20_000)]) {
      const { status, text } = await signedCall(endpoint, { target, body });
      expect([status, text], body.slice(0, 9)).toEqual([
        400,
        expect.stringMatching(/SerializationException/),
      ]);
    }
  });

  it.each([
    ['AWSEvents.PutEvents', { Entries: [null] }],
    ['AWSEvents.PutEvents', { Entries: 5 }],
    ['AWSEvents.TestEventPattern', { EventPattern: '{"a":[1]}', Event: 'null' }],
    ['AWSEvents.TestEventPattern', { EventPattern: '{"a":[1]}', Event: deep(5_000) }],
    ['AWSEvents.TestEventPattern', { EventPattern: deep(5_000), Event: '{}' }],
    ['AWSEvents.TestEventPattern', { EventPattern: 5, Event: {} }],
    ['TrentService.Sign', { KeyId: {}, Message: 5 }],
    ['AmazonSQS.SendMessageBatch', { QueueUrl: 'q', Entries: {} }],
    ['AmazonSQS.SendMessage', { QueueUrl: 5 }],
    ['AmazonSQS.GetQueueUrl', { QueueName: ['q'] }],
  ])('%s of %j is told so', async (target, input) => {
    expect((await signedCall(endpoint, { target, body: JSON.stringify(input) })).status).toBe(400);
  });

  it('is an entry of PutEvents: a detail nested 5,000 deep, a time that is none', async () => {
    const entry = { EventBusName: 'small', Source: 's', DetailType: 't', Detail: '{}' };
    const Entries = [{ ...entry, Detail: deep(5_000) }, { ...entry, Time: 1e300 }, entry];
    const { text } = await signedCall(endpoint, {
      target: 'AWSEvents.PutEvents',
      body: JSON.stringify({ Entries }),
    });
    expect(JSON.parse(text)).toMatchObject({
      FailedEntryCount: 2,
      Entries: [
        { ErrorCode: 'MalformedDetail' },
        { ErrorCode: 'InvalidArgument' },
        { EventId: expect.any(String) },
      ],
    });
  });

  it.each([
    'constructor.X',
    '__proto__.X',
    'toString.Sign',
    'AmazonSQS.constructor',
    'AWSEvents.',
    'AWSEvents',
    'DynamoDB_20120810.GetItem.x',
  ])('%s is an operation that nobody has', async target => {
    const { status, text } = await signedCall(endpoint, { target, body: '{}' });
    expect([status, text]).toEqual([404, expect.stringMatching(/UnknownOperationException/)]);
  });

  it('is an invocation with a payload nested 20,000 deep', async () => {
    const path = '/2015-03-31/functions/Small-Echo/invocations';
    const { status, text } = await signedCall(endpoint, { target: '', body: deep(20_000), path });
    expect([status, text]).toEqual([400, expect.stringMatching(/deeper/)]);
  });
});

describe("a function's role", () => {
  async function credentials(): Promise<Credentials> {
    return JSON.parse(await text(await send('/echo/credentials'))).credentials;
  }
  const key = { k: { S: 'x' } };

  it.each<[string, string, (own: string, other: string) => object]>([
    [
      'an empty batch beside it',
      'DynamoDB_20120810.GetItem',
      (_, other) => ({ TableName: other, Key: key, RequestItems: {} }),
    ],
    [
      "a batch of its own table's beside it",
      'DynamoDB_20120810.GetItem',
      (own, other) => ({ TableName: other, Key: key, RequestItems: { [own]: {} } }),
    ],
    [
      'its own table beside a batch',
      'DynamoDB_20120810.BatchGetItem',
      (own, other) => ({ TableName: own, RequestItems: { [other]: { Keys: [key] } } }),
    ],
    ['nothing at all', 'DynamoDB_20120810.BatchGetItem', () => ({ RequestItems: {} })],
    ['no list of tables', 'DynamoDB_20120810.ListTables', () => ({})],
    [
      'its own queue beside the name of another',
      'AmazonSQS.GetQueueUrl',
      (own, other) => ({ QueueUrl: `http://x/0/${own}Queue`, QueueName: `${other}Queue` }),
    ],
    [
      'its own queue beside a new one',
      'AmazonSQS.CreateQueue',
      own => ({ QueueUrl: `http://x/0/${own}Queue`, QueueName: 'new' }),
    ],
    ['its own queue beside all', 'AmazonSQS.ListQueues', own => ({ QueueUrl: `http://x/0/${own}Queue` })],
    [
      'its own queue in front of another',
      'AmazonSQS.SendMessage',
      (own, other) => ({ QueueUrl: `http://x/${own}Queue/${other}Queue/`, MessageBody: 'x' }),
    ],
    ['no key', 'TrentService.Sign', () => ({})],
  ])('gives no more with %s', async (_, target, inputOf) => {
    const { OwnTable = '', OtherTable = '' } = cloud.outputs;
    const body = JSON.stringify(inputOf(OwnTable, OtherTable));
    const { status, text } = await signedCall(endpoint, { target, body, credentials: await credentials() });
    expect([status, text]).toEqual([400, expect.stringMatching(/AccessDeniedException/)]);
  });

  it('gives what it says', async () => {
    const { OwnTable: TableName, OwnQueueUrl: QueueUrl } = cloud.outputs;
    const calls: [string, object][] = [
      ['DynamoDB_20120810.GetItem', { TableName, Key: key }],
      ['DynamoDB_20120810.BatchGetItem', { RequestItems: { [TableName ?? '']: { Keys: [key] } } }],
      ['AmazonSQS.SendMessage', { QueueUrl, MessageBody: 'x' }],
      ['AmazonSQS.PurgeQueue', { QueueUrl }],
    ];
    for (const [target, input] of calls) {
      const call = { target, body: JSON.stringify(input), credentials: await credentials() };
      expect(await signedCall(endpoint, call), target).toMatchObject({ status: 200 });
    }
  });
});

describe('queues', () => {
  it('are listed by addresses that answer, and messages are what was sent', async () => {
    const config = {
      region: 'us-east-1',
      endpoint,
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    };
    const queues = new SQSClient(config);
    const { text } = {
      text: (await signedCall(endpoint, { target: 'AmazonSQS.ListQueues', body: '{}' })).text,
    };
    const urls: string[] = JSON.parse(text).QueueUrls;
    expect(urls).toEqual([
      `${endpoint}/000000000000/Small-OtherQueue`,
      `${endpoint}/000000000000/Small-OwnQueue`,
    ]);
    const QueueUrl = urls[0] ?? '';
    const MessageBody = '{"QueueUrl":"http://sqs.us-east-1.localhost/000000000000/Small-OtherQueue"}';
    await queues.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    const { Messages } = await queues.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
    expect(Messages?.[0]?.Body).toBe(MessageBody);
    await queues.send(new PurgeQueueCommand({ QueueUrl }));
    queues.destroy();
  });
});

describe('@connections', () => {
  it.each([
    ['/live/@connections/L0SM9cOFvHcCIhw%3D', 410],
    ['/live/@connections/nobody', 400],
    ['/dead/@connections/L0SM9cOFvHcCIhw%3D', 403],
    ['/@connections/L0SM9cOFvHcCIhw%3D', 403],
    ['/%40connections/L0SM9cOFvHcCIhw%3D', 403],
  ])('of %s answers %d', async (path, status) => {
    expect((await signedCall(endpoint, { target: '', body: '{}', path })).status).toBe(status);
  });
});

describe('the HTTP API', () => {
  it.each([
    ['HEAD', '/only', 404],
    ['POST', '/only', 404],
    ['OPTIONS', '/only', 404],
    ['GET', '/only', 200],
    ['HEAD', '/echo/x', 200],
    ['PATCH', '/echo/x', 200],
    ['DELETE', '/nowhere', 404],
  ])('answers %s %s by its routes: %d', async (method, path, status) => {
    const response = await send(path, { method });
    expect(response.statusCode).toBe(status);
    const body = await text(response);
    if (method === 'HEAD') expect(body).toBe('');
    else if (status === 404) expect(body).toBe('{"message":"Not Found"}');
  });
});
