/** The bus's own policy decides, too: it denies what a role's policy allows. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { expect, test, vi } from 'vitest';
import { StorecastStack } from '../../lib/storecast-stack.ts';
import { connectStore } from '../contract/store.ts';
import type { System } from '../contract/system.ts';
import { removeBundlesAfterAll } from '../lib/own-bundles.ts';
import { patience } from '../patience.ts';
import { bootCloud, editedAssembly, temporaryDirectory } from './booted-cloud.ts';

removeBundlesAfterAll();
vi.setConfig({ testTimeout: patience(60_000) });

const { context } = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'cdk.json'), 'utf8'));
const price = { prices: [{ sku: 'A', amount: 199, currency: 'EUR' }] };

async function post(system: System): Promise<Response> {
  const token = await system.mintToken({ role: 'publisher', name: 'erp' });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ type: 'PriceChanged', detail: price });
  return fetch(new URL('updates', system.managementUrl), { method: 'POST', headers, body });
}

test('named publishers leave the management function its way to the bus, and the operator his', async () => {
  const assemblyDirectory = temporaryDirectory();
  const app = new App({ context, outdir: assemblyDirectory, analyticsReporting: false });
  new StorecastStack(app, 'Storecast', { publishers: ['arn:aws:iam::000000000000:role/marketing'] });
  app.synth();
  const { system } = await bootCloud({ assemblyDirectory });
  const store = await connectStore(system);
  const response = await post(system);
  expect(response.status).toBe(202);
  await store.update(((await response.json()) as { updateId: string }).updateId);
  await store.update(await system.publish('PriceChanged', price));
});

test('a function that the bus denies publishes nothing, whatever its role allows', async () => {
  const assemblyDirectory = editedAssembly(({ Resources }) => {
    const isBus = (id: string) => Resources[id]?.Type === 'AWS::Events::EventBus';
    const bus = Object.keys(Resources).find(id => isBus(id) && id.startsWith('Broadcast'));
    Resources.BusPolicy = {
      Type: 'AWS::Events::EventBusPolicy',
      Properties: {
        EventBusName: { Ref: bus },
        StatementId: 'OnlyNamedPublishers',
        Statement: {
          Effect: 'Deny',
          Principal: { AWS: '*' },
          Action: 'events:PutEvents',
          Resource: { 'Fn::GetAtt': [bus, 'Arn'] },
          Condition: { ArnNotEquals: { 'aws:PrincipalArn': ['arn:aws:iam::000000000000:role/marketing'] } },
        },
      },
    };
  });
  const { system, logs } = await bootCloud({ assemblyDirectory });
  expect((await post(system)).status).toBe(500);
  expect(logs.join('\n')).toMatch(
    /ManagementFunctionRole\S* is not authorized to perform: events:PutEvents on resource: \S+ with an explicit deny in a resource-based policy/,
  );
});
