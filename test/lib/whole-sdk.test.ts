/** With `-c bundleSdk=whole` the handlers carry the SDK as it is installed: a mended SDK waits for nothing of ours. */
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { afterAll, expect, it, vi } from 'vitest';
import { handlerBundle } from '../../lib/bundle/bundles.ts';
import { StorecastStack } from '../../lib/storecast-stack.ts';
import { connectStore } from '../contract/store.ts';
import { bootCloud, temporaryDirectory } from '../local/booted-cloud.ts';
import { removeBundlesAfterAll } from './own-bundles.ts';

removeBundlesAfterAll();
afterAll(() => rmSync(dirname(handlerBundle('connect', 'whole')), { recursive: true, force: true }));

// Bundles every handler twice, and boots a cloud.
vi.setConfig({ testTimeout: 90_000 });

const { context } = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'cdk.json'), 'utf8'));

function assemblyWith(bundleSdk: unknown): string {
  const outdir = temporaryDirectory();
  const app = new App({ context: { ...context, bundleSdk }, outdir, analyticsReporting: false });
  new StorecastStack(app, 'Storecast');
  app.synth();
  return outdir;
}

const bundleOf = (handler: string, sdk: 'lean' | 'whole') => join(handlerBundle(handler, sdk), 'index.cjs');

it('takes a price from the bus to a store, and its sales to head office', async () => {
  const { system } = await bootCloud({ assemblyDirectory: assemblyWith('whole') });
  const store = await connectStore(system);
  const updateId = await system.publish('PriceChanged', {
    prices: [{ sku: 'A', amount: 199, currency: 'EUR' }],
  });
  expect(await store.update(updateId)).toMatchObject({ kind: 'price.changed' });
  const line = { sku: 'A', quantity: 1, unitPrice: 199 };
  const sale = {
    saleId: 's-1',
    soldAt: new Date().toISOString(),
    currency: 'EUR',
    total: 199,
    lines: [line],
  };
  store.send({ action: 'sales', sales: [sale] });
  expect(await store.answer()).toMatchObject({ type: 'sales.accepted', saleIds: ['s-1'] });
  const sold = await system.request('GET', `stores/${store.storeId}/sales`);
  expect(await sold.json()).toMatchObject({ items: [{ saleId: 's-1' }] });
});

it.each(readdirSync(dirname(handlerBundle('broadcast', 'whole'))))(
  'imports %s, with all of the SDK',
  handler => {
    expect(createRequire(import.meta.url)(bundleOf(handler, 'whole')).handler).toBeTypeOf('function');
    expect(statSync(bundleOf(handler, 'whole')).size).toBeGreaterThan(
      statSync(bundleOf(handler, 'lean')).size,
    );
  },
);

it('refuses a word that it does not know', () => {
  expect(() => assemblyWith('all')).toThrow('bundleSdk is "all": it must be lean or whole');
});
