/** Items whose keys in an index are alike are all in it, though dynalite tells them apart by 24 bits of a hash. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { TableService } from '../../../local/dynamodb/table-service.ts';
import { callTables } from './table-calls.ts';

/** Two keys that dynalite's hash makes one of. */
function alike(): [string, string] {
  const known = new Map<string, string>();
  for (let number = 0; ; number += 1) {
    const key = String(number);
    const hash = createHash('md5').update('Outliers').update(key).digest('hex').slice(0, 6);
    const other = known.get(hash);
    if (other !== undefined) return [other, key];
    known.set(hash, key);
  }
}

async function openTable(): Promise<(operation: string, input: object) => Promise<Record<string, unknown>>> {
  const directory = mkdtempSync(join(tmpdir(), 'storecast-index-'));
  const table = {
    TableName: 'Table',
    KeySchema: [{ AttributeName: 'k', KeyType: 'HASH' }],
    AttributeDefinitions: ['k', 'b'].map(AttributeName => ({ AttributeName, AttributeType: 'S' })),
    GlobalSecondaryIndexes: [
      {
        IndexName: 'Index',
        KeySchema: [{ AttributeName: 'b', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
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
    const { status, body } = await callTables(tables, operation, input);
    expect(status).toBe(200);
    return body;
  };
}

it('are both there, page by page, and not where they were once they are changed or gone', async () => {
  const call = await openTable();
  const [first, second] = alike();
  for (const k of [first, second])
    await call('PutItem', { TableName: 'Table', Item: { k: { S: k }, b: { S: 'minute' } } });
  const query = {
    TableName: 'Table',
    IndexName: 'Index',
    KeyConditionExpression: 'b = :b',
    ExpressionAttributeValues: { ':b': { S: 'minute' } },
  };
  const found: unknown[] = [];
  let ExclusiveStartKey: unknown;
  do {
    const { Items, LastEvaluatedKey } = await call('Query', { ...query, Limit: 1, ExclusiveStartKey });
    found.push(...(Items as { k: { S: string } }[]).map(({ k }) => k.S));
    ExclusiveStartKey = LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  expect(found.sort()).toEqual([first, second].sort());

  await call('PutItem', { TableName: 'Table', Item: { k: { S: first }, b: { S: 'another' } } });
  expect(await call('Query', query)).toMatchObject({ Items: [{ k: { S: second } }] });
  await call('DeleteItem', { TableName: 'Table', Key: { k: { S: second } } });
  expect(await call('Query', query)).toMatchObject({ Count: 0 });
});
