/** What dynalite's own listener did, done by ours. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { type TableDefinition, TableService } from '../../../local/dynamodb/table-service.ts';
import { callTables } from './table-calls.ts';

const table = (key: string): TableDefinition => ({
  TableName: 'table',
  AttributeDefinitions: [{ AttributeName: key, AttributeType: 'S' }],
  KeySchema: [{ AttributeName: key, KeyType: 'HASH' }],
});

async function openTables(): Promise<TableService> {
  const path = mkdtempSync(join(tmpdir(), 'tables-'));
  const tables = await TableService.open(path, [table('k')]);
  onTestFinished(async () => {
    await tables.close();
    rmSync(path, { recursive: true });
  });
  return tables;
}

it('knows a table no longer than it is there, and as it is', async () => {
  const tables = await openTables();
  const get = (Key: object) => callTables(tables, 'GetItem', { TableName: 'table', Key });
  const status = async () => (await callTables(tables, 'DescribeTable', { TableName: 'table' })).status;
  expect(await get({ k: { S: 'a' } })).toMatchObject({ status: 200 });
  await callTables(tables, 'DeleteTable', { TableName: 'table' });
  while ((await status()) === 200) await new Promise(resolve => setImmediate(resolve));
  expect(await get({ k: { S: 'a' } })).toMatchObject({
    status: 400,
    body: { __type: expect.stringContaining('#ResourceNotFoundException') },
  });
  await callTables(tables, 'CreateTable', { ...table('other'), BillingMode: 'PAY_PER_REQUEST' });
  while ((await get({ other: { S: 'a' } })).status !== 200)
    await new Promise(resolve => setImmediate(resolve));
  expect(await get({ k: { S: 'a' } })).toMatchObject({
    body: { __type: expect.stringContaining('#ValidationException') },
  });
});

it.each([
  ['an operation that there is not', 'ExecuteStatement', '{}', 'UnknownOperationException'],
  ['the name of an object’s member', 'constructor', '{}', 'UnknownOperationException'],
  ['no JSON', 'GetItem', '{', 'SerializationException'],
  ['nothing', 'GetItem', '', 'SerializationException'],
  ['JSON that is no object', 'GetItem', '[]', 'SerializationException'],
  ['another type', 'GetItem', '{"TableName":1}', 'SerializationException'],
  ['a value out of range', 'Query', '{"TableName":"table","Limit":0}', 'ValidationException'],
])('refuses %s as DynamoDB does', async (_what, operation, text, type) => {
  const tables = await openTables();
  const { body, headers, status } = await tables.handle({
    method: 'POST',
    path: '/',
    query: '',
    headers: { 'x-amz-target': `DynamoDB_20120810.${operation}` },
    body: Buffer.from(text),
    sourceIp: '127.0.0.1',
  });
  expect(status).toBe(400);
  expect(JSON.parse(String(body)).__type).toMatch(new RegExp(`#${type}$`));
  expect(headers['x-amzn-requestid']).toBeDefined();
});
