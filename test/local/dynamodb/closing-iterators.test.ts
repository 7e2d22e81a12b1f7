/** A query leaves nothing open in the database under it: LevelDB's memory once grew with each, until the process ended. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { TableService } from '../../../local/dynamodb/table-service.ts';
import { callTables } from './table-calls.ts';

const require = createRequire(createRequire(import.meta.url).resolve('dynalite'));
const { AbstractLevel } = require('abstract-level');

async function openTable(): Promise<(operation: string, input: object) => Promise<unknown>> {
  const directory = mkdtempSync(join(tmpdir(), 'storecast-iterators-'));
  const table = {
    TableName: 'Table',
    KeySchema: [
      { AttributeName: 'k', KeyType: 'HASH' },
      { AttributeName: 's', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: ['k', 's'].map(AttributeName => ({ AttributeName, AttributeType: 'S' })),
  };
  const tables = await TableService.open(join(directory, 'tables'), [table], {
    region: 'us-east-1',
    now: Date.now,
  });
  onTestFinished(async () => {
    await tables.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return async (operation, input) => {
    const { status, body } = await callTables(tables, operation, { TableName: 'Table', ...input });
    expect(status).toBe(200);
    return body;
  };
}

const OF_A = { KeyConditionExpression: 'k = :k', ExpressionAttributeValues: { ':k': { S: 'a' } } };

it.each<[string, string, object]>([
  ['a query', 'Query', OF_A],
  ['a query that ends before its range does', 'Query', { ...OF_A, Limit: 2 }],
  ['a query from the end', 'Query', { ...OF_A, ScanIndexForward: false, Limit: 1 }],
  ['a scan', 'Scan', {}],
  ['a part of a scan', 'Scan', { Limit: 1 }],
])('%s leaves no iterator open', async (_, operation, input) => {
  const call = await openTable();
  for (const s of ['1', '2', '3', '4']) await call('PutItem', { Item: { k: { S: 'a' }, s: { S: s } } });
  const opened = vi.spyOn(AbstractLevel.prototype, 'attachResource');
  const closed = vi.spyOn(AbstractLevel.prototype, 'detachResource');
  onTestFinished(() => void vi.restoreAllMocks());
  await call(operation, input);
  expect(opened).toHaveBeenCalled();
  const isOpen = ([iterator]: unknown[]) => !closed.mock.calls.some(([other]) => other === iterator);
  await vi.waitFor(() => expect(opened.mock.calls.filter(isOpen)).toHaveLength(0));
});
