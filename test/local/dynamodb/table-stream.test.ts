/** What a table's stream tells of its writes, and that nobody else notices it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { TableService } from '../../../local/dynamodb/table-service.ts';
import type { StreamRecord, StreamViewType } from '../../../local/dynamodb/table-stream.ts';
import { callTables } from './table-calls.ts';

const NOW = Date.parse('2035-01-01T00:00:00.900Z');
const ARN = 'arn:aws:dynamodb:us-east-1:000000000000:table/Table/stream/2000-01-01T00:00:00.000';

interface Opened {
  records: StreamRecord[];
  call(operation: string, input: object): Promise<{ status: number; body: Record<string, unknown> }>;
  stop: () => void;
}

async function openTable(viewType: StreamViewType): Promise<Opened> {
  const directory = mkdtempSync(join(tmpdir(), 'storecast-stream-'));
  const table = (TableName: string) => ({
    TableName,
    KeySchema: [{ AttributeName: 'k', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'k', AttributeType: 'S' }],
  });
  const tables = await TableService.open(
    join(directory, 'tables'),
    [{ ...table('Table'), stream: { arn: ARN, viewType } }, table('Other')],
    { region: 'us-east-1', now: () => NOW },
  );
  onTestFinished(async () => {
    await tables.close();
    rmSync(directory, { recursive: true, force: true });
  });
  const records: StreamRecord[] = [];
  const stop = tables.stream(ARN)?.read({ written: record => void records.push(record) });
  if (stop === undefined) throw new Error('the table has no stream');
  return {
    records,
    stop,
    async call(operation, input) {
      const { status, body } = await callTables(tables, operation, { TableName: 'Table', ...input });
      // The stream follows its table by a moment.
      for (let turn = 0; turn < 3; turn += 1) await new Promise(resolve => setImmediate(resolve));
      return { status, body };
    },
  };
}

const key = (k: string) => ({ k: { S: k } });
const item = (k: string, n: number) => ({ ...key(k), n: { N: String(n) } });
const add = (k: string, n: number) => ({
  Key: key(k),
  UpdateExpression: 'SET n = if_not_exists(n, :zero) + :n',
  ExpressionAttributeValues: { ':n': { N: String(n) }, ':zero': { N: '0' } },
});
/** By JSON, as a function gets them. */
const told = (records: readonly StreamRecord[]) =>
  records.map(({ dynamodb: { Keys, NewImage, OldImage }, eventName }) =>
    JSON.parse(JSON.stringify({ eventName, Keys, OldImage, NewImage })),
  );

