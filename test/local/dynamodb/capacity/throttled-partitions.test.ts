/** A partition key over its throughput, as a table on demand answers. */
import { describe, expect, it } from 'vitest';
import { awsLimits } from '../../../../local/cloud-options.ts';
import { Partitions } from '../../../../local/dynamodb/capacity/partitions.ts';
import { itemOf, keyOf, openChargedTable as open, TABLE } from './charged-tables.ts';

const KB = 1_024;
const limits = { partitionWrites: { rate: 10, burst: 20 }, partitionReads: { rate: 10, burst: 20 } };
const TYPE = 'com.amazonaws.dynamodb.v20120810#ThrottlingException';
const arn = (what: string) => `arn:aws:dynamodb:us-east-1:000000000000:table/${what}`;
const inIndex = (day: string) => ({ day: { S: day } });

describe('the writes of a partition key', () => {
  it('are refused above its burst, and taken again as it fills up', async () => {
    const table = await open(limits);
    const put = () => table.call('PutItem', { Item: itemOf('hot', 20 * KB) });
    expect((await put()).status).toBe(200);
    expect(await put()).toEqual({
      status: 400,
      body: {
        __type: TYPE,
        message: expect.stringContaining('check if you have a hot key'),
        throttlingReasons: [{ reason: 'TableWriteKeyRangeThroughputExceeded', resource: arn(TABLE) }],
      },
    });
    table.wait(1);
    expect((await put()).status).toBe(200);
    // It owes ten units now: a second brings it to nothing, no further.
    table.wait(1);
    expect((await put()).status).toBe(400);
    table.wait(0.1);
    expect((await put()).status).toBe(200);
  });

  it('are nothing to other keys', async () => {
    const table = await open(limits);
    await table.call('PutItem', { Item: itemOf('hot', 20 * KB) });
    expect((await table.call('PutItem', { Item: itemOf('cold', 20 * KB) })).status).toBe(200);
  });

  it('change and cost nothing when they are refused', async () => {
    const table = await open(limits);
    await table.call('PutItem', { Item: itemOf('hot', 20 * KB) });
    table.charged();
    await table.call('DeleteItem', { Key: keyOf('hot') });
    expect(table.charged()).toEqual({});
    expect((await table.call('GetItem', { Key: keyOf('hot') })).body).toHaveProperty('Item');
  });

  it('are throttled by an index of which they go to one key', async () => {
    const table = await open(limits);
    const put = (k: string, day: string) => table.call('PutItem', { Item: itemOf(k, 100, inIndex(day)) });
    for (let k = 0; k < 20; k += 1) expect((await put(`store-${k}`, 'mon')).status).toBe(200);
    expect(await put('store-20', 'mon')).toMatchObject({
      status: 400,
      body: {
        __type: TYPE,
        message: expect.stringContaining('for one or more global secondary indexes'),
        throttlingReasons: [
          { reason: 'IndexWriteKeyRangeThroughputExceeded', resource: arn(`${TABLE}/index/days`) },
        ],
      },
    });
    expect((await put('store-20', 'tue')).status).toBe(200);
  });

  it('are throttled before their condition is answered', async () => {
    const table = await open(limits);
    await table.call('PutItem', { Item: itemOf('hot', 20 * KB) });
    const { body } = await table.call('PutItem', {
      Item: itemOf('hot'),
      ConditionExpression: 'attribute_not_exists(k)',
    });
    expect(body.__type).toBe(TYPE);
  });

  it('are left unprocessed in a batch, and fail it if all are', async () => {
    const table = await open(limits);
    await table.call('PutItem', { Item: itemOf('hot', 20 * KB) });
    const hot = { PutRequest: { Item: itemOf('hot') } };
    const gone = { DeleteRequest: { Key: { ...keyOf('hot'), m: { S: '2' } } } };
    const cold = { PutRequest: { Item: itemOf('cold') } };
    const write = (requests: object[]) =>
      table.call('BatchWriteItem', { RequestItems: { [TABLE]: requests } });
    expect(await write([hot, cold, gone])).toEqual({
      status: 200,
      body: { UnprocessedItems: { [TABLE]: expect.arrayContaining([hot, gone]) } },
    });
    expect(await write([hot, gone])).toMatchObject({ status: 400, body: { __type: TYPE } });
  });
});

