/** Requests and answers of ours against the SDK's, at a server that answers what a test says. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-dynamodb';
import { expect, it, onTestFinished } from 'vitest';
import { directly } from '../../../lambdas/aws/direct/direct-requests.ts';
import { parseAuthorization, verifySignature } from '../../../local/edge/sigv4.ts';

const query = {
  TableName: 't',
  KeyConditionExpression: 's = :s',
  ExpressionAttributeValues: { ':s': { N: '0' } },
};

type Answer = [status: number, body: object] | 'reset';

interface Asked {
  target: string;
  body: object;
  /** Which the SDK alone names. */
  isOfSdk: boolean;
}

/** Gives its answers in turn, the last again and again, to who has signed as AWS wants it. */
async function server(...answers: Answer[]): Promise<{ client: () => DynamoDBClient; asked: Asked[] }> {
  const asked: Asked[] = [];
  const listening = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const headers = request.headers as Record<string, string>;
    const signed = { method: 'POST', path: '/', query: '', headers, body, sourceIp: '' };
    const claims = parseAuthorization(signed);
    if (claims === undefined) throw new Error('it is not signed');
    verifySignature(signed, claims, 'secret', Date.now());
    const answer = answers[Math.min(asked.length, answers.length - 1)] ?? 'reset';
    asked.push({
      target: headers['x-amz-target'] ?? '',
      body: JSON.parse(body.toString()),
      isOfSdk: 'amz-sdk-request' in headers,
    });
    if (answer === 'reset') return void request.socket.destroy();
    response.writeHead(answer[0], { 'content-type': 'application/x-amz-json-1.0' });
    const text = Buffer.from(JSON.stringify(answer[1]));
    // In pieces that cut a character of several bytes in two.
    for (let at = 0; at < text.length; at += 7) response.write(text.subarray(at, at + 7));
    response.end();
  });
  await new Promise<void>(resolve => listening.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    listening.closeAllConnections();
    await new Promise(resolve => listening.close(resolve));
  });
  const client = () => {
    const made = new DynamoDBClient({
      endpoint: `http://127.0.0.1:${(listening.address() as AddressInfo).port}`,
      region: 'local',
      credentials: { accessKeyId: 'id', secretAccessKey: 'secret', sessionToken: 'session' },
    });
    onTestFinished(() => made.destroy());
    return made;
  };
  return { client, asked };
}

const page = {
  Items: [
    { m: { S: 'store#Zürich €' }, x: { N: '1790000000' }, g: { SS: ['city', 'mall'] } },
    { d: { M: { list: { L: [{ BOOL: true }, { NULL: true }, { NS: ['1', '2'] }] } } } },
  ],
  Count: 2,
  ScannedCount: 2,
  LastEvaluatedKey: { s: { N: '0' }, m: { S: 'store#Zürich €' } },
};

const binary = {
  b: { B: 'AP+A' },
  s: { BS: ['AQ==', ''] },
  m: { M: { B: { L: [{ B: '/w==' }] } } },
  BS: { S: '"B":' },
};

it.each([
  ['with more behind it', page],
  ['with binary attributes', { ...page, Items: [binary] }],
  ['that is the last', { Items: [], Count: 0, ScannedCount: 0 }],
  ['without items', { Count: 3, ScannedCount: 3 }],
])('a page %s is what the SDK makes of it', async (_title, answer) => {
  const { asked, client } = await server([200, answer]);
  const sdk = client();
  const ours = directly(client());
  const { $metadata: _, ...expected } = await sdk.send(new QueryCommand(query));
  await ours.send(new QueryCommand(query));
  expect(await ours.send(new QueryCommand(query))).toMatchObject(expected);
  expect(asked.map(({ isOfSdk }) => isOfSdk)).toEqual([true, true, false]);
});

it('what it asks for is what the SDK asks for', async () => {
  const { asked, client } = await server([200, {}]);
  const ours = directly(client());
  const bytes = new Uint8Array([0, 255, 128]);
  const Item = {
    k: { S: 'é' },
    b: { B: bytes },
    same: { B: Buffer.from(bytes) },
    no: { NULL: true as const },
  };
  const put = () =>
    ours.send(
      new PutItemCommand({ TableName: 't', Item, ConditionExpression: undefined, ReturnValues: 'ALL_OLD' }),
    );
  await put();
  await put();
  const [sdks, own] = asked;
  expect(own).toEqual({ ...sdks, isOfSdk: false });
});

it('a condition that fails is the SDK’s own exception, and is not tried again', async () => {
  const __type = 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException';
  const { asked, client } = await server([200, {}], [400, { __type, message: 'no' }]);
  const ours = directly(client());
  const put = () => ours.send(new PutItemCommand({ TableName: 't', Item: {} }));
  await put();
  await expect(put()).rejects.toThrow(ConditionalCheckFailedException);
  expect(asked).toHaveLength(2);
});

it.each<[string, Answer]>([
  ['DynamoDB is not well', [500, { __type: 'InternalServerError' }]],
  ['a partition is throttled', [400, { __type: 'ThrottlingException' }]],
  ['the socket died', 'reset'],
])('it is sent again by the SDK where %s', async (_title, fault) => {
  const { asked, client } = await server([200, {}], fault, [200, { Item: { k: { S: 'v' } } }]);
  const ours = directly(client());
  const get = () => ours.send(new GetItemCommand({ TableName: 't', Key: {} }));
  await get();
  expect((await get()).Item).toEqual({ k: { S: 'v' } });
  expect(asked.map(({ isOfSdk }) => isOfSdk)).toEqual([true, false, true]);
});

it('it is sent as often as by the SDK', async () => {
  const { asked, client } = await server([500, { __type: 'InternalServerError' }]);
  const [sdk, ours] = [client(), directly(client())];
  const attemptsOf = async (of: Pick<DynamoDBClient, 'send'>) => {
    const before = asked.length;
    const sent = of.send(new GetItemCommand({ TableName: 't', Key: {} }));
    await expect(sent).rejects.toMatchObject({ name: 'InternalServerError' });
    return asked.length - before;
  };
  const attempts = await attemptsOf(sdk);
  expect(attempts).toBeGreaterThan(1);
  // The first of them shows where to.
  await attemptsOf(ours);
  expect(await attemptsOf(ours)).toBe(attempts);
  expect(asked.at(-attempts)?.isOfSdk).toBe(false);
});

it('what is refused fails by the SDK’s own exceptions, and is not sent again', async () => {
  const __type = 'com.amazonaws#ResourceNotFoundException';
  const { asked, client } = await server([200, {}], [400, { __type, message: 'no' }]);
  const ours = directly(client());
  await ours.send(new QueryCommand(query));
  await expect(ours.send(new QueryCommand(query))).rejects.toThrow(ResourceNotFoundException);
  expect(asked).toHaveLength(2);
});
