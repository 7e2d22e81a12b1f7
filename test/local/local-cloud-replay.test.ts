/** An archive's replay, as the rule hands it to the broadcast: PutEvents can't set an event's id, nor name a replay. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { expect, onTestFinished, test, vi } from 'vitest';
import { deadLetterOf } from '../contract/dead-letters.ts';
import { connectStore } from '../contract/store.ts';
import type { System } from '../contract/system.ts';
import { patience } from '../patience.ts';
import { bootCloud, synthesizedAssembly } from './booted-cloud.ts';

const detail = { prices: [{ sku: 'A', amount: 199, currency: 'EUR' }] };
const { Resources } = JSON.parse(
  readFileSync(join(synthesizedAssembly(), 'Storecast.template.json'), 'utf8'),
) as { Resources: Record<string, unknown> };
const logicalId = (pattern: RegExp) => Object.keys(Resources).find(id => pattern.test(id)) ?? '';
const FunctionName = `Storecast-${logicalId(/^BroadcastFunction[0-9A-F]{8}$/)}`;
const TableName = `Storecast-${logicalId(/^TablesUpdatesTable/)}`;

function replays({ outputs }: System): (id: string) => Promise<unknown> {
  const { AwsEndpointUrl: endpoint = '', Region: region = '' } = outputs;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new LambdaClient({ endpoint, region, credentials });
  onTestFinished(() => client.destroy());
  return id => {
    const event = {
      id,
      'detail-type': 'PriceChanged',
      source: 'marketing',
      detail,
      'replay-name': 'last-week',
    };
    const Payload = JSON.stringify(event);
    return client.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload }));
  };
}

test('a replay changes nothing while its update is remembered, and is refused once it is forgotten', async () => {
  const { system, logs } = await bootCloud();
  const replay = replays(system);
  const store = await connectStore(system);
  const id = await system.publish('PriceChanged', detail);
  await store.update(id);
  await vi.waitFor(() => expect(logs.join('\n')).toMatch(`"broadcast","timestamp"`), patience(9_000));

  await replay(id);
  await vi.waitFor(() => expect(logs.join('\n')).toContain('update repeated'), patience(9_000));

  // As DynamoDB's TTL does, by and by.
  const { tables } = system.clients;
  const { Items = [] } = await tables.send(new ScanCommand({ TableName }));
  const item = Items.find(({ channel }) => channel?.S === `id/${id}`);
  expect(item).toBeDefined();
  await tables.send(
    new DeleteItemCommand({ TableName, Key: { channel: { S: `id/${id}` }, position: { N: '0' } } }),
  );
  await replay(id);
  expect((await deadLetterOf(system, id)).reason).toMatch(/^replay last-week brings an update that is not/);

  const next = await system.publish('PriceChanged', detail);
  expect(await store.update(next)).toMatchObject({ positions: { all: 2 } });
  expect(store.updateIds).toEqual([id, next]);
});
