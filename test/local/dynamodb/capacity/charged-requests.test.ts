/** What requests are billed as, by DynamoDB's API and AWS's documented examples. */
import { beforeEach, describe, expect, it } from 'vitest';
import { type ChargedTable, itemOf, keyOf, openChargedTable, TABLE } from './charged-tables.ts';

const KB = 1_024;
let table: ChargedTable;
beforeEach(async () => {
  table = await openChargedTable();
});

async function put(...items: object[]): Promise<void> {
  for (const Item of items) await table.call('PutItem', { Item });
  table.charged();
}

describe('a write', () => {
  it('costs a unit for each KB of the item, rounded up', async () => {
    await table.call('PutItem', { Item: itemOf('a', 2 * KB) });
    expect(table.charged()).toEqual({ write: 2 });
    await table.call('PutItem', { Item: itemOf('b', 2 * KB + 1) });
    expect(table.charged()).toEqual({ write: 3 });
  });

  it('costs the larger of the items before and after', async () => {
    await put(itemOf('a', 5 * KB));
    await table.call('PutItem', { Item: itemOf('a', KB) });
    expect(table.charged()).toEqual({ write: 5 });
    await table.call('UpdateItem', {
      Key: keyOf('a'),
      UpdateExpression: 'SET more = :more',
      ExpressionAttributeValues: { ':more': { S: 'x'.repeat(3 * KB - 'more'.length) } },
    });
    expect(table.charged()).toEqual({ write: 4 });
  });

  it('costs a delete the size of what goes, and one unit where there was nothing', async () => {
    await put(itemOf('a', 3 * KB));
    await table.call('DeleteItem', { Key: keyOf('a') });
    expect(table.charged()).toEqual({ write: 3 });
    await table.call('DeleteItem', { Key: keyOf('a') });
    expect(table.charged()).toEqual({ write: 1 });
  });

  it('whose condition fails costs the size of the item that is there, or one unit', async () => {
    const condition = { ConditionExpression: 'attribute_exists(nowhere)' };
    await put(itemOf('a', 300 * KB));
    const { body } = await table.call('PutItem', { Item: itemOf('a', 310 * KB), ...condition });
    expect(body.__type).toMatch(/ConditionalCheckFailedException$/);
    expect(table.charged()).toEqual({ write: 300 });
    await table.call('PutItem', { Item: itemOf('new', 310 * KB), ...condition });
    expect(table.charged()).toEqual({ write: 1 });
    await table.call('PutItem', { Item: itemOf('a', 310 * KB) });
    expect(table.charged()).toEqual({ write: 310 });
  });

  it('costs its index what the index has of it', async () => {
    const inIndex = { day: { S: 'mon' }, sum: { N: '1' } };
    await table.call('PutItem', { Item: itemOf('a', 4 * KB, inIndex) });
    expect(table.charged()).toEqual({ write: 5 + 1 });
    const update = (name: string, value: object) =>
      table.call('UpdateItem', {
        Key: keyOf('a'),
        UpdateExpression: 'SET #name = :value',
        ExpressionAttributeNames: { '#name': name },
        ExpressionAttributeValues: { ':value': value },
      });
    await update('pad', { S: 'small' });
    expect(table.charged()).toEqual({ write: 5 });
    await update('sum', { N: '2' });
    expect(table.charged()).toEqual({ write: 1 + 1 });
    await update('day', { S: 'tue' });
    expect(table.charged()).toEqual({ write: 1 + 2 });
  });

  it('in a batch costs what it costs alone', async () => {
    await put(itemOf('b', 2 * KB));
    await table.call('BatchWriteItem', {
      RequestItems: {
        [TABLE]: [{ PutRequest: { Item: itemOf('a', 1.5 * KB) } }, { DeleteRequest: { Key: keyOf('b') } }],
      },
    });
    expect(table.charged()).toEqual({ write: 2 + 2 });
  });

  it('that is not valid costs nothing', async () => {
    const { status } = await table.call('PutItem', { Item: { k: { S: 'a' } } });
    expect([status, table.charged()]).toEqual([400, {}]);
  });
});

