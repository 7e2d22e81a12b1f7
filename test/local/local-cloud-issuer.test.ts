/** A stack that takes the tokens of another issuer: its stores and people beside our own. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { expect, test, vi } from 'vitest';
import { StorecastStack } from '../../lib/storecast-stack.ts';
import { connect, refusalOf } from '../contract/store.ts';
import { AUDIENCE, foreignToken, ISSUER, startIdentityProvider } from '../lambdas/identity/jwks.ts';
import { removeBundlesAfterAll } from '../lib/own-bundles.ts';
import { patience } from '../patience.ts';
import { bootCloud, temporaryDirectory } from './booted-cloud.ts';

removeBundlesAfterAll();
vi.setConfig({ testTimeout: patience(60_000) });

const { context } = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'cdk.json'), 'utf8'));
const provider = await startIdentityProvider();
const store = { role: 'store', sub: 'device-7', storeId: '0417', region: 'north' };

test('its tokens open lines and call the HTTP API, but are not traded for ours; without its keys all wait', async () => {
  const assemblyDirectory = temporaryDirectory();
  const app = new App({ context, outdir: assemblyDirectory, analyticsReporting: false });
  const issuer = { issuer: ISSUER, jwksUrl: provider.jwksUrl, audience: AUDIENCE };
  new StorecastStack(app, 'Storecast', issuer);
  app.synth();
  const { system } = await bootCloud({ assemblyDirectory });
  const token = await foreignToken({ claims: store });
  const manager = await foreignToken();

  provider.fault = response => response.writeHead(503).end();
  expect(await refusalOf(system, { token })).toBe(500);
  expect((await system.request('GET', 'stores', { token: manager })).status).toBe(500);
  // Our own hold meanwhile.
  expect((await system.request('GET', 'stores')).status).toBe(200);

  provider.fault = undefined;
  const line = await connect(system, { token });
  expect(await line.ping()).toMatchObject({ positions: { 'region/north': 0, 'store/0417': 0 } });
  expect((await system.request('GET', 'stores/0417', { token: manager })).status).toBe(200);
  expect((await system.request('GET', 'stores', { token })).status).toBe(403);
  const traded = await system.request('POST', 'token', { token });
  expect(traded.status).toBe(403);
  expect(await traded.json()).toMatchObject({ detail: 'the token is of another issuer, which renews it' });
  const forAnother = await foreignToken({ claims: { ...store, aud: 'payroll' } });
  expect(await refusalOf(system, { token: forAnother })).toBe(401);
});
