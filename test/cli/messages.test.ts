/** Messages and outbound events on the command line: published, listened to, and what stores say printed. */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { outboundEvents } from '../contract/outbound.ts';
import { connectStore } from '../contract/store.ts';
import { openSystem, unique } from '../contract/system.ts';
import { fileOf, spawnStorecast, storecast } from './storecast.ts';

const system = await openSystem();
const outputs = fileOf('outputs.json', JSON.stringify({ Storecast: system.outputs }));

test('a message from a file is published, and listen prints it and takes it', async () => {
  const storeId = unique('listening');
  const listening = spawnStorecast(['listen', storeId, '--json'], outputs);
  onTestFinished(() => void listening.kill('SIGKILL'));
  const line = once(createInterface(listening.stdout as Readable), 'line');
  await outboundEvents(system, 'StoreConnected', detail => detail.storeId === storeId);
  const file = fileOf('recall.json', JSON.stringify({ skus: ['A'] }));
  const publish = (...args: string[]) =>
    storecast(['publish', 'message', ...args, '--store', storeId], outputs);
  const said = await publish('recall', file, '--json', '--valid-until', '2099-01-01T00:00Z');
  const { updateId } = JSON.parse(said.stdout);
  expect(JSON.parse(String((await line)[0]))).toMatchObject({
    id: updateId,
    kind: 'message.published',
    validUntil: '2099-01-01T00:00:00.000Z',
    data: { topic: 'recall', data: { skus: ['A'] } },
  });
  const delivery = async () => (await system.request('GET', `updates/${updateId}/delivery`)).json();
  await expect.poll(delivery, { timeout: 20_000 }).toMatchObject({ applied: 1 });
  expect((await publish('recall', file, '--check')).stdout).toBe(
    `would send a message of topic recall to store ${storeId}\n`,
  );
  expect(await publish('no topic', file)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('topic: must be'),
  });
});

test('events prints what is on the outbound bus, whole or as it comes', async () => {
  const store = await connectStore(system);
  const following = spawnStorecast(['events', '--follow', '--json'], outputs);
  onTestFinished(() => void following.kill('SIGKILL'));
  const messageId = unique('m');
  store.send({ action: 'message', messageId, topic: 'stock-request', data: 'one\u001b[2J' });
  await store.answer();
  const isOurs = (event: { 'detail-type': string; detail: { messageId?: string } }) =>
    event['detail-type'] === 'StoreMessage' && event.detail.messageId === messageId;
  const detail = { storeId: store.storeId, topic: 'stock-request', data: 'one\u001b[2J' };
  for await (const line of createInterface(following.stdout as Readable)) {
    const event = JSON.parse(line);
    if (!isOurs(event)) continue;
    expect(event).toMatchObject({ source: 'storecast', detail });
    break;
  }
  const { items } = JSON.parse((await storecast(['events', '--json'], outputs)).stdout);
  expect(items.filter(isOurs)).toMatchObject([{ detail }]);
  // What a store said does not command the terminal.
  expect((await storecast(['events'], outputs)).stdout).not.toContain('\u001b');
});
