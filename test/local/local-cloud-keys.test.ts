/** The key that signs tokens is rotated under a running system: the same data directory, the next generation's template. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { expect, test, vi } from 'vitest';
import { StorecastStack } from '../../lib/storecast-stack.ts';
import { connect, refusalOf } from '../contract/store.ts';
import type { System } from '../contract/system.ts';
import { removeBundlesAfterAll } from '../lib/own-bundles.ts';
import { patience } from '../patience.ts';
import { bootCloud, temporaryDirectory } from './booted-cloud.ts';

removeBundlesAfterAll();
// Three boots, each with a synth before it.
vi.setConfig({ testTimeout: patience(90_000) });

const { context } = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'cdk.json'), 'utf8'));

function assemblyOf(tokenKeyGeneration: number): string {
  const outdir = temporaryDirectory();
  const app = new App({ context, outdir, analyticsReporting: false });
  new StorecastStack(app, 'Storecast', { tokenKeyGeneration });
  app.synth();
  return outdir;
}

/** Runs the system of one generation over what the earlier ones have left. */
async function inGeneration<T>(
  generation: number,
  dataDirectory: string,
  use: (system: System) => Promise<T>,
): Promise<T> {
  const { cloud, system } = await bootCloud({ dataDirectory, assemblyDirectory: assemblyOf(generation) });
  const result = await use(system);
  await cloud.stop();
  return result;
}

const store = { role: 'store', storeId: '0001', region: 'north', groups: [] } as const;

function kidOf(token: string): unknown {
  return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid;
}

test("tokens of the key before hold and are renewed by the newest; those of the key before that don't", async () => {
  const dataDirectory = temporaryDirectory();
  const first = await inGeneration(1, dataDirectory, system => system.mintToken(store));

  const second = await inGeneration(2, dataDirectory, async system => {
    const minted = await system.mintToken(store);
    expect(kidOf(minted)).toBe(system.outputs.TokenKeyId);
    expect(kidOf(minted)).not.toBe(kidOf(first));
    for (const token of [first, minted]) {
      const line = await connect(system, { token });
      expect(await line.ping()).toMatchObject({ type: 'pong' });
    }
    const response = await system.request('POST', 'token', { token: first });
    const { token: renewed } = (await response.json()) as { token: string };
    expect(kidOf(renewed)).toBe(system.outputs.TokenKeyId);
    return renewed;
  });

  await inGeneration(3, dataDirectory, async system => {
    expect(await refusalOf(system, { token: first })).toBe(401);
    expect(await refusalOf(system, { token: second })).toBeUndefined();
  });
});