describe('a stream of both images', () => {
  let table: Opened;
  beforeEach(async () => {
    table = await openTable('NEW_AND_OLD_IMAGES');
  });

  it('tells what came, what changed and what went, with the items before and after', async () => {
    await table.call('PutItem', { Item: item('a', 1) });
    await table.call('PutItem', { Item: item('a', 2) });
    await table.call('UpdateItem', add('a', 3));
    await table.call('UpdateItem', add('b', 7));
    await table.call('DeleteItem', { Key: key('a') });
    const [a, b] = [{ Keys: key('a') }, { Keys: key('b') }];
    expect(told(table.records)).toEqual([
      { ...a, eventName: 'INSERT', NewImage: item('a', 1) },
      { ...a, eventName: 'MODIFY', OldImage: item('a', 1), NewImage: item('a', 2) },
      { ...a, eventName: 'MODIFY', OldImage: item('a', 2), NewImage: item('a', 5) },
      { ...b, eventName: 'INSERT', NewImage: item('b', 7) },
      { ...a, eventName: 'REMOVE', OldImage: item('a', 5) },
    ]);
  });

  it('tells the parts of a batch', async () => {
    await table.call('PutItem', { Item: item('a', 1) });
    await table.call('BatchWriteItem', {
      RequestItems: {
        Table: [{ PutRequest: { Item: item('b', 2) } }, { DeleteRequest: { Key: key('a') } }],
        Other: [{ PutRequest: { Item: item('c', 3) } }],
      },
    });
    expect(told(table.records.slice(1))).toEqual(
      expect.arrayContaining([
        { Keys: key('b'), eventName: 'INSERT', NewImage: item('b', 2) },
        { Keys: key('a'), eventName: 'REMOVE', OldImage: item('a', 1) },
      ]),
    );
    expect(table.records).toHaveLength(3);
  });

  it('is worded as Lambda words it', async () => {
    await table.call('PutItem', { Item: item('a', 1) });
    expect(table.records).toEqual([
      {
        eventID: expect.stringMatching(/^[0-9a-f]{32}$/),
        eventName: 'INSERT',
        eventVersion: '1.1',
        eventSource: 'aws:dynamodb',
        awsRegion: 'us-east-1',
        eventSourceARN: ARN,
        dynamodb: {
          ApproximateCreationDateTime: Math.floor(NOW / 1000),
          Keys: key('a'),
          NewImage: item('a', 1),
          SequenceNumber: expect.stringMatching(/^\d{21}$/),
          SizeBytes: expect.any(Number),
          StreamViewType: 'NEW_AND_OLD_IMAGES',
        },
      },
    ]);
  });

  it.each<[string, string, object]>([
    [
      'a put of the same item, its set in another order',
      'PutItem',
      { Item: { g: { SS: ['y', 'x'] }, ...key('a') } },
    ],
    ['an update to the same value', 'UpdateItem', { Key: key('a'), UpdateExpression: 'SET g = g' }],
    ['a delete of what is not there', 'DeleteItem', { Key: key('z') }],
    [
      'a put whose condition fails',
      'PutItem',
      { Item: item('a', 9), ConditionExpression: 'attribute_not_exists(k)' },
    ],
    ['a write to another table', 'PutItem', { TableName: 'Other', Item: item('a', 1) }],
    ['a read', 'GetItem', { Key: key('a') }],
  ])('tells nothing of %s', async (_, operation, input) => {
    await table.call('PutItem', { Item: { ...key('a'), g: { SS: ['x', 'y'] } } });
    await table.call(operation, input);
    expect(table.records).toHaveLength(1);
  });

  it.each<[string, object, object]>([
    ['a set that grew', { g: { SS: ['x'] } }, { g: { SS: ['x', 'y'] } }],
    ['another member of a set', { g: { SS: ['x', 'y'] } }, { g: { SS: ['x', 'z'] } }],
    [
      'a list in another order',
      { g: { L: [{ S: 'x' }, { S: 'y' }] } },
      { g: { L: [{ S: 'y' }, { S: 'x' }] } },
    ],
    ['a map within a map', { g: { M: { a: { M: {} } } } }, { g: { M: { a: { M: { b: { N: '1' } } } } } }],
    ['another type', { g: { S: '1' } }, { g: { N: '1' } }],
    ['an attribute by another name', { g: { S: '1' } }, { h: { S: '1' } }],
  ])('tells of %s', async (_, before, after) => {
    await table.call('PutItem', { Item: { ...key('a'), ...before } });
    await table.call('PutItem', { Item: { ...key('a'), ...after } });
    expect(table.records).toHaveLength(2);
  });

  it('tells the writes of one item in their order, however many run at once', async () => {
    await Promise.all(Array.from({ length: 40 }, () => table.call('UpdateItem', add('a', 1))));
    await vi.waitFor(() => expect(table.records).toHaveLength(40));
    const steps = told(table.records).map(({ NewImage, OldImage }) => [OldImage?.n.N, NewImage.n.N]);
    expect(steps).toEqual(
      Array.from({ length: 40 }, (_, index) => [index === 0 ? undefined : String(index), String(index + 1)]),
    );
    const numbers = table.records.map(({ dynamodb }) => dynamodb.SequenceNumber);
    expect(numbers).toEqual([...numbers].sort());
  });

  it('tells a write after it can be read', async () => {
    const read = new Promise(resolve => {
      const { push } = table.records;
      table.records.push = (...added) => {
        resolve(table.call('GetItem', { Key: key('a'), ConsistentRead: true }));
        return push.apply(table.records, added);
      };
    });
    await table.call('PutItem', { Item: item('a', 1) });
    expect(await read).toMatchObject({ body: { Item: item('a', 1) } });
  });

  it('changes nothing of what callers are answered', async () => {
    expect((await table.call('PutItem', { Item: item('a', 1) })).body).toEqual({});
    expect((await table.call('UpdateItem', add('a', 1))).body).toEqual({});
    const old = await table.call('PutItem', { Item: item('a', 5), ReturnValues: 'ALL_OLD' });
    expect(old.body).toEqual({ Attributes: item('a', 2) });
    const changed = await table.call('UpdateItem', { ...add('a', 1), ReturnValues: 'UPDATED_NEW' });
    expect(changed.body).toEqual({ Attributes: { n: { N: '6' } } });
    expect((await table.call('DeleteItem', { Key: key('a') })).body).toEqual({});
  });

  it('tells nothing to who no longer reads', async () => {
    table.stop();
    await table.call('PutItem', { Item: item('a', 1) });
    expect(table.records).toEqual([]);
  });
});

it.each<[StreamViewType, object]>([
  ['KEYS_ONLY', {}],
  ['NEW_IMAGE', { NewImage: item('a', 2) }],
  ['OLD_IMAGE', { OldImage: item('a', 1) }],
])('a stream of %s tells no more than that', async (viewType, images) => {
  const { call, records } = await openTable(viewType);
  await call('PutItem', { Item: item('a', 1) });
  await call('PutItem', { Item: item('a', 2) });
  expect(told(records.slice(1))).toEqual([{ eventName: 'MODIFY', Keys: key('a'), ...images }]);
});
