/** Dead letters as the operator reads them and sends them again, from the queues of the local cloud. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteItemCommand, ListTablesCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { expect, test, vi } from 'vitest';
import type { Template } from '../../local/assembly/assembly.ts';
import { outboundEvents } from '../contract/outbound.ts';
import { connectStore } from '../contract/store.ts';
import { openSystem, unique } from '../contract/system.ts';
import { synthesizedAssembly } from '../local/booted-cloud.ts';
import { patience } from '../patience.ts';
import { fileOf, storecast } from './storecast.ts';

const system = await openSystem();
const outputs = fileOf('outputs.json', JSON.stringify({ Storecast: system.outputs }));

interface Letter {
  id: string;
  queue: string;
  reason: string;
  body: string;
  at: string;
}

async function letters(...flags: string[]): Promise<{ items: Letter[]; exitCode: number; stderr: string }> {
  const { exitCode, stderr, stdout } = await storecast(['dead-letters', '--json', ...flags], outputs);
  return { ...(JSON.parse(stdout) as { items: Letter[] }), exitCode, stderr };
}

async function put(body: object | string, queue = 'DeadLetterQueueUrl'): Promise<void> {
  const QueueUrl = system.outputs[queue];
  const MessageBody = typeof body === 'string' ? body : JSON.stringify(body);
  await system.clients.queues.send(new SendMessageCommand({ QueueUrl, MessageBody }));
}

/** As if it had never been written. */
async function forgetState(channel: string): Promise<void> {
  const { tables } = system.clients;
  const { TableNames = [] } = await tables.send(new ListTablesCommand({}));
  const TableName = TableNames.find(name => name.includes('Current'));
  const { Items = [] } = await tables.send(new ScanCommand({ TableName }));
  for (const { channel: own, subject } of Items)
    if (own?.S === channel && subject)
      await tables.send(new DeleteItemCommand({ TableName, Key: { channel: own, subject } }));
}

function broadcastFunction(): string {
  const template = JSON.parse(
    readFileSync(join(synthesizedAssembly(), 'Storecast.template.json'), 'utf8'),
  ) as Template;
  return `Storecast-${Object.keys(template.Resources).find(id => /^BroadcastFunction[0-9A-F]{8}$/.test(id))}`;
}

function priceEvent(id: string, storeId: string) {
  const detail = { prices: [{ sku: 'A', amount: 1, currency: 'EUR' }], audience: { stores: [storeId] } };
  return { id, source: 'marketing', 'detail-type': 'PriceChanged', detail };
}

test('are listed whole, each once, and are there for the next reader at once', async () => {
  const ids = Array.from({ length: 35 }, () => unique('lost'));
  for (const id of ids) await put({ reason: `why ${id}`, event: priceEvent(id, 's') });
  for (let reading = 0; reading < 2; reading += 1) {
    const { exitCode, items, stderr } = await letters();
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const found = items.filter(({ body }) => ids.some(id => body.includes(id)));
    expect(found.map(({ reason }) => reason).sort()).toEqual(ids.map(id => `why ${id}`).sort());
    expect(found[0]).toMatchObject({
      id: expect.any(String),
      queue: expect.any(String),
      at: expect.stringMatching(/Z$/),
    });
  }
  await letters('--redrive');
});

// What a broadcast leaves to a further invocation of itself is no event, and once it was given up nothing brought it back.
test('of work that a function had left to itself are taken up where it was left', async () => {
  const store = await connectStore(system);
  const { storeId } = store;
  const updateId = unique('left');
  const prices = [{ sku: 'A', amount: 1, currency: 'EUR' }];
  await system.publish('PriceChanged', { updateId, prices, audience: { stores: [storeId] } });
  await store.update(updateId);
  const told = async () => {
    const answer = await system.request('GET', `stores/${storeId}/prices?sku=A`);
    return ((await answer.json()) as { items: object[] }).items.length;
  };
  await vi.waitUntil(async () => (await told()) === 1, { timeout: patience(10_000), interval: 20 });
  await forgetState(`store/${storeId}`);
  expect(await told()).toBe(0);
  const functionArn = `arn:aws:lambda:us-east-1:000000000000:function:${broadcastFunction()}:$LATEST`;
  await put({
    requestContext: { functionArn, condition: 'RetriesExhausted' },
    requestPayload: { state: { updateId, done: 0, depth: 5 } },
  });
  const { exitCode, stderr } = await letters('--redrive');
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  await vi.waitUntil(async () => (await told()) === 1, { timeout: patience(10_000), interval: 20 });
  expect((await letters()).items).toEqual([]);
});

