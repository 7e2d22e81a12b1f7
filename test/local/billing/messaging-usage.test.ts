/** What EventBridge and SQS bill. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createClock } from '../../../local/cloud-clock.ts';
import { EventBuses } from '../../../local/eventbridge/event-bus.ts';
import { EventSource } from '../../../local/sqs/event-source.ts';
import { QueueService } from '../../../local/sqs/queue-service.ts';
import { CountedUsage } from './counted-usage.ts';

const KB = 1_024;
let usage: CountedUsage;
beforeEach(() => {
  usage = new CountedUsage();
});

describe('EventBridge', () => {
  it('counts each event that a bus takes by 64 KB: 256 KB are four', () => {
    const database = new DatabaseSync(':memory:');
    onTestFinished(() => database.close());
    const buses = new EventBuses(['shop'], [], {
      database,
      clock: createClock(),
      account: '000000000000',
      region: 'us-east-1',
      usage,
      deliver: () => Promise.resolve(),
      sendToDeadLetterQueue: () => Promise.resolve(),
    });
    const event = (bytes: number, EventBusName = 'shop') => {
      const used = 'shop'.length + 'Sold'.length + '{"x":""}'.length;
      return {
        EventBusName,
        Source: 'shop',
        DetailType: 'Sold',
        Detail: JSON.stringify({ x: 'x'.repeat(bytes - used) }),
      };
    };
    buses.putEvents([event(100), event(256 * KB), event(64 * KB + 1)]);
    expect(usage.taken()).toEqual({ event: 1 + 4 + 2 });
    buses.putEvents([event(100, 'nowhere')]);
    expect(usage.taken()).toEqual({});
  });
});

describe('SQS', () => {
  const queueArn = 'arn:aws:sqs:us-east-1:000000000000:orders';

  async function openQueues(): Promise<QueueService> {
    const dataDirectory = mkdtempSync(join(tmpdir(), 'storecast-queues-'));
    const queues = await QueueService.open([{ name: 'orders', arn: queueArn, attributes: {} }], {
      dataDirectory,
      region: 'us-east-1',
      endpoint: 'http://127.0.0.1:4566',
      usage,
    });
    onTestFinished(async () => {
      await queues.close();
      rmSync(dataDirectory, { recursive: true, force: true });
    });
    return queues;
  }

  it('counts each request, a poll that finds nothing among them, and none for making the queues', async () => {
    const queues = await openQueues();
    expect(usage.taken()).toEqual({});
    await queues.call('ReceiveMessage', queueArn, {});
    expect(usage.taken()).toEqual({ queueRequest: 1 });
    await queues.send(queueArn, 'hello', { REASON: 'test' });
    expect(usage.taken()).toEqual({ queueRequest: 1 });
  });

  it('counts what is sent and what is received by 64 KB', async () => {
    const queues = await openQueues();
    await queues.call('SendMessage', queueArn, { MessageBody: 'x'.repeat(100 * KB) });
    expect(usage.taken()).toEqual({ queueRequest: 2 });
    await queues.call('ReceiveMessage', queueArn, {});
    expect(usage.taken()).toEqual({ queueRequest: 2 });
  });

  it("counts the polls of an event source's other four pollers while it runs", async () => {
    const queues = await openQueues();
    const definition = { queueArn, functionArn: 'f', batchSize: 1, reportsBatchItemFailures: false };
    const invoke = () => Promise.resolve({ payload: null });
    const source = new EventSource(definition, { queues, region: 'us-east-1', usage, invoke, log() {} });
    source.start();
    expect(usage.rates).toEqual({ queueRequest: 4 * 3 });
    source.stop();
    expect(usage.rates).toEqual({ queueRequest: 0 });
  });
});