describe('what is stored', () => {
  it('is each item and 100 bytes, and as much again for its part of an index; backups are of the table', async () => {
    // 'day' + 'mon', the keys 'k' + 'a' and 'm' + '1', 'sum' + 2 bytes: all in the index
    const inIndex = { day: { S: 'mon' }, sum: { N: '1' } };
    const [item, entry] = [1_000 + 6 + 5 + 100, 6 + 4 + 5 + 100];
    await table.call('PutItem', { Item: itemOf('a', 1_000, inIndex) });
    expect(table.stored()).toEqual({ storedByte: item + entry, backedUpByte: item });
    await table.call('PutItem', { Item: itemOf('a', 1_500, inIndex) });
    expect(table.stored()).toEqual({ storedByte: item + 500 + entry, backedUpByte: item + 500 });
    await table.call('DeleteItem', { Key: keyOf('a') });
    expect(table.stored()).toEqual({ storedByte: 0, backedUpByte: 0 });
  });

  it('counts for the part of a month that it is kept', async () => {
    const days = (count: number) => ({
      until: { N: String(Date.parse('2035-01-01') / 1_000 + count * 86_400) },
    });
    const month = 365.25 / 12;
    const kept = async (count: number) => {
      const before = { ...table.stored() };
      await table.call('PutItem', { Item: itemOf(String(count), 1_000, days(count)) });
      return table.stored().backedUpByte - before.backedUpByte;
    };
    const [none, week, year] = [await kept(0), await kept(7), await kept(400)];
    expect(none).toBe(0);
    expect(year).toBeGreaterThan(1_000);
    expect(week / year).toBeCloseTo(7 / month, 2);
  });

  it('does not grow by what is refused', async () => {
    const condition = { ConditionExpression: 'attribute_exists(nowhere)' };
    await table.call('PutItem', { Item: itemOf('a', 1_000), ...condition });
    expect(table.stored()).toEqual({ storedByte: 0, backedUpByte: 0 });
  });
});

describe('a read', () => {
  it('costs half a unit for each 4 KB, and twice that if it is consistent', async () => {
    await put(itemOf('a', 10 * KB));
    await table.call('GetItem', { Key: keyOf('a') });
    expect(table.charged()).toEqual({ read: 1.5 });
    await table.call('GetItem', { Key: keyOf('a'), ConsistentRead: true });
    expect(table.charged()).toEqual({ read: 3 });
    await table.call('GetItem', { Key: keyOf('missing'), ConsistentRead: true });
    expect(table.charged()).toEqual({ read: 1 });
  });

  it('costs the whole item, whatever is projected of it', async () => {
    await put(itemOf('a', 10 * KB));
    await table.call('GetItem', { Key: keyOf('a'), ConsistentRead: true, ProjectionExpression: 'k' });
    expect(table.charged()).toEqual({ read: 3 });
  });

  it('in a batch is rounded up by itself: 1.5 KB and 6.5 KB are 12 KB', async () => {
    await put(itemOf('a', 1.5 * KB), itemOf('b', 6.5 * KB));
    const answer = await table.call('BatchGetItem', {
      RequestItems: { [TABLE]: { Keys: [keyOf('a'), keyOf('b')], ConsistentRead: true } },
      ReturnConsumedCapacity: 'TOTAL',
    });
    expect(table.charged()).toEqual({ read: 3 });
    expect(answer).toMatchObject({ body: { ConsumedCapacity: [{ CapacityUnits: 3 }] } });
  });

  const query = {
    KeyConditionExpression: 'k = :k',
    ExpressionAttributeValues: { ':k': { S: 'a' } },
    ConsistentRead: true,
  };
  const minutes = (count: number, bytes: number) =>
    Array.from({ length: count }, (_, minute) => ({ ...itemOf('a', bytes), m: { S: String(minute) } }));

  it('by a query is summed, and rounded up once: 8 items of 1 KB are 8 KB', async () => {
    await put(...minutes(8, KB), itemOf('other', 9 * KB));
    await table.call('Query', query);
    expect(table.charged()).toEqual({ read: 2 });
    await table.call('Query', { ...query, ConsistentRead: false });
    expect(table.charged()).toEqual({ read: 1 });
  });

  it('by a query costs what is read before the filter, no more than its page', async () => {
    await put(...minutes(8, KB));
    await table.call('Query', {
      ...query,
      FilterExpression: 'nowhere = :k',
      ProjectionExpression: 'k',
    });
    expect(table.charged()).toEqual({ read: 2 });
    await table.call('Query', { ...query, Limit: 4 });
    expect(table.charged()).toEqual({ read: 1 });
    await table.call('Query', { ...query, Select: 'COUNT' });
    expect(table.charged()).toEqual({ read: 2 });
  });

  it('by a query of an index costs what the index holds', async () => {
    const day = { day: { S: 'mon' }, sum: { N: '1' } };
    await put(itemOf('a', 20 * KB, day), itemOf('b', 20 * KB, day));
    const { body } = await table.call('Query', {
      IndexName: 'days',
      KeyConditionExpression: '#day = :day',
      ExpressionAttributeNames: { '#day': 'day' },
      ExpressionAttributeValues: { ':day': { S: 'mon' } },
    });
    expect([body.Count, table.charged()]).toEqual([2, { read: 0.5 }]);
  });

  it('by a scan costs all that it goes through', async () => {
    await put(itemOf('a', 3 * KB), itemOf('b', 6 * KB));
    await table.call('Scan', { ConsistentRead: true });
    expect(table.charged()).toEqual({ read: 3 });
  });
});