describe('the reads of a partition key', () => {
  const condition = { KeyConditionExpression: 'k = :k', ExpressionAttributeValues: { ':k': { S: 'hot' } } };

  it('are refused above its burst, by get and by query', async () => {
    const table = await open({ partitionReads: { rate: 10, burst: 20 } });
    await table.call('PutItem', { Item: itemOf('hot', 80 * KB) });
    const get = () => table.call('GetItem', { Key: keyOf('hot'), ConsistentRead: true });
    expect((await get()).status).toBe(200);
    const refused = {
      status: 400,
      body: {
        __type: TYPE,
        throttlingReasons: [{ reason: 'TableReadKeyRangeThroughputExceeded', resource: arn(TABLE) }],
      },
    };
    expect(await get()).toMatchObject(refused);
    expect(await table.call('Query', condition)).toMatchObject(refused);
    table.wait(0.1);
    expect((await table.call('Query', condition)).body.Count).toBe(1);
  });

  it('of an index are its own', async () => {
    const table = await open({ partitionReads: { rate: 0.25, burst: 0.25 } });
    await table.call('PutItem', { Item: itemOf('hot', 100, inIndex('mon')) });
    const query = () =>
      table.call('Query', {
        IndexName: 'days',
        KeyConditionExpression: '#day = :day',
        ExpressionAttributeNames: { '#day': 'day' },
        ExpressionAttributeValues: { ':day': { S: 'mon' } },
      });
    expect((await query()).status).toBe(200);
    expect((await query()).body.throttlingReasons).toEqual([
      { reason: 'IndexReadKeyRangeThroughputExceeded', resource: arn(`${TABLE}/index/days`) },
    ]);
    expect((await table.call('Query', condition)).status).toBe(200);
  });

  it('are left unprocessed in a batch, with how they were asked for', async () => {
    const table = await open({ partitionReads: { rate: 10, burst: 20 } });
    await table.call('PutItem', { Item: itemOf('hot', 80 * KB) });
    await table.call('PutItem', { Item: itemOf('cold', 100) });
    await table.call('GetItem', { Key: keyOf('hot'), ConsistentRead: true });
    const settings = {
      ConsistentRead: true,
      ProjectionExpression: '#k',
      ExpressionAttributeNames: { '#k': 'k' },
    };
    const read = (...keys: string[]) =>
      table.call('BatchGetItem', { RequestItems: { [TABLE]: { Keys: keys.map(keyOf), ...settings } } });
    expect((await read('hot', 'cold')).body).toEqual({
      Responses: { [TABLE]: [{ k: { S: 'cold' } }] },
      UnprocessedKeys: { [TABLE]: { Keys: [keyOf('hot')], ...settings } },
    });
    expect((await read('hot')).body.__type).toBe(TYPE);
  });
});

it.each([
  ['partitionWrites', 1_000],
  ['partitionReads', 3_000],
] as const)('%s are %i a second by default, and those of five minutes are saved up', (limit, rate) => {
  let now = 0;
  const partitions = new Partitions(awsLimits[limit], () => now);
  partitions.take('key', rate * 300 - 1);
  expect(partitions.has('key')).toBe(true);
  partitions.take('key', 1 + rate);
  now += 1_000;
  expect(partitions.has('key')).toBe(false);
  now += 1;
  expect(partitions.has('key')).toBe(true);
});

it('forgets partitions that are full again, and no others', () => {
  let now = 0;
  const partitions = new Partitions({ rate: 1, burst: 10 }, () => now);
  for (let key = 0; key < 10_000; key += 1) partitions.take(String(key), key === 0 ? 3_000 : 1);
  now += 1_000_000;
  partitions.take('another', 1);
  expect([partitions.size, partitions.has('0'), partitions.has('1')]).toEqual([2, false, true]);
});