test('are sent again though one of them cannot be, and what was sent is gone', async () => {
  const store = await connectStore(system);
  const [first, last] = [unique('first'), unique('last')];
  await put({ event: priceEvent(first, store.storeId) });
  await put('no JSON at all');
  await put({
    reason: 'too large',
    event: { id: unique('cut'), source: 'm', 'detail-type': 'PriceChanged' },
  });
  await put({ requestPayload: priceEvent(last, store.storeId) });
  const { exitCode, items, stderr } = await letters('--redrive');
  expect(exitCode).toBe(1);
  expect(items).toHaveLength(4);
  // Their ids differ from run to run, and with them the order of the lines.
  expect(
    stderr
      .trimEnd()
      .replaceAll(/letter \S+/g, 'letter')
      .split('\n')
      .sort(),
  ).toEqual([
    expect.stringMatching(/dead letter could not be published again: it holds no event$/),
    expect.stringMatching(/dead letter could not be published again: it holds no more than a part/),
  ]);
  for (const id of [first, last]) expect(await store.update(id)).toMatchObject({ kind: 'price.changed' });
  expect((await letters()).items.map(({ body }) => body).join()).not.toMatch(`${first}|${last}`);
});

test('of posts that were given up go to the redelivery queue again', async () => {
  await put({ members: [], update: unique('nothing') }, 'RedeliveryDeadLetterQueueUrl');
  const { items } = await letters();
  expect(items.map(({ reason }) => reason)).toContain('0 stores could not be posted to');
  await letters('--redrive');
  const queue = { QueueUrl: system.outputs.RedeliveryDeadLetterQueueUrl };
  const { Attributes } = await system.clients.queues.send(
    new GetQueueAttributesCommand({ ...queue, AttributeNames: ['ApproximateNumberOfMessages'] }),
  );
  expect(Attributes).toMatchObject({ ApproximateNumberOfMessages: '0' });
});

test('that a replay brought stay, for their prices are old', async () => {
  const event = { ...priceEvent(unique('old'), 's'), 'replay-name': 'last-week' };
  await put({ reason: 'replayed', event });
  await letters('--redrive');
  expect((await letters()).items.map(({ body }) => body).join()).toContain(event.id);
});

test('that speak to the terminal are printed as text', async () => {
  // Clears the screen; writes the clipboard; overwrites its line; begins a CSI in one sign; turns the writing around.
  const reason = 'sold\u001b[2J\u001b]52;c;aGk=\u0007out\rfine\u009b31m\u202ethgir';
  await put({ reason, event: { id: 'x' } });
  const { stdout } = await storecast(['dead-letters'], outputs);
  expect(stdout).toContain('sold\\u001b[2J\\u001b]52;c;aGk=\\u0007out\\u000dfine\\u009b31m\\u202ethgir');
  const { items } = await letters();
  expect(items.map(letter => letter.reason)).toContain(reason);
});

test('of the outbound bus are put there again; a place in a stream stays, with its reason', async () => {
  const messageId = unique('m');
  const detail = { storeId: 's', messageId, topic: 't', data: 1, receivedAt: '2026-12-01T08:00:00.000Z' };
  const event = { id: unique('lost'), source: 'storecast', 'detail-type': 'StoreMessage', detail };
  await put({ reason: 'Detail is malformed.', event }, 'OutboundDeadLetterQueueUrl');
  const place = { requestContext: { condition: 'EventAgeExceeded' }, DDBStreamBatchInfo: { batchSize: 3 } };
  await put(place, 'OutboundDeadLetterQueueUrl');
  const { exitCode, items, stderr } = await letters('--redrive');
  expect(items.map(({ reason }) => reason)).toEqual(
    expect.arrayContaining(['Detail is malformed.', 'EventAgeExceeded']),
  );
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining('the place of changes in a stream')]);
  const [again] = await outboundEvents(system, 'StoreMessage', found => found.messageId === messageId);
  expect(again?.detail).toEqual(detail);
  expect((await letters()).items.some(({ body }) => body.includes(messageId))).toBe(false);
});
