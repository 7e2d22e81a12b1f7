/** The bill of a whole cloud, as a program of this machine reads it. */
import {
  DescribeTableCommand,
  ListTablesCommand,
  PutItemCommand,
  ThrottlingException,
} from '@aws-sdk/client-dynamodb';
import { ListQueuesCommand } from '@aws-sdk/client-sqs';
import { expect, test, vi } from 'vitest';
import type { Bill } from '../../local/billing/priced-usage.ts';
import { createClock } from '../../local/cloud-clock.ts';
import { connect } from '../contract/store.ts';
import { bootCloud } from './booted-cloud.ts';

vi.setConfig({ testTimeout: 60_000 });

test('everything that a store, a publisher and an operator do is on it', async () => {
  const clock = createClock();
  const { cloud, system } = await bootCloud({ clock });
  const read = async () => {
    const response = await fetch(new URL('/_local/bill', system.awsEndpoint));
    return (await response.json()) as Bill;
  };
  const before = await read();
  const token = await system.mintToken({ role: 'store', storeId: '0001', region: 'north', groups: [] });
  const store = await connect(system, { token });
  await store.ping();
  await system.publish('PriceChanged', { prices: [{ sku: '1', amount: 199, currency: 'EUR' }] });
  await store.next(({ type }) => type === 'update');
  await system.request('GET', 'stores');
  await system.clients.queues.send(new ListQueuesCommand({}));
  clock.advance(60_000);
  const after = await read();

  const count = (bill: Bill, name: string) => bill.items.find(({ item }) => item === name)?.count ?? 0;
  const grown = Object.fromEntries(
    after.items.map(({ item }) => [item, count(after, item) - count(before, item)]),
  );
  expect(grown['connection minutes']).toBeGreaterThanOrEqual(1);
  expect(grown['messages of 32 KB']).toBeGreaterThanOrEqual(3);
  expect(grown['HTTP requests']).toBe(1);
  expect(grown['events of 64 KB']).toBe(1);
  expect(grown['key requests']).toBeGreaterThanOrEqual(1);
  // Four idle pollers of the redelivery queue in a minute, and one request.
  expect(grown['queue requests']).toBeGreaterThanOrEqual(13);
  for (const item of ['invocations', 'GB-seconds', 'write units', 'read units', 'bytes of logs'])
    expect([item, grown[item]]).toEqual([item, expect.any(Number)]);
  expect(after.seconds).toBeGreaterThanOrEqual(before.seconds + 60);
  expect(after.dollars).toBeCloseTo(
    after.items.reduce((sum, item) => sum + item.dollars, 0),
    12,
  );
  expect(cloud.bill().items.map(({ item }) => item)).toEqual(after.items.map(({ item }) => item));
});

test('a partition key over its throughput is throttled, which the SDK knows', async () => {
  const { system } = await bootCloud({ limits: { partitionWrites: { rate: 0, burst: 1 } } });
  const { tables } = system.clients;
  const { TableNames = [] } = await tables.send(new ListTablesCommand({}));
  const TableName = TableNames.find(name => name.includes('Receipts'));
  const { Table } = await tables.send(new DescribeTableCommand({ TableName }));
  const [hash = '', range = ''] = (Table?.KeySchema ?? []).map(({ AttributeName = '' }) => AttributeName);
  const put = (store: string) =>
    tables.send(new PutItemCommand({ TableName, Item: { [hash]: { S: 'update' }, [range]: { S: store } } }));
  await put('0001');
  const refusal = await put('0002').then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(refusal).toBeInstanceOf(ThrottlingException);
  expect(refusal).toMatchObject({
    // It was tried again, as throttles are.
    $metadata: { attempts: expect.toSatisfy((attempts: number) => attempts > 1) },
    throttlingReasons: [
      {
        reason: 'TableWriteKeyRangeThroughputExceeded',
        resource: `arn:aws:dynamodb:us-east-1:000000000000:table/${TableName}`,
      },
    ],
  });
});
