/** A page as it is read here against the same page as the SDK reads it, from a server that answers what a test says. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient, QueryCommand, ResourceNotFoundException } from '@aws-sdk/client-dynamodb';
import { expect, it, onTestFinished } from 'vitest';
import { queryPage } from '../../../lambdas/aws/raw-query.ts';

const query = {
  TableName: 't',
  KeyConditionExpression: 's = :s',
  ExpressionAttributeValues: { ':s': { N: '0' } },
};

/** Gives its answers in turn, the last again and again. */
async function clientOf(...answers: [status: number, body: object][]): Promise<DynamoDBClient> {
  let asked = 0;
  const server = createServer((request, response) => {
    request.resume();
    const [status, body] = answers[Math.min(asked, answers.length - 1)] ?? [500, {}];
    asked += 1;
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
    const text = Buffer.from(JSON.stringify(body));
    // In pieces that cut a character of several bytes in two.
    for (let at = 0; at < text.length; at += 7) response.write(text.subarray(at, at + 7));
    response.end();
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'local',
    credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
  });
  onTestFinished(async () => {
    client.destroy();
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  });
  return client;
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

const binary = { b: { B: 'AP+A' }, s: { BS: ['AQ==', ''] }, m: { M: { deep: { L: [{ B: '/w==' }] } } } };

it.each([
  ['with more behind it', page],
  ['with binary attributes', { ...page, Items: [binary] }],
  ['that is the last', { Items: [], Count: 0, ScannedCount: 0 }],
  ['without items', { Count: 3, ScannedCount: 3 }],
])('a page %s is what the SDK makes of it', async (_title, answer) => {
  const client = await clientOf([200, answer]);
  const { Items = [], LastEvaluatedKey } = await client.send(new QueryCommand(query));
  expect(await queryPage(client, query)).toEqual({ items: Items, lastKey: LastEvaluatedKey });
});

it('is tried again by the SDK where DynamoDB is not well', async () => {
  const client = await clientOf([500, { __type: 'InternalServerError' }], [200, page]);
  expect((await queryPage(client, query)).items).toEqual(page.Items);
});

it('fails by the SDK’s own exceptions', async () => {
  const client = await clientOf([400, { __type: 'com.amazonaws#ResourceNotFoundException', message: 'no' }]);
  await expect(queryPage(client, query)).rejects.toThrow(ResourceNotFoundException);
});
