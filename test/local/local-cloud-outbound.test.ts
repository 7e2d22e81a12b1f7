/** What is to be on the outbound bus is there, whatever the local cloud goes through; and rules hand it on. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { expect, onTestFinished, test } from 'vitest';
import { Storecast } from '../../lib/storecast.ts';
import { outboundEvents, readOutbound } from '../contract/outbound.ts';
import { connectStore, type TestStore } from '../contract/store.ts';
import { describeSystem, type System, unique } from '../contract/system.ts';
import { sendRequestsToErp } from '../integrations.ts';
import { patience } from '../patience.ts';
import { bootCloud, synthesizedAssembly, temporaryDirectory } from './booted-cloud.ts';

async function spawnCloud(dataDirectory: string): Promise<{ child: ChildProcess; system: System }> {
  const script = join(import.meta.dirname, 'killable-cloud.ts');
  const child = spawn(process.execPath, [script, synthesizedAssembly(), dataDirectory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = await once(createInterface(child.stdout), 'line');
  return { child, system: describeSystem(JSON.parse(line)) };
}

const key = (storeId: string, saleId: string) => `${storeId}/${saleId}`;

/** Sells one sale after the other until the line breaks; answers those that were accepted. */
async function sellUntilKilled(store: TestStore & { storeId: string }, accepted: Set<string>): Promise<void> {
  for (let number = 1; ; number += 1) {
    const requestId = `q${number}`;
    const saleId = `S${number}`;
    const lines = [{ sku: 'A', quantity: 1, unitPrice: number }];
    const soldAt = new Date().toISOString();
    store.send({
      action: 'sales',
      requestId,
      sales: [{ saleId, soldAt, currency: 'EUR', total: number, lines }],
    });
    const answer = await Promise.race([store.next(frame => frame.requestId === requestId), store.closed]);
    if (!('type' in answer)) return;
    if (answer.type === 'sales.accepted') accepted.add(key(store.storeId, saleId));
  }
}

async function recorded(system: System): Promise<string[]> {
  const events = await readOutbound(system, 'SalesRecorded');
  return events.flatMap(({ detail }) =>
    detail.sales.map(({ saleId, storeId }: Record<string, string>) => key(String(storeId), String(saleId))),
  );
}

test('each sale that was accepted before a kill -9 is recorded, before or after it', {
  timeout: patience(90_000),
}, async () => {
  const dataDirectory = temporaryDirectory();
  const { child, system } = await spawnCloud(dataDirectory);
  const stores = await Promise.all(Array.from({ length: 6 }, () => connectStore(system)));
  const accepted = new Set<string>();
  const selling = stores.map(store => sellUntilKilled(store, accepted));
  // The first are recorded by then, others wait for their batch, and some are being written.
  await outboundEvents(system, 'SalesRecorded', () => true);
  const before = new Set(await recorded(system));
  child.kill('SIGKILL');
  await once(child, 'exit');
  await Promise.all(selling);
  // Or the test would prove nothing.
  expect([...accepted].filter(sale => !before.has(sale)).length).toBeGreaterThan(0);

  const { system: restarted } = await bootCloud({ dataDirectory });
  await expect
    .poll(
      async () => {
        const found = new Set(await recorded(restarted));
        return [...accepted].filter(sale => !found.has(sale));
      },
      { timeout: patience(60_000), interval: 200 },
    )
    .toEqual([]);
});

/** A chain's own stack: storecast, and the example of an ERP that hears what stores ask for. */
function assemblyWithErp(): string {
  const assemblyDirectory = temporaryDirectory();
  const app = new App({ outdir: assemblyDirectory, analyticsReporting: false });
  const stack = new Stack(app, 'Chain');
  const storecast = new Storecast(stack, 'Storecast');
  storecast.addOutputs();
  const queue = sendRequestsToErp(stack, storecast.outbound, '');
  new CfnOutput(stack, 'ErpQueueUrl', { value: queue.queueUrl });
  app.synth();
  return assemblyDirectory;
}

test("the example's rule hands what stores ask for to the ERP's queue", async () => {
  const assemblyDirectory = assemblyWithErp();
  const { errors, system } = await bootCloud({ assemblyDirectory });
  const store = await connectStore(system);
  const messageId = unique('m');
  for (const topic of ['small-talk', 'stock-request']) {
    store.send({ action: 'message', messageId, topic, data: { sku: 'A' } });
    await store.answer();
  }
  const { Messages = [] } = await system.clients.queues.send(
    new ReceiveMessageCommand({ QueueUrl: system.outputs.ErpQueueUrl, WaitTimeSeconds: 20 }),
  );
  expect(Messages.map(({ Body = '' }) => JSON.parse(Body))).toMatchObject([
    {
      source: 'storecast',
      'detail-type': 'StoreMessage',
      detail: { storeId: store.storeId, messageId, topic: 'stock-request', data: { sku: 'A' } },
    },
  ]);
  expect(errors).toEqual([]);
});
