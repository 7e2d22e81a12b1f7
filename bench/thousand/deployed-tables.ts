/**
 * The stack's tables in dynalite, a process of its own, and queues that take everything. The registry holds as many lines as it
 * is told.
 */
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { BatchWriteItemCommand, CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { chunks } from '../../domain/chunks.ts';
import { readAssembly } from '../../local/assembly/assembly.ts';
import { answerQuestions } from '../processes.ts';

// CommonJS without types; in memory, as it comes.
const dynalite = createRequire(import.meta.url)('dynalite') as (options: object) => Server;
const [assemblyDirectory = ''] = process.argv.slice(2);
const { template } = readAssembly(assemblyDirectory);
const registry = Object.keys(template.Resources).find(id => id.startsWith('TablesConnectionsTable')) ?? '';
const BATCH = 25;
const FAR_AWAY = 4_102_444_800;

type Definition = Pick<
  ConstructorParameters<typeof CreateTableCommand>[0],
  'AttributeDefinitions' | 'GlobalSecondaryIndexes' | 'KeySchema'
>;

/** They have the names of their logical ids. */
async function createTables(client: DynamoDBClient): Promise<void> {
  for (const [TableName, { Type, Properties }] of Object.entries(template.Resources)) {
    if (Type !== 'AWS::DynamoDB::GlobalTable') continue;
    const { AttributeDefinitions, GlobalSecondaryIndexes, KeySchema } = Properties as Definition;
    await client.send(
      new CreateTableCommand({
        TableName,
        AttributeDefinitions,
        KeySchema,
        ...(GlobalSecondaryIndexes && {
          GlobalSecondaryIndexes: GlobalSecondaryIndexes.map(({ IndexName, KeySchema, Projection }) => ({
            IndexName,
            KeySchema,
            Projection,
          })),
        }),
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
  }
}

/** Lines of the first shard, as the registry writes them (lambdas/registry/connection-items.ts). */
async function enter(client: DynamoDBClient, from: number, members: number): Promise<void> {
  const indexes = Array.from({ length: members - from }, (_, index) => from + index);
  for (const batch of chunks(indexes, BATCH)) {
    const requests = batch.map(index => ({
      PutRequest: {
        Item: {
          s: { N: '0' },
          m: { S: `store#${String(index).padStart(5, '0')}` },
          c: { S: `L0SM9c${String(index).padStart(9, '0')}=` },
          x: { N: String(FAR_AWAY) },
        },
      },
    }));
    await client.send(new BatchWriteItemCommand({ RequestItems: { [registry]: requests } }));
  }
}

const database = dynalite({ createTableMs: 0 });
const server = createServer((request, response) => {
  if (!String(request.headers['x-amz-target']).startsWith('AmazonSQS')) {
    database.emit('request', request, response);
    return;
  }
  request.resume();
  response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
  response.end(JSON.stringify({ Successful: [], Failed: [] }));
});
let client: DynamoDBClient | undefined;
let entered = 0;

answerQuestions(async (question: 'start' | { hold: number }) => {
  if (question !== 'start') {
    if (client !== undefined) await enter(client, entered, question.hold);
    entered = question.hold;
    return;
  }
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
  });
  await createTables(client);
  return endpoint;
});
