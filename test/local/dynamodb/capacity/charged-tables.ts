/** A table with an index whose requests are charged, as the SDK sees it and as the bill does. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { awsLimits, type Limits } from '../../../../local/cloud-options.ts';
import { TableService } from '../../../../local/dynamodb/table-service.ts';
import { CountedUsage, type Counts } from '../../billing/counted-usage.ts';
import { callTables, type TableAnswer } from '../table-calls.ts';

export interface ChargedTable {
  call(operation: string, input: object): Promise<TableAnswer>;
  /** Read and write units since it was asked last. */
  charged(): Counts;
  /** Bytes that are stored and backed up by now. */
  stored(): { storedByte: number; backedUpByte: number };
  /** Lets time pass, for the partitions. */
  wait(seconds: number): void;
}

export const TABLE = 'Sales';

export async function openChargedTable(limits: Partial<Limits> = {}): Promise<ChargedTable> {
  const directory = mkdtempSync(join(tmpdir(), 'storecast-capacity-'));
  const usage = new CountedUsage();
  const stored = { storedByte: 0, backedUpByte: 0 };
  const taken = (): Counts => {
    const { storedByte = 0, backedUpByte = 0, ...charged } = usage.taken();
    stored.storedByte += storedByte;
    stored.backedUpByte += backedUpByte;
    return charged;
  };
  let now = Date.parse('2035-01-01T00:00:00Z');
  const string = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' });
  const key = (AttributeName: string, KeyType: string) => ({ AttributeName, KeyType });
  const tables = await TableService.open(
    join(directory, 'tables'),
    [
      {
        TableName: TABLE,
        isBackedUp: true,
        expiryAttribute: 'until',
        KeySchema: [key('k', 'HASH'), key('m', 'RANGE')],
        AttributeDefinitions: [string('k'), string('m'), string('day')],
        GlobalSecondaryIndexes: [
          {
            IndexName: 'days',
            KeySchema: [key('day', 'HASH')],
            Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['sum'] },
          },
        ],
      },
    ],
    {
      region: 'us-east-1',
      now: () => now,
      capacity: {
        usage,
        limits: { ...awsLimits, ...limits },
        now: () => now,
        tablesArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/',
      },
    },
  );
  onTestFinished(async () => {
    await tables.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return {
    call: (operation, input) =>
      callTables(tables, operation, 'RequestItems' in input ? input : { TableName: TABLE, ...input }),
    charged: taken,
    stored() {
      taken();
      return stored;
    },
    wait(seconds) {
      now += seconds * 1_000;
    },
  };
}

/** An item of so many bytes, in the index if it has a day. */
export function itemOf(k: string, bytes = 100, attributes: object = {}) {
  const keys = { k: { S: k }, m: { S: '1' } };
  const used = 1 + k.length + 2 + 'pad'.length;
  return { ...keys, pad: { S: 'x'.repeat(bytes - used) }, ...attributes };
}

export function keyOf(k: string) {
  return { k: { S: k }, m: { S: '1' } };
}
